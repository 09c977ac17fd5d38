package proxy_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// TestCloseIsNoResetWithABodyUnread sends more than the proxy reads before it
// breaks the connection in order.
func TestCloseIsNoResetWithABodyUnread(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"small": 10, "beyond the prefix": 200 << 10, "beyond what lingering reads": 2 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, untouched(t))
			rig.apply(breakAt(faults.BreakClose, faults.BreakBefore))
			c, _ := rig.dial()
			send(t, c, "POST "+addPath+" HTTP/1.1\r\nHost: a\r\nContent-Length: "+strconv.Itoa(size)+"\r\n\r\n")
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				_, _ = c.Write(make([]byte, size)) // may meet the end
			}()
			if got, err := io.ReadAll(c); err != nil || len(got) > 0 {
				t.Errorf("got %q and %v, want the end in order and nothing else", got, err)
			}
			<-sent
			c.Close()
			if a := rig.wait(1)[0]; a.Break != faults.BreakClose || a.End != observe.EndBroken || a.Forwarded {
				t.Errorf("recorded %q, %s, forwarded %t; want close, broken, not forwarded", a.Break, a.End, a.Forwarded)
			}
		})
	}
}

// every strikes each nth exchange.
func every(f faults.Fault, n uint64) faults.Fault {
	f.Trigger.Every = n
	return f
}

// TestBreakOnAKeptConnection breaks the second of three exchanges: the first
// is whole, the third never reaches the upstream.
func TestBreakOnAKeptConnection(t *testing.T) {
	t.Parallel()
	for _, how := range []faults.BreakKind{faults.BreakReset, faults.BreakClose} {
		for _, at := range breakPoints[1:] {
			for name, pipelined := range map[string]bool{"pipelined": true, "one by one": false} {
				t.Run(string(how)+" "+string(at)+" "+name, func(t *testing.T) {
					t.Parallel()
					origin, seen := breakOrigin(t, "a declared length")
					rig := newRig(t, origin)
					rig.apply(every(breakAt(how, at), 2))
					c, r := rig.dial()
					rest := strings.Repeat(breakPost, 2)
					send(t, c, breakPost)
					if pipelined {
						send(t, c, rest)
					}
					whole, err := io.ReadAll(io.LimitReader(r, int64(len(breakFramings["a declared length"].head)+breakSize)))
					if err != nil || !strings.HasSuffix(string(whole), breakPayload) {
						t.Fatalf("got %d bytes of the first answer, %v; want all", len(whole), err)
					}
					if !pipelined {
						send(t, c, rest)
					}
					got, err := io.ReadAll(r)
					if reset := errors.Is(err, syscall.ECONNRESET); reset != (how == faults.BreakReset) || !reset && err != nil {
						t.Errorf("got %v, want a %s", err, how)
					}
					c.Close()
					checkBrokenAnswer(t, string(got), at, "a declared length")
					attempts := rig.wait(2)
					checkBreakRecord(t, attempts[1], how, at)
					if a := attempts[0]; a.Break != "" || a.End != observe.EndComplete || a.Conn != attempts[1].Conn || attempts[1].ConnUse != 2 {
						t.Errorf("recorded %q, %s for the first, use %d for the second; want a complete one and use 2", a.Break, a.End, attempts[1].ConnUse)
					}
					rig.stop()
					if want := 1 + count(at != faults.BreakBefore); seen.Load() != want || len(rig.attempts) != 2 {
						t.Errorf("the upstream saw %d requests and %d were recorded, want %d and 2", seen.Load(), len(rig.attempts), want)
					}
				})
			}
		}
	}
}

// TestResetLeavesTheAnswerBefore resets a connection while an earlier answer,
// larger than what a client takes unread, is still on its way.
func TestResetLeavesTheAnswerBefore(t *testing.T) {
	t.Parallel()
	const size = 600 << 10
	origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for {
			if _, err := headLines(r); err != nil {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(size)+"\r\n\r\n"+strings.Repeat("x", size))
		}
	})
	rig := newRig(t, origin)
	rig.apply(every(breakAt(faults.BreakReset, faults.BreakBefore), 2))
	c, _ := rig.dial()
	if err := c.(*net.TCPConn).SetReadBuffer(16 << 10); err != nil {
		t.Fatal(err)
	}
	send(t, c, strings.Repeat("GET "+searchPath+" HTTP/1.1\r\nHost: a\r\n\r\n", 2))
	for fired(rig.engine)["cut"] == 0 {
		time.Sleep(time.Millisecond) // until the second is struck
	}
	got, err := io.ReadAll(c)
	if _, body, _ := strings.Cut(string(got), "\r\n\r\n"); len(body) != size || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %d bytes of the first answer and %v, want %d and then a reset", len(body), err, size)
	}
	rig.wait(2)
}
