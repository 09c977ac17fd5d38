package proxy_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// breakSize is the payload of the answers that are broken off.
const breakSize = 1000

var breakPayload = strings.Repeat("0123456789", breakSize/10)

// breakFramings are the ways in which the upstream ends its answer.
var breakFramings = map[string]struct{ head, body string }{
	"a declared length": {
		"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nX-Odd:  spaced\r\n\r\n", breakPayload,
	},
	"chunks": {
		"HTTP/1.1 200 OK\r\nX-Odd:  spaced\r\nTransfer-Encoding: chunked\r\n\r\n",
		"1f4\r\n" + breakPayload[:500] + "\r\n1f4\r\n" + breakPayload[500:] + "\r\n0\r\n\r\n",
	},
	"the end of the connection": {
		"HTTP/1.1 200 OK\r\nX-Odd:  spaced\r\n\r\n", breakPayload,
	},
}

// breakOrigin answers every request as one of breakFramings says, and counts.
func breakOrigin(t *testing.T, framing string) (url string, seen *atomic.Int64) {
	t.Helper()
	seen = new(atomic.Int64)
	f := breakFramings[framing]
	return newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for {
			size, err := bodySize(r)
			if err != nil {
				return
			}
			if _, err := r.Discard(size); err != nil {
				return
			}
			seen.Add(1)
			if _, err := io.WriteString(c, f.head+f.body); err != nil || !strings.Contains(f.head, "Content-Length") && !strings.Contains(f.head, "chunked") {
				return
			}
		}
	}), seen
}

// bodySize reads a head and returns its Content-Length, 0 for none.
func bodySize(r *bufio.Reader) (size int, err error) {
	lines, err := headLines(r)
	for _, line := range lines {
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Content-Length") {
			size, _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	return size, err
}

// breakAt is the fault that breaks a connection.
func breakAt(how faults.BreakKind, at faults.BreakPoint) faults.Fault {
	return faults.Fault{Name: "cut", Break: &faults.Break{How: how, At: at}}
}

// breakPost is a request with a body of 5 bytes.
const breakPost = "POST " + addPath + " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"

// payload is what a client can read of a body that may be cut.
func payload(framing, body string) string {
	if framing != "chunks" {
		return body
	}
	data, _ := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(body)))
	return string(data)
}

var breakPoints = []faults.BreakPoint{
	faults.BreakAccept, faults.BreakBefore, faults.BreakAfter, faults.BreakAfterHead, faults.BreakMidBody,
}

// TestBreakMatrix breaks connections in both ways at every point of every kind
// of answer, on real sockets.
func TestBreakMatrix(t *testing.T) {
	t.Parallel()
	for _, how := range []faults.BreakKind{faults.BreakReset, faults.BreakClose} {
		for _, at := range breakPoints {
			for framing := range breakFramings {
				t.Run(string(how)+" "+string(at)+" with "+framing, func(t *testing.T) {
					t.Parallel()
					checkBreak(t, how, at, framing)
				})
			}
		}
	}
}

func checkBreak(t *testing.T, how faults.BreakKind, at faults.BreakPoint, framing string) {
	t.Helper()
	origin, seen := breakOrigin(t, framing)
	rig := newRig(t, origin)
	rig.apply(breakAt(how, at))
	got, err := breakOff(t, rig.addr, at)
	switch {
	case how == faults.BreakReset && !errors.Is(err, syscall.ECONNRESET):
		t.Errorf("got %v after %d bytes, want a reset", err, len(got))
	case how == faults.BreakClose && err != nil:
		t.Errorf("got %v after %d bytes, want the end in order", err, len(got))
	}
	forwarded := at != faults.BreakAccept && at != faults.BreakBefore
	if n := seen.Load(); n != count(forwarded) {
		t.Errorf("the upstream saw %d requests, want %d", n, count(forwarded))
	}
	checkBrokenAnswer(t, string(got), at, framing)
	if at != faults.BreakAccept {
		checkBreakRecord(t, rig.wait(1)[0], how, at)
	}
	rig.stop()
	if use := rig.engine.Uses()[0]; use.Fired != 1 || use.Held != 0 || use.Matched != 1 {
		t.Errorf("got matched %d, fired %d, held %d, want 1, 1, 0", use.Matched, use.Fired, use.Held)
	}
	if n := len(rig.attempts); n != int(count(at != faults.BreakAccept)) {
		t.Errorf("got %d records, want one for each request that was read", n)
	}
}

// breakOff sends a request and reads until the connection ends. A reset at
// accept may be there before the connection is.
func breakOff(t *testing.T, addr string, at faults.BreakPoint) ([]byte, error) {
	t.Helper()
	c, err := net.DialTimeout("tcp", addr, 20*time.Second)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if at != faults.BreakAccept {
		send(t, c, breakPost)
	}
	return io.ReadAll(c)
}

func count(seen bool) int64 {
	if seen {
		return 1
	}
	return 0
}

// checkBrokenAnswer looks at what reached the client.
func checkBrokenAnswer(t *testing.T, got string, at faults.BreakPoint, framing string) {
	t.Helper()
	head, body, whole := strings.Cut(got, "\r\n\r\n")
	if at != faults.BreakAfterHead && at != faults.BreakMidBody {
		if got != "" {
			t.Errorf("the client got %q, want nothing", got)
		}
		return
	}
	if !whole || !strings.HasPrefix(head, "HTTP/1.1 200 OK\r\n") || !strings.Contains(head, "X-Odd:  spaced") {
		t.Errorf("the client got the head %q, want the upstream's", head)
	}
	if framing != "the end of the connection" && !strings.Contains(head, "Content-Length: 1000") && !strings.Contains(head, "Transfer-Encoding: chunked") {
		t.Errorf("the client got the head %q, want the upstream's framing", head)
	}
	if at == faults.BreakAfterHead {
		if body != "" {
			t.Errorf("the client got %q after the head, want nothing", body)
		}
		return
	}
	data := payload(framing, body)
	if len(data) < 1 || len(data) >= breakSize || data != breakPayload[:len(data)] {
		t.Errorf("the client got %d bytes of the payload (%q), want 1 to %d", len(data), body, breakSize-1)
	}
	if framing == "a declared length" && len(data) != breakSize/2 {
		t.Errorf("the client got %d bytes, want half of %d", len(data), breakSize)
	}
}

func checkBreakRecord(t *testing.T, a observe.Attempt, how faults.BreakKind, at faults.BreakPoint) {
	t.Helper()
	if a.Break != how || a.BreakAt != at || a.Fault != "cut" || a.Origin != observe.OriginInjected || a.End != observe.EndBroken {
		t.Errorf("recorded %q at %q by %q, %s, %s; want %q at %q by cut, injected, broken", a.Break, a.BreakAt, a.Fault, a.Origin, a.End, how, at)
	}
	forwarded := at != faults.BreakBefore
	upstream, status := 200*int(count(forwarded)), 0
	if at == faults.BreakAfterHead || at == faults.BreakMidBody {
		status = 200
	}
	if a.Forwarded != forwarded || a.UpstreamStatus != upstream || a.Status != status {
		t.Errorf("recorded forwarded %t, upstream status %d, status %d; want %t, %d, %d", a.Forwarded, a.UpstreamStatus, a.Status, forwarded, upstream, status)
	}
	if a.Class != groove.ClassFailure || !a.Failed() || a.Reason == "" || !a.BodyComplete || a.BodyLength != 5 || a.Delay != 0 {
		t.Errorf("recorded class %s, reason %q, %d bytes of body, complete %t, delay %v; want a failure of a whole request with a reason", a.Class, a.Reason, a.BodyLength, a.BodyComplete, a.Delay)
	}
}

// TestBreakOfABodylessAnswer is one after the head.
func TestBreakOfABodylessAnswer(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"204":      "HTTP/1.1 204 No Content\r\n\r\n",
		"304":      "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
		"length 0": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, answering(t, answer))
			rig.apply(breakAt(faults.BreakReset, faults.BreakMidBody))
			c, _ := rig.dial()
			send(t, c, breakPost)
			if got, err := io.ReadAll(c); string(got) != answer || !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("got %q and %v, want the head and then a reset", got, err)
			}
			if a := rig.wait(1)[0]; a.Break != faults.BreakReset || a.BreakAt != faults.BreakMidBody || a.End != observe.EndBroken {
				t.Errorf("recorded %q at %q, %s; want reset at mid_body, broken", a.Break, a.BreakAt, a.End)
			}
		})
	}
}

// TestBreakOfOneByte sends that byte: a body of one has no other middle.
func TestBreakOfOneByte(t *testing.T) {
	t.Parallel()
	rig := newRig(t, answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"))
	rig.apply(breakAt(faults.BreakReset, faults.BreakMidBody))
	c, _ := rig.dial()
	send(t, c, breakPost)
	if got, err := io.ReadAll(c); !strings.HasSuffix(string(got), "\r\n\r\nx") || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %q and %v, want the byte and then a reset", got, err)
	}
	rig.wait(1)
}

// TestAcceptIsBrokenByShare breaks connections, not requests: the match of
// other faults has no part in it.
func TestAcceptIsBrokenByShare(t *testing.T) {
	t.Parallel()
	origin, seen := breakOrigin(t, "a declared length")
	rig := newRig(t, origin)
	rig.apply(every(breakAt(faults.BreakReset, faults.BreakAccept), 3))
	const connections = 30
	whole := 0
	for range connections {
		c, err := net.Dial("tcp", rig.addr)
		if err != nil {
			continue // the reset was faster
		}
		_, _ = io.WriteString(c, breakPost+"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		if got, err := io.ReadAll(c); err == nil && len(got) > 2*breakSize {
			whole++
		}
		c.Close()
	}
	if whole != connections*2/3 || seen.Load() != int64(2*whole) {
		t.Errorf("got %d whole connections and %d requests upstream, want %d and %d", whole, seen.Load(), connections*2/3, connections*4/3)
	}
	rig.wait(2 * whole)
}

// TestBreakAfterASlowUpstream: somebody looks for the client by then, and must
// not take our own end for the client's.
func TestBreakAfterASlowUpstream(t *testing.T) {
	t.Parallel()
	for _, how := range []faults.BreakKind{faults.BreakReset, faults.BreakClose} {
		for _, at := range breakPoints[2:] {
			t.Run(string(how)+" "+string(at), func(t *testing.T) {
				t.Parallel()
				rig := newRig(t, newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
					if _, err := headLines(r); err != nil {
						return
					}
					time.Sleep(60 * time.Millisecond) // longer than the proxy waits before it looks
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nX-Odd:  spaced\r\n\r\n"+breakPayload)
					_, _ = io.Copy(io.Discard, r)
				}))
				rig.apply(breakAt(how, at))
				got, err := breakOff(t, rig.addr, at)
				if reset := errors.Is(err, syscall.ECONNRESET); reset != (how == faults.BreakReset) || !reset && err != nil {
					t.Errorf("got %v, want a %s", err, how)
				}
				checkBrokenAnswer(t, string(got), at, "a declared length")
				checkBreakRecord(t, rig.wait(1)[0], how, at)
			})
		}
	}
}
