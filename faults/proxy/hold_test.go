package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// fired returns how often each fault has fired.
func fired(e *faults.Engine) map[string]uint64 {
	counts := make(map[string]uint64)
	for _, use := range e.Uses() {
		counts[use.Name] = use.Fired
	}
	return counts
}

// A client that leaves a delay has not got the answer that was to follow,
// however large its request is.
func TestClientThatLeavesBeforeAnInjectedAnswer(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"no body": 0, "small body": 10, "body beyond the prefix": 200 << 10, "largest body read ahead": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(http.ResponseWriter, *http.Request) { t.Error("the upstream was asked") })
				defer b.close()
				if err := b.engine.Apply([]faults.Fault{slow(3 * time.Second), answerFault("down", 503)}); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				request, err := http.NewRequestWithContext(ctx, "POST", "http://proxy"+addPath, bytes.NewReader(make([]byte, size)))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := b.client.Do(request); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want the client's own bound", err)
				}
				time.Sleep(time.Minute) // more than enough for the record
				a := b.recorded()[0]
				if a.End != observe.EndClientLeft || a.Status != 0 || a.Fault != "" || a.Delay != 300*time.Millisecond || a.BodyLength != int64(size) || !a.BodyComplete {
					t.Errorf("got %s, status %d, fault %q, delay %v, %d bytes, complete %t; want client_left, 0, none, 300ms, %d, complete",
						a.End, a.Status, a.Fault, a.Delay, a.BodyLength, a.BodyComplete, size)
				}
				if diff := cmp.Diff(map[string]uint64{"slow": 1, "down": 0}, fired(b.engine)); diff != "" {
					t.Errorf("what fired differs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestClientThatLeavesItsBodyIsNotStruck(t *testing.T) {
	t.Parallel()
	for name, set := range map[string][]faults.Fault{
		"answered at once":       {answerFault("down", 503)},
		"answered after a delay": {answerFault("down", 503), slow(time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(http.ResponseWriter, *http.Request) { t.Error("the upstream was asked") })
				defer b.close()
				if err := b.engine.Apply(set); err != nil {
					t.Fatal(err)
				}
				c, err := b.front.dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				send(t, c, "POST "+addPath+" HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
				if _, err := c.Write(make([]byte, 100_000)); err != nil {
					t.Fatal(err)
				}
				c.Close()
				synctest.Wait()
				a := b.recorded()[0]
				if a.End != observe.EndClientLeft || a.Status != 0 || a.Fault != "" || a.Delay != 0 || a.BodyLength != 100_000 {
					t.Errorf("got %s, status %d, fault %q, delay %v, %d bytes; want client_left, 0, none, 0s, 100000", a.End, a.Status, a.Fault, a.Delay, a.BodyLength)
				}
				for name, n := range fired(b.engine) {
					if n != 0 {
						t.Errorf("got %s fired %d, want 0", name, n)
					}
				}
			})
		})
	}
}

// What was read ahead for an answer must reach the upstream when the answer is
// dropped.
func TestBodyPassesWhenTheAnswerIsDropped(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size    int
		chunked bool
	}{
		"small":                   {size: 10},
		"read ahead":              {size: 200 << 10},
		"read ahead, chunked":     {size: 200 << 10, chunked: true},
		"read ahead to the limit": {size: 1 << 20},
		"larger":                  {size: 3 << 20},
		"larger, chunked":         {size: 3 << 20, chunked: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				body := bytes.Repeat([]byte("0123456789"), test.size/10+1)[:test.size]
				b := newBubble(t, func(w http.ResponseWriter, r *http.Request) {
					got, err := io.ReadAll(r.Body)
					if err != nil || !bytes.Equal(got, body) || (r.ContentLength < 0) != test.chunked {
						t.Errorf("the upstream got %d bytes with length %d, %v; want the %d that were sent, chunked %t", len(got), r.ContentLength, err, len(body), test.chunked)
					}
					w.Header().Set("X-Seen", r.Trailer.Get("X-Sum"))
				})
				defer b.close()
				if err := b.engine.Apply([]faults.Fault{slow(time.Minute), answerFault("down", 503)}); err != nil {
					t.Fatal(err)
				}
				request, err := http.NewRequestWithContext(t.Context(), "POST", "http://proxy"+addPath, bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if test.chunked {
					request.ContentLength = -1
					request.Trailer = http.Header{"X-Sum": {"42"}}
				}
				time.AfterFunc(10*time.Second, func() { b.engine.Brake(true) })
				response, err := b.client.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				if seen := response.Header.Get("X-Seen"); response.StatusCode != 200 || (seen == "42") != test.chunked {
					t.Errorf("got %s, trailer %q, want the upstream's 200 with the trailer %t", response.Status, seen, test.chunked)
				}
				synctest.Wait()
				if a := b.recorded()[0]; a.Delay != 10*time.Second || a.BodyLength != int64(test.size) || a.Origin != observe.OriginUpstream || a.Fault != "" {
					t.Errorf("got a delay of %v, %d bytes, %s, fault %q; want 10s, %d, the upstream's", a.Delay, a.BodyLength, a.Origin, a.Fault, test.size)
				}
				if diff := cmp.Diff(map[string]uint64{"slow": 1, "down": 0}, fired(b.engine)); diff != "" {
					t.Errorf("what fired differs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Only the delays that held are named, and have fired.
func TestDelaysThatDidNotHoldAreNotNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// lifetimes are those of the two, 0 for none; the brake is pulled after 10 s.
		lifetimes [2]time.Duration
		brake     bool
		by        []string
		counts    map[string]uint64
	}{
		"both hold":              {by: []string{"slow", "slower"}, counts: map[string]uint64{"slow": 1, "slower": 1}},
		"the brake ends both":    {brake: true, by: []string{"slow"}, counts: map[string]uint64{"slow": 1, "slower": 0}},
		"the first one expires":  {lifetimes: [2]time.Duration{10 * time.Second, 0}, by: []string{"slow", "slower"}, counts: map[string]uint64{"slow": 1, "slower": 1}},
		"the second one expires": {lifetimes: [2]time.Duration{0, 10 * time.Second}, by: []string{"slow"}, counts: map[string]uint64{"slow": 1, "slower": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(http.ResponseWriter, *http.Request) {})
				defer b.close()
				set := []faults.Fault{slow(time.Minute), slow(time.Minute)}
				set[1].Name = "slower"
				for i, lifetime := range test.lifetimes {
					if lifetime > 0 {
						set[i].ExpiresAt = time.Now().Add(lifetime)
					}
				}
				if err := b.engine.Apply(set); err != nil {
					t.Fatal(err)
				}
				if test.brake {
					time.AfterFunc(10*time.Second, func() { b.engine.Brake(true) })
				}
				response, err := b.client.Get("http://proxy" + searchPath)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				synctest.Wait()
				if diff := cmp.Diff(test.by, b.recorded()[0].DelayedBy); diff != "" {
					t.Errorf("the delays named differ (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.counts, fired(b.engine)); diff != "" {
					t.Errorf("what fired differs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Nobody sees a client leave before its body has been read, but whatever
// follows the delay, the record must not say that it got an answer. What the
// proxy leaves unread here fits into the buffers of the connection.
func TestClientGoneWithItsBodyUnreadGotNoAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size  int
		set   []faults.Fault
		reply http.HandlerFunc
	}{
		"the upstream reads": {128 << 10, nil, func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}},
		"the upstream answers at once": {128 << 10, nil, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(make([]byte, 8<<20))
		}},
		"a fault answers": {1<<20 + 64<<10, []faults.Fault{answerFault("down", 503)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newOrigin(t, test.reply))
			rig.apply(append(test.set, slow(time.Minute))...)
			c, _ := rig.dial()
			send(t, c, "POST "+addPath+" HTTP/1.1\r\nHost: a\r\nContent-Length: "+strconv.Itoa(test.size)+"\r\n\r\n")
			if _, err := c.Write(make([]byte, test.size)); err != nil {
				t.Fatal(err)
			}
			for held(rig.engine) == 0 {
				time.Sleep(time.Millisecond) // until the exchange is held
			}
			c.Close()
			rig.apply(test.set...) // ends the delay alone
			a := rig.wait(1)[0]
			if a.End != observe.EndClientLeft || a.Delay <= 0 || a.Fault != "" {
				t.Errorf("got %s with status %d by %q after %v, want client_left after a delay", a.End, a.Status, a.Fault, a.Delay)
			}
			if n := fired(rig.engine)["down"]; n != 0 {
				t.Errorf("got the answer fired %d, want 0", n)
			}
		})
	}
}

// TestClientGoneBeforeALateAnswerIsNotStruck: it leaves while the upstream's own
// answer is still on its way to be thrown away.
func TestClientGoneBeforeALateAnswerIsNotStruck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "o")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(3 * time.Second)
			_, _ = io.WriteString(w, "k")
		})
		defer b.close()
		down := answerFault("down", 503)
		down.Answer.At = faults.SideAfter
		if err := b.engine.Apply([]faults.Fault{down}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2) // before the proxy waits no longer itself
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, "GET", "http://proxy"+searchPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.client.Do(request); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the client's own bound", err)
		}
		time.Sleep(time.Minute) // more than enough for the record
		a := b.recorded()[0]
		if a.End != observe.EndClientLeft || a.Status != 0 || a.Fault != "" || a.Origin != observe.OriginInjected {
			t.Errorf("recorded %s, status %d, fault %q, origin %s; want client_left, 0, none, injected", a.End, a.Status, a.Fault, a.Origin)
		}
		if n := fired(b.engine)["down"]; n != 0 {
			t.Errorf("got the answer fired %d times, want none", n)
		}
	})
}

// TestReleasedHoldLeavesTheUploadAlone: while a late delay ends, somebody else
// reads the rest of the body.
func TestReleasedHoldLeavesTheUploadAlone(t *testing.T) {
	t.Parallel()
	for how, release := range releases {
		if how == "expired" {
			continue // in the bubble alone
		}
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			const size = 200_000
			rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
				if _, err := headLines(r); err == nil {
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
					_, _ = io.CopyN(io.Discard, r, size)
				}
			}))
			fault := late("slow", time.Minute)
			rig.apply(fault)
			c, r := rig.dial()
			send(t, c, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", addPath, size, strings.Repeat("x", size/2)))
			eventually(t, func() bool { return held(rig.engine) == 1 })
			if err := release(rig.engine, fault); err != nil {
				t.Fatal(err)
			}
			eventually(t, func() bool { return held(rig.engine) == 0 })
			send(t, c, strings.Repeat("x", size/2))
			if response, body, err := finalResponse(r); err != nil || response.StatusCode != 200 || body != "ok" {
				t.Fatalf("got %v, %q, %v; want the upstream's answer", response, body, err)
			}
			if a := rig.wait(1)[0]; a.End != observe.EndComplete || a.BodyLength != size || !a.BodyComplete {
				t.Errorf("recorded %s with %d bytes, complete %t; want complete with %d", a.End, a.BodyLength, a.BodyComplete, size)
			}
		})
	}
}

// held returns how many exchanges are held back.
func held(e *faults.Engine) (n int64) {
	for _, use := range e.Uses() {
		n += use.Held
	}
	return n
}
