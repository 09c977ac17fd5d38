package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// An answer at after: the upstream does the work once, the client hears of an error.
func TestAnswerAfterTheUpstream(t *testing.T) {
	t.Parallel()
	for framing := range breakFramings {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			origin, seen := breakOrigin(t, framing)
			rig := newRig(t, origin)
			fault := answerFault("lost", 503)
			fault.Answer.At = faults.SideAfter
			rig.apply(fault)
			c, r := rig.dial()
			for i := range 3 {
				send(t, c, breakPost)
				response, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Fatal(err)
				}
				if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 503 || strings.Contains(string(body), "0123456789") || response.Close {
					t.Errorf("got %s with %q (%v), close %t; want an injected 503 on a kept connection", response.Status, body, err, response.Close)
				}
				a := rig.wait(1)[0]
				if a.Origin != observe.OriginInjected || a.Fault != "lost" || a.Status != 503 || a.UpstreamStatus != 200 || !a.Forwarded || a.End != observe.EndComplete || a.ConnUse != uint64(i+1) {
					t.Errorf("recorded %s by %q, %d after the upstream's %d, forwarded %t, %s; want an injected 503 after 200, complete", a.Origin, a.Fault, a.Status, a.UpstreamStatus, a.Forwarded, a.End)
				}
				if n := seen.Load(); n != int64(i+1) {
					t.Errorf("the upstream saw %d requests, want %d", n, i+1)
				}
			}
		})
	}
}

// A failure of the upstream is told as such: a fault at after has nothing to hide.
func TestAnswerAfterAnUpstreamThatFails(t *testing.T) {
	t.Parallel()
	rig := newRig(t, answering(t, ""))
	fault := answerFault("lost", 503)
	fault.Answer.At = faults.SideAfter
	rig.apply(fault)
	if response, _ := rig.do("GET", searchPath, nil); response.StatusCode != 502 {
		t.Errorf("got %s, want our 502", response.Status)
	}
	a := rig.wait(1)[0]
	if a.Origin != observe.OriginOurs || a.Fault != "" || a.UpstreamStatus != 0 || !a.Forwarded || fired(rig.engine)["lost"] != 0 {
		t.Errorf("recorded %s by %q, upstream status %d, forwarded %t, fired %d; want ours, forwarded, not fired", a.Origin, a.Fault, a.UpstreamStatus, a.Forwarded, fired(rig.engine)["lost"])
	}
}

// An upstream whose answer never ends must not keep the injected one back.
func TestAnswerAfterAnEndlessOne(t *testing.T) {
	t.Parallel()
	rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		if _, err := headLines(r); err != nil {
			return
		}
		page := make([]byte, 32<<10)
		_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		for err == nil {
			_, err = c.Write(page)
		}
	}))
	fault := answerFault("lost", 503)
	fault.Answer.At = faults.SideAfter
	rig.apply(fault)
	c, r := rig.dial()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	send(t, c, "GET "+searchPath+" HTTP/1.1\r\nHost: a\r\n\r\n")
	if head, err := headLines(r); err != nil || head[0] != "HTTP/1.1 503 Service Unavailable" {
		t.Errorf("got %q, %v; want the injected 503", head, err)
	}
	c.Close()
	rig.wait(1)
}

func late(name string, wait time.Duration) faults.Fault {
	return faults.Fault{Name: name, Delay: &faults.Delay{At: faults.SideAfter, Fixed: &wait}}
}

func TestDelaysOnBothSides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked time.Duration
		var start time.Time
		b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) {
			asked = time.Since(start)
			io.WriteString(w, "done")
		})
		defer b.close()
		if err := b.engine.Apply([]faults.Fault{slow(3 * time.Second), late("late", 4*time.Second)}); err != nil {
			t.Fatal(err)
		}
		start = time.Now()
		response, err := b.client.Get("http://proxy" + searchPath)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if took := time.Since(start); asked != 3*time.Second || took != 7*time.Second {
			t.Errorf("the upstream was asked after %v and the answer came after %v, want 3s and 7s", asked, took)
		}
		synctest.Wait()
		a := b.recorded()[0]
		if diff := cmp.Diff([]string{"slow", "late"}, a.DelayedBy); diff != "" || a.Delay != 7*time.Second || a.UpstreamStatus != 200 || a.Origin != observe.OriginUpstream {
			t.Errorf("recorded a delay of %v by %v, %s; want 7s by both, the upstream's", a.Delay, a.DelayedBy, a.Origin)
		}
	})
}

// A client that leaves a delay behind the upstream's work has lost its answer.
func TestClientThatLeavesALateDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "done") })
		defer b.close()
		if err := b.engine.Apply([]faults.Fault{late("late", time.Minute)}); err != nil {
			t.Fatal(err)
		}
		c, err := b.front.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		send(t, c, "GET "+searchPath+" HTTP/1.1\r\nHost: a\r\n\r\n")
		time.Sleep(5 * time.Second)
		c.Close()
		synctest.Wait()
		a := b.recorded()[0]
		if a.End != observe.EndClientLeft || a.Status != 0 || a.UpstreamStatus != 200 || !a.Forwarded || a.Delay != 5*time.Second || a.Origin != observe.OriginInjected {
			t.Errorf("recorded %s, status %d after the upstream's %d, delay %v, %s; want client_left, 0, 200, 5s, injected", a.End, a.Status, a.UpstreamStatus, a.Delay, a.Origin)
		}
		if use := b.engine.Uses()[0]; use.Held != 0 || use.Fired != 1 {
			t.Errorf("got held %d, fired %d; want 0, 1", use.Held, use.Fired)
		}
	})
}
