package proxy_test

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// lateFault answers in the upstream's place once that has done the work.
func lateFault() faults.Fault {
	late := answerFault("late", 503)
	late.Answer.At = faults.SideAfter
	return late
}

// anHourOld lets a proxy have run for an hour.
func anHourOld(o *proxy.Options) {
	var begun atomic.Bool
	o.Now = func() time.Time {
		if begun.Swap(true) {
			return time.Now()
		}
		return time.Now().Add(-time.Hour)
	}
}

// TestAnswerAfterKeepsTheUpstreamsConnection: an answer that was thrown away whole leaves the connection to the upstream
// as fit for use as one that was passed on, however long the proxy has run.
func TestAnswerAfterKeepsTheUpstreamsConnection(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	server := &http.Server{
		Handler: http.HandlerFunc(manyOrigin), ReadHeaderTimeout: time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened.Add(1)
			}
		},
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }() // ends by Close
	t.Cleanup(func() { server.Close() })
	rig := newRig(t, "http://"+l.Addr().String(), anHourOld, func(o *proxy.Options) { o.UpstreamIdle = time.Minute })
	rig.apply(lateFault())
	c, r := rig.dial()
	for range 5 {
		send(t, c, "GET /one HTTP/1.1\r\nHost: a\r\n\r\n")
		if response, _, err := finalResponse(r); err != nil || response.StatusCode != 503 {
			t.Fatalf("got %v, %v; want 503", response, err)
		}
		rig.wait(1)
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("got %d connections to the upstream for 5 calls one after the other, want 1", n)
	}
}

// TestAnswerAfterDoesNotWaitForTheWholeAnswer: what is thrown away may have no end, and does not keep the client waiting
// for long.
func TestAnswerAfterDoesNotWaitForTheWholeAnswer(t *testing.T) {
	t.Parallel()
	bodies := map[string]struct {
		piece int
		pause time.Duration
	}{
		"endless":          {64 << 10, 0},
		"drop by drop":     {1, 20 * time.Millisecond},
		"standing still":   {1, time.Hour},
		"long and quickly": {2 << 20, time.Hour},
	}
	ways := map[string]newRigFunc{"HTTP/1.1": newRig, "HTTP/2": newPlainHTTP2}
	for way, newRig := range ways {
		for name, body := range bodies {
			t.Run(way+" "+name, func(t *testing.T) {
				t.Parallel()
				rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
					for r.Context().Err() == nil {
						if _, err := w.Write(make([]byte, body.piece)); err != nil {
							return
						}
						_ = http.NewResponseController(w).Flush()
						select {
						case <-r.Context().Done():
						case <-time.After(body.pause):
						}
					}
				}))
				rig.apply(lateFault())
				rig.client.Timeout = 15 * time.Second // much less than a body may stand still
				if response, _ := rig.do("GET", searchPath, nil); response.StatusCode != 503 {
					t.Errorf("got %s, want 503", response.Status)
				}
				if a := rig.wait(1)[0]; a.Origin != observe.OriginInjected || a.UpstreamStatus != 200 || a.End != observe.EndComplete {
					t.Errorf("recorded %s, upstream %d, %s; want an injected answer to what the upstream did", a.Origin, a.UpstreamStatus, a.End)
				}
			})
		}
	}
}

// TestClientLeavesWhileAnAnswerIsThrownAway: the exchange is the fault's by then, on either way.
func TestClientLeavesWhileAnAnswerIsThrownAway(t *testing.T) {
	t.Parallel()
	for way, newRig := range map[string]newRigFunc{"HTTP/1.1": newRig, "HTTP/2": newPlainHTTP2} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, "some")
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			}))
			rig.apply(lateFault())
			rig.client.Timeout = 200 * time.Millisecond
			response, err := rig.client.Get(rig.url + searchPath)
			if err == nil {
				response.Body.Close()
				t.Fatalf("got %s, want no answer in 200 ms", response.Status)
			}
			a := rig.wait(1)[0]
			if a.Origin != observe.OriginInjected || a.End != observe.EndClientLeft || a.Status != 0 || !a.Forwarded {
				t.Errorf("recorded %s, %s, status %d, forwarded %t; want an injection whose client had left", a.Origin, a.End, a.Status, a.Forwarded)
			}
		})
	}
}
