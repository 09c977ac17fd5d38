package proxy_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// eventually looks again and again until something is so.
func eventually(t *testing.T, so func() bool) {
	t.Helper()
	end := time.Now().Add(20 * time.Second)
	for !so() {
		if time.Now().After(end) {
			t.Fatal("it was not so within 20s")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestHTTP2ClientLeaves(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string][]faults.Fault{
		"a delay":                nil,
		"a hang":                 {{Name: "f", Break: &faults.Break{How: faults.BreakHang}}},
		"an upstream that waits": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{})
			origin := newOrigin(t, func(_ http.ResponseWriter, r *http.Request) {
				close(asked)
				<-r.Context().Done()
			})
			r := newPlainHTTP2(t, origin)
			if fault == nil {
				fault = []faults.Fault{{Name: "f", Delay: delayAt(faults.SideBefore)}}
			}
			r.apply(fault...)
			ctx, cancel := context.WithCancel(t.Context())
			request, err := http.NewRequestWithContext(ctx, "GET", r.url+searchPath, nil)
			if err != nil {
				t.Fatal(err)
			}
			failed := make(chan error, 1)
			go func() {
				response, err := r.client.Do(request)
				if err == nil {
					response.Body.Close()
				}
				failed <- err
			}()
			if len(fault) > 0 {
				eventually(t, func() bool { return usesOf(r, "f").Held == 1 })
			} else {
				<-asked
			}
			cancel()
			if err := <-failed; !errors.Is(err, context.Canceled) {
				t.Errorf("client got %v, want context.Canceled", err)
			}
			a := r.wait(1)[0]
			if a.Status != 0 || len(fault) > 0 && a.Origin != observe.OriginInjected {
				t.Errorf("recorded %+v", a)
			}
			if a.End != observe.EndClientLeft {
				t.Errorf("recorded end %s, want %s", a.End, observe.EndClientLeft)
			}
			// The connection goes on.
			r.apply(answerFault("next", 404))
			if response, _ := r.do("GET", searchPath, nil); response.StatusCode != 404 {
				t.Errorf("the next stream got %d, want 404", response.StatusCode)
			}
			if next := r.wait(1)[0]; next.Conn != a.Conn || next.ConnUse != 2 {
				t.Errorf("the next stream is conn %d use %d, want the same connection", next.Conn, next.ConnUse)
			}
		})
	}
}

func TestHTTP2Drains(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault faults.Fault
		end   observe.End
	}{
		"a delay is released": {faults.Fault{Name: "f", Delay: delayAt(faults.SideBefore)}, observe.EndComplete},
		"a hang is released":  {faults.Fault{Name: "f", Break: &faults.Break{How: faults.BreakHang}}, observe.EndComplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newPlainHTTP2(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "whole") }))
			r.apply(test.fault)
			result := make(chan error, 1)
			go func() {
				_, body, err := fetchHTTP2(t, r, searchPath)
				if err == nil && body != "whole" {
					err = fmt.Errorf("got %q", body)
				}
				result <- err
			}()
			eventually(t, func() bool { return usesOf(r, "f").Held == 1 })
			r.stop()
			if err := <-result; err != nil {
				t.Error(err)
			}
			if a := r.wait(1)[0]; a.End != test.end || a.Status != 200 {
				t.Errorf("recorded %+v, want %s", a, test.end)
			}
		})
	}
}

func TestHTTP2SaysGoAway(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	r := newPlainHTTP2(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
		<-release
		fmt.Fprint(w, "whole")
	}))
	p := newPeer(t, r.addr)
	p.ask(1, "GET", searchPath)
	eventually(t, p.settled)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		r.stop()
	}()
	p.goAway()
	close(release)
	if head := p.head(1); head.PseudoValue("status") != "200" {
		t.Errorf("status is %q, want 200", head.PseudoValue("status"))
	}
	<-stopped
	if a := r.wait(1)[0]; a.End != observe.EndComplete {
		t.Errorf("recorded %+v, want it complete", a)
	}
}

func TestHTTP2IsCut(t *testing.T) {
	t.Parallel()
	for name, rig := range http2Ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked, leave := make(chan struct{}), make(chan struct{})
			origin := newOrigin(t, func(_ http.ResponseWriter, r *http.Request) {
				close(asked)
				select {
				case <-leave:
				case <-r.Context().Done():
				}
			})
			t.Cleanup(func() { close(leave) })
			r := rig(t, origin, drain(50))
			result := make(chan error, 1)
			go func() {
				_, _, err := fetchHTTP2(t, r, searchPath)
				result <- err
			}()
			<-asked
			r.stop()
			if err := <-result; err == nil {
				t.Error("client got an answer, want an error")
			}
			if a := r.wait(1)[0]; a.End != observe.EndBroken || a.Origin != observe.OriginOurs || a.Reason != "the proxy ended" {
				t.Errorf("recorded %+v, want it cut", a)
			}
		})
	}
}

func TestHTTP2UpstreamFails(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	r := newPlainHTTP2(t, closed.URL)
	response, body := r.do("POST", addPath, strings.NewReader("x"))
	want := http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "Content-Length": {fmt.Sprint(len(body))}, "Groovechaos-Failure": {"upstream_refused"}}
	if diff := cmp.Diff(want, response.Header); diff != "" || response.StatusCode != 502 {
		t.Errorf("got %d with header (-want +got):\n%s", response.StatusCode, diff)
	}
	if a := r.wait(1)[0]; a.Origin != observe.OriginOurs || a.Forwarded || a.Status != 502 {
		t.Errorf("recorded %+v, want our failure", a)
	}
}

func TestHTTP2UpstreamBreaksOff(t *testing.T) {
	t.Parallel()
	origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		if _, err := headLines(r); err == nil {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
		}
	})
	r := newPlainHTTP2(t, origin)
	status, body, err := fetchHTTP2(t, r, searchPath)
	if status != 200 || body != "half" || err == nil {
		t.Errorf("client got %d %q, %v; want half an answer and an error", status, body, err)
	}
	if a := r.wait(1)[0]; a.End != observe.EndBroken || a.Origin != observe.OriginUpstream || a.Reason != "the upstream broke off its answer" {
		t.Errorf("recorded %+v", a)
	}
}

func TestHTTP2Stalls(t *testing.T) {
	t.Parallel()
	stall := func(o *proxy.Options) { o.Stall = 50 * time.Millisecond }
	t.Run("the client's body", func(t *testing.T) {
		t.Parallel()
		r := newPlainHTTP2(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}), stall)
		in, out := io.Pipe()
		defer out.Close()
		request, err := http.NewRequestWithContext(t.Context(), "POST", r.url+addPath, in)
		if err != nil {
			t.Fatal(err)
		}
		response, err := r.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("Groovechaos-Failure"); response.StatusCode != 408 || got != "request_timeout" {
			t.Errorf("got %d %q, want 408 request_timeout", response.StatusCode, got)
		}
	})
	t.Run("the upstream's body", func(t *testing.T) {
		t.Parallel()
		r := newPlainHTTP2(t, newOrigin(t, func(w http.ResponseWriter, q *http.Request) {
			fmt.Fprint(w, "half")
			_ = http.NewResponseController(w).Flush()
			<-q.Context().Done()
		}), stall)
		if _, body, err := fetchHTTP2(t, r, searchPath); body != "half" || err == nil {
			t.Errorf("got %q, %v; want half an answer and an error", body, err)
		}
		if a := r.wait(1)[0]; a.End != observe.EndBroken || a.Origin != observe.OriginUpstream {
			t.Errorf("recorded %+v", a)
		}
	})
	t.Run("a client that does not read", func(t *testing.T) {
		t.Parallel()
		r := newPlainHTTP2(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, io.LimitReader(endless{}, 32<<20))
		}), stall)
		p := newPeer(t, r.addr)
		p.ask(1, "GET", searchPath)
		if a := r.wait(1)[0]; a.End != observe.EndBroken || a.Origin != observe.OriginOurs || a.Reason != "the client did not read its answer" {
			t.Errorf("recorded %+v", a)
		}
	})
}

func TestHTTP2HalfAFrameIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	r := newPlainHTTP2(t, newOrigin(t, func(http.ResponseWriter, *http.Request) {}), func(o *proxy.Options) { o.HeadTimeout = 50 * time.Millisecond })
	c, _ := r.dial()
	send(t, c, http2.ClientPreface+"\x00\x00\x00\x04\x00\x00\x00\x00\x00"+"\x00\x00\x20\x01")
	if _, err := io.Copy(io.Discard, c); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the connection did not end: %v", err)
	}
}

// An upstream that closes a connection which carried a request before may have
// done the work of the next one.
func TestHTTP2SendsNothingTwice(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method string
		body   io.Reader
		header []string
	}{
		"a GET":                           {"GET", nil, nil},
		"a DELETE with a key":             {"DELETE", nil, []string{"Idempotency-Key", "1"}},
		"an empty POST with a key":        {"POST", http.NoBody, []string{"Idempotency-Key", "1"}},
		"a POST with a key":               {"POST", strings.NewReader("x"), []string{"X-Idempotency-Key", "1"}},
		"an empty PUT that says its size": {"PUT", http.NoBody, []string{"Content-Length", "0", "Idempotency-Key", "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
				for {
					if _, err := headLines(r); err != nil {
						return
					}
					if asked.Add(1) > 1 {
						return
					}
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				}
			})
			r := newPlainHTTP2(t, origin)
			r.do("GET", searchPath, nil)
			response, _ := r.do(test.method, addPath, test.body, test.header...)
			if got := response.Header.Get("Groovechaos-Failure"); response.StatusCode != 502 || got != "upstream_closed" {
				t.Errorf("got %d %q, want 502 upstream_closed", response.StatusCode, got)
			}
			if got := asked.Load(); got != 2 {
				t.Errorf("the origin got %d requests, want 2", got)
			}
			if a := r.wait(2)[1]; !a.Forwarded || a.Origin != observe.OriginOurs {
				t.Errorf("recorded %+v, want our failure, forwarded", a)
			}
		})
	}
}
