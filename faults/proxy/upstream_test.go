package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// TestRequestThatMayHaveArrivedIsNotSentAgain: the upstream takes requests on
// kept connections and drops them, with a reset or in order, with a body or
// without. It counts.
func TestRequestThatMayHaveArrivedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for name, reset := range map[string]bool{"reset": true, "closed": false} {
		for kind, body := range map[string]string{"without a body": "", "with a body": "hello", "with a large one": strings.Repeat("x", 100_000)} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				var mu sync.Mutex
				seen := map[string]int{}
				rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
					for used := 0; ; used++ {
						lines, err := headLines(r)
						if err != nil {
							return
						}
						mu.Lock()
						seen[lines[0]]++
						mu.Unlock()
						if used == 2 {
							if reset {
								_ = c.(*net.TCPConn).SetLinger(0)
							}
							return
						}
						_, _ = io.CopyN(io.Discard, r, int64(len(body)))
						_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
					}
				}))
				c, r := rig.dial()
				failed := 0
				const requests = 30
				for i := range requests {
					send(t, c, fmt.Sprintf("POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", i, len(body), body))
					response, _, err := finalResponse(r)
					if err != nil {
						t.Fatalf("answer %d: %v", i+1, err)
					}
					if response.StatusCode == 502 {
						failed++
					}
				}
				if failed != requests/3 {
					t.Errorf("got %d failures, want %d", failed, requests/3)
				}
				mu.Lock()
				defer mu.Unlock()
				for line, n := range seen {
					if n != 1 {
						t.Errorf("the upstream saw %q %d times, want once", line, n)
					}
				}
				for _, a := range rig.wait(requests) {
					if !a.Forwarded {
						t.Errorf("recorded %s as not forwarded", a.Target)
					}
				}
			})
		}
	}
}

// TestUpstreamTimeouts: each bound by itself.
func TestUpstreamTimeouts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// answer is what comes, in pieces with a pause between them.
		answer []string
		pause  time.Duration
		change func(*proxy.Options)
		took   time.Duration
		status int
		end    observe.End
	}{
		"no answer":               {nil, time.Hour, func(*proxy.Options) {}, time.Minute, 504, observe.EndComplete},
		"half a head":             {[]string{"HTTP/1.1 200", " OK\r\n\r\n"}, time.Hour, func(*proxy.Options) {}, time.Minute, 504, observe.EndComplete},
		"no answer in total":      {nil, time.Hour, func(o *proxy.Options) { o.TotalTimeout = 7 * time.Second }, 7 * time.Second, 504, observe.EndComplete},
		"a body that stands":      {[]string{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody", "later"}, time.Hour, func(*proxy.Options) {}, time.Minute, 200, observe.EndBroken},
		"a body that takes time":  {[]string{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "a", "b", "c"}, 40 * time.Second, func(o *proxy.Options) { o.TotalTimeout = time.Second }, 2 * time.Minute, 200, observe.EndComplete},
		"a head that takes long":  {[]string{"HTTP/1.1", " 200 OK\r\nContent-Length: 0\r\n\r\n"}, 50 * time.Second, func(*proxy.Options) {}, 50 * time.Second, 200, observe.EndComplete},
		"interim answers, no end": {[]string{"HTTP/1.1 103 Early\r\n\r\n", "HTTP/1.1 103 Early\r\n\r\n", "HTTP/1.1 103 Early\r\n\r\n"}, 30 * time.Second, func(*proxy.Options) {}, time.Minute, 504, observe.EndComplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				front, back := newMemory(), newMemory()
				var wg sync.WaitGroup
				wg.Go(func() {
					c, err := back.Accept()
					if err != nil {
						return
					}
					defer c.Close()
					r := bufio.NewReader(c)
					_, _ = headLines(r)
					for i, piece := range test.answer {
						if i > 0 {
							time.Sleep(test.pause)
						}
						_, _ = io.WriteString(c, piece)
					}
					_, _ = io.Copy(io.Discard, r)
				})
				record := make(chan observe.Attempt, 1)
				stop := serveMemory(t, front, back, test.change, func(o *proxy.Options) {
					o.Record = func(a *observe.Attempt) { record <- a.Clone() }
				})
				c, err := front.dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				send(t, c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
				response, _, err := finalResponse(bufio.NewReader(c))
				took := time.Since(start)
				if response == nil || response.StatusCode != test.status || (err == nil) != (test.end == observe.EndComplete) {
					t.Errorf("got %v, %v; want %d", response, err, test.status)
				}
				if took < test.took || took > test.took*5/4+time.Second {
					t.Errorf("it took %v, want %v and at most a quarter more", took, test.took)
				}
				c.Close()
				stop()
				back.Close()
				wg.Wait()
				if a := <-record; a.Status != test.status || a.End != test.end {
					t.Errorf("recorded %d, %s; want %d, %s", a.Status, a.End, test.status, test.end)
				}
			})
		})
	}
}

// TestInjectedDelayIsNotTheUpstreamsTime: a delay longer than TotalTimeout must
// not make the upstream late.
func TestInjectedDelayIsNotTheUpstreamsTime(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"HTTP/1.1", "HTTP/2"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(http.ResponseWriter, *http.Request) { time.Sleep(time.Second) },
					func(o *proxy.Options) { o.TotalTimeout = 2 * time.Second })
				defer b.close()
				client := b.client
				if version == "HTTP/2" {
					client = &http.Client{Transport: overHTTP2(b.front)}
					defer client.CloseIdleConnections()
				}
				if err := b.engine.Apply([]faults.Fault{slow(3 * time.Second)}); err != nil {
					t.Fatal(err)
				}
				response, err := client.Get("http://proxy" + searchPath)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				if response.StatusCode != 200 {
					t.Errorf("got %s, want the upstream's 200", response.Status)
				}
			})
		})
	}
}

// TestUpgradeWithABodySendsItOnce: what follows the body is the new protocol's.
func TestUpgradeWithABodySendsItOnce(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		if _, err := headLines(r); err != nil {
			return
		}
		body := make([]byte, 4)
		_, _ = io.ReadFull(r, body)
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello")
		rest, _ := io.ReadAll(r)
		got <- string(body) + string(rest)
	}))
	c, r := rig.dial()
	send(t, c, "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\nContent-Length: 4\r\n\r\nbodyearly ")
	if head := readHead(t, r); head[0] != "HTTP/1.1 101 Switching Protocols" {
		t.Fatalf("got %q, want 101", head[0])
	}
	send(t, c, "late")
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(r); err != nil || string(rest) != "hello" {
		t.Errorf("got %q, %v; want what the upstream sent behind its head", rest, err)
	}
	if text := <-got; text != "bodyearly late" {
		t.Errorf("the upstream got %q, want every byte once", text)
	}
	if a := rig.wait(1)[0]; a.Status != 101 || a.End != observe.EndComplete {
		t.Errorf("recorded %d, %s; want 101, complete", a.Status, a.End)
	}
}

// TestOldClients speak HTTP/1.0.
func TestOldClients(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"length": "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
		"chunks": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\nX: y\r\n\r\n",
		"empty":  "HTTP/1.1 204 No Content\r\n\r\n",
		"hints":  "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
	}
	for name, answer := range answers {
		for kind, keeps := range map[string]bool{"kept": true, "not kept": false} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
					for {
						lines, err := headLines(r)
						if err != nil {
							return
						}
						if lines[0] != "GET / HTTP/1.1" {
							t.Errorf("the upstream got %q, want our version", lines[0])
						}
						_, _ = io.WriteString(c, answer)
					}
				}))
				c, r := rig.dial()
				request := "GET / HTTP/1.0\r\n\r\n"
				if keeps {
					request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
				}
				goes := keeps && name != "chunks"
				for range 1 + 2*count(goes) {
					send(t, c, request)
					head := readHead(t, r)
					fields := strings.ToLower(strings.Join(head[1:], "\n"))
					if strings.Contains(fields, "transfer-encoding") || strings.Contains(head[0], "103") || strings.Contains(fields, "connection: keep-alive") != goes {
						t.Errorf("got the head %q, want no coding and keep-alive %t", head, goes)
					}
					if name == "empty" {
						continue
					}
					body := make([]byte, 4)
					if _, err := io.ReadFull(r, body); err != nil || string(body) != "body" {
						t.Errorf("got %q, %v; want the body", body, err)
					}
				}
				if !goes {
					if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
						t.Errorf("got %q, %v; want the end in order", rest, err)
					}
				}
				c.Close()
			})
		}
	}
}

// TestBodylessAnswersLeaveTheConnectionUsable although they state a length.
func TestBodylessAnswersLeaveTheConnectionUsable(t *testing.T) {
	t.Parallel()
	var conns atomic.Int64
	rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		conns.Add(1)
		for {
			lines, err := headLines(r)
			if err != nil {
				return
			}
			switch {
			case strings.HasPrefix(lines[0], "HEAD"):
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			case strings.Contains(lines[0], "/304"):
				_, _ = io.WriteString(c, "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n")
			default:
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			}
		}
	}))
	c, r := rig.dial()
	for _, line := range []string{"HEAD /", "GET /304", "GET /", "HEAD /304", "GET /"} {
		send(t, c, line+" HTTP/1.1\r\nHost: a\r\n\r\n")
		method, _, _ := strings.Cut(line, " ")
		response, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if body, err := io.ReadAll(response.Body); err != nil || line == "GET /" && string(body) != "ok" || response.Close {
			t.Errorf("%s: got %s with %q, %v; want its own answer on a kept connection", line, response.Status, body, err)
		}
	}
	if conns.Load() != 1 {
		t.Errorf("the upstream was connected to %d times, want once", conns.Load())
	}
}

// TestHundredPipelinedRequests with bodies of both framings come in order, and
// so do their answers.
func TestHundredPipelinedRequests(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", r.URL.Path, body)
	}))
	const requests = 100
	var all bytes.Buffer
	for i := range requests {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&all, "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", i)
		case 1:
			fmt.Fprintf(&all, "POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nb%02d", i, i)
		default:
			fmt.Fprintf(&all, "POST /%d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n2;x=y\r\n%02d\r\n0\r\nX: y\r\n\r\n", i, i)
		}
	}
	for name, cut := range map[string]int{"at once": all.Len(), "in small pieces": 7} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, r := rig.dial()
			go func() {
				for rest := all.Bytes(); len(rest) > 0; {
					n, err := c.Write(rest[:min(cut, len(rest))])
					if err != nil {
						return
					}
					rest = rest[n:]
				}
			}()
			for i := range requests {
				want := fmt.Sprintf("/%d ", i)
				if i%3 > 0 {
					want += fmt.Sprintf("b%02d", i)
				}
				if response, body, err := finalResponse(r); err != nil || response.StatusCode != 200 || body != want {
					t.Fatalf("answer %d: got %v with %q (%v), want %q", i, response, body, err, want)
				}
			}
		})
	}
}
