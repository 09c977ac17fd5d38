package proxy

import (
	"net"
	"testing"
	"time"
)

// TestLateReleaseEndsNoOtherWait: a callback may begin when its wait has ended.
func TestLateReleaseEndsNoOtherWait(t *testing.T) {
	t.Parallel()
	var w wake
	first := w.arm(true)
	w.disarm()
	second := w.arm(true)
	signal := w.watching()
	w.fire(first)
	select {
	case <-signal:
		t.Error("the release of the first wait ended the second")
	default:
	}
	w.fire(second)
	select {
	case <-signal:
	default:
		t.Error("the release of the second wait did not end it")
	}
}

// deadlines counts what is set on a connection.
type deadlines struct {
	net.Conn
	set int
}

func (d *deadlines) SetReadDeadline(time.Time) error {
	d.set++
	return nil
}

// TestReleaseBeforeABlindWait: it comes when the wait has been announced and
// has not begun. The reads are somebody else's, and stay as they are.
func TestReleaseBeforeABlindWait(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	c := &deadlines{Conn: here}
	s := newBareServer(t).newSession(c, c, 1)
	s.wake.fire(s.wake.arm(true))
	if end := s.waitBlindly(time.Time{}); end != released {
		t.Errorf("the wait ended as %d, want released", end)
	}
	if c.set > 0 {
		t.Errorf("got %d deadlines of the reads, want none", c.set)
	}
}
