package proxy_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http/httputil"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// TestHangIsSilenceUntilItsFaultGoes hangs at every point, and lets go in every
// way. Then the exchange goes on where it stopped.
func TestHangIsSilenceUntilItsFaultGoes(t *testing.T) {
	t.Parallel()
	for name, release := range map[string]func(*rig, faults.Fault){
		"removed": func(r *rig, _ faults.Fault) { r.apply() },
		"braked":  func(r *rig, _ faults.Fault) { r.engine.Brake(true) },
		"disabled": func(r *rig, f faults.Fault) {
			f.Disabled = true
			r.apply(f)
		},
		"expired":   func(*rig, faults.Fault) {},
		"shut down": func(r *rig, _ faults.Fault) { go r.stop() },
	} {
		for _, at := range breakPoints {
			for framing := range breakFramings {
				if name == "expired" && framing != "chunks" {
					continue // it takes half a second each
				}
				t.Run(string(at)+" "+name+" with "+framing, func(t *testing.T) {
					t.Parallel()
					checkHang(t, name, at, framing, release)
				})
			}
		}
	}
}

func checkHang(t *testing.T, name string, at faults.BreakPoint, framing string, release func(*rig, faults.Fault)) {
	t.Helper()
	origin, seen := breakOrigin(t, framing)
	rig := newRig(t, origin)
	fault := breakAt(faults.BreakHang, at)
	if name == "expired" {
		fault.ExpiresAt = time.Now().Add(time.Second)
	}
	rig.apply(fault)
	c, _ := rig.dial()
	send(t, c, breakPost)
	for held(rig.engine) == 0 {
		time.Sleep(time.Millisecond) // until the exchange hangs
	}
	early := untilSilence(t, c)
	checkBrokenAnswer(t, early, at, framing)
	if forwarded := at != faults.BreakAccept && at != faults.BreakBefore; seen.Load() != count(forwarded) {
		t.Errorf("the upstream saw %d requests while it hung, want %d", seen.Load(), count(forwarded))
	}
	began := time.Now()
	release(rig, fault)
	checkWholeAnswer(t, c, early, framing)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the exchange went on after %v, want at once", took)
	}
	a := rig.wait(1)[0]
	if a.Break != "" || a.BreakAt != "" || a.Fault != "" || a.Origin != observe.OriginUpstream || a.End != observe.EndComplete || a.Status != 200 || a.UpstreamStatus != 200 || !a.Forwarded {
		t.Errorf("recorded %q at %q by %q, %s, %s, status %d; want the upstream's 200, complete", a.Break, a.BreakAt, a.Fault, a.Origin, a.End, a.Status)
	}
	if delayed := len(a.DelayedBy) == 1 && a.DelayedBy[0] == "cut" && a.Delay > 0; delayed == (at == faults.BreakAccept) {
		t.Errorf("recorded a delay of %v by %v, want one by cut but at accept", a.Delay, a.DelayedBy)
	}
	if seen.Load() != 1 {
		t.Errorf("the upstream saw %d requests, want 1", seen.Load())
	}
	for _, use := range rig.engine.Uses() {
		if use.Held != 0 || use.Fired > 1 {
			t.Errorf("got held %d, fired %d, want none held and one fired at most", use.Held, use.Fired)
		}
	}
}

// untilSilence returns what comes until nothing has come for a while.
func untilSilence(t *testing.T, c net.Conn) string {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
	got, err := io.ReadAll(c)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %v after %q, want silence", err, got)
	}
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	return string(got)
}

// checkWholeAnswer reads the rest of an answer of which some has come.
func checkWholeAnswer(t *testing.T, c net.Conn, early, framing string) {
	t.Helper()
	r := bufio.NewReader(io.MultiReader(strings.NewReader(early), c))
	head := readHead(t, r)
	if head[0] != "HTTP/1.1 200 OK" {
		t.Errorf("got %q, want the upstream's 200", head[0])
	}
	body, size := io.Reader(r), int64(breakSize)
	switch framing {
	case "chunks":
		body = httputil.NewChunkedReader(r)
	case "the end of the connection":
		size++
	}
	if got, err := io.ReadAll(io.LimitReader(body, size)); err != nil || string(got) != breakPayload {
		t.Errorf("got %d bytes (%v), want the whole %d", len(got), err, breakSize)
	}
}

// TestClientThatLeavesAHang is recorded as one that the hang has driven away.
func TestClientThatLeavesAHang(t *testing.T) {
	t.Parallel()
	for _, at := range breakPoints {
		t.Run(string(at), func(t *testing.T) {
			t.Parallel()
			origin, _ := breakOrigin(t, "chunks")
			rig := newRig(t, origin)
			rig.apply(breakAt(faults.BreakHang, at))
			c, _ := rig.dial()
			send(t, c, breakPost)
			for held(rig.engine) == 0 {
				time.Sleep(time.Millisecond) // until the exchange hangs
			}
			c.Close()
			for held(rig.engine) > 0 {
				time.Sleep(time.Millisecond) // until it is seen
			}
			if at != faults.BreakAccept {
				a := rig.wait(1)[0]
				if a.Break != faults.BreakHang || a.BreakAt != at || a.Fault != "cut" || a.End != observe.EndClientLeft || a.Origin != observe.OriginInjected || a.Delay <= 0 || a.Class != groove.ClassFailure || !a.Failed() {
					t.Errorf("recorded %q at %q by %q, %s, %s, delay %v; want a hang at %q by cut, injected, client_left", a.Break, a.BreakAt, a.Fault, a.End, a.Origin, a.Delay, at)
				}
			}
			rig.stop()
			if use := rig.engine.Uses()[0]; use.Fired != 1 || use.Held != 0 {
				t.Errorf("got fired %d, held %d, want 1, 0", use.Fired, use.Held)
			}
		})
	}
}
