package proxy

import (
	"net"
	"time"
)

// rest marks the session as idle and lets the next read take so long from now. It is
// false when the proxy is about to end.
func (s *session) rest(now time.Time, idle time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.reads.atLeast(now, idle)
	}
	s.idle = !s.closing
	return s.idle
}

func (s *session) stir() {
	s.mu.Lock()
	s.idle = false
	if s.closing {
		s.reads.until = time.Time{} // which retire has changed
	}
	s.mu.Unlock()
}

// retire lets the session end once it is idle, which it may be now. Nothing holds
// it back any more.
func (s *session) retire() {
	s.mu.Lock()
	s.closing = true
	if s.idle {
		_ = s.client.SetReadDeadline(past) // it is closed if this fails
	}
	s.mu.Unlock()
	s.wake.fireAny()
}

func (s *session) retiring() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// kill ends both connections at once, beneath TLS: that would wait for a peer
// which reads nothing, and all the others with it.
func (s *session) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = true
	if s.other != nil {
		beneath(s.other).Close() // first, for an attended client is let go when this is
	}
	s.raw.Close()
}

func (s *session) wasCut() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cut
}

// attach names the connection that is to end with the session, nil for none.
// It is false when the session has been ended already.
func (s *session) attach(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.other = c
	return !s.cut
}
