package proxy

import (
	"errors"
	"os"
	"sync/atomic"
	"time"
)

// patience is how long an upstream may take before somebody watches whether
// the client is still there. Quick answers do without.
const patience = 20 * time.Millisecond

// maxPatience is how long it may take at most: the deadline of a connection in
// steady use need not be set but every so often.
const maxPatience = 4 * patience

// grace is how long an upstream may still take once the client has closed its
// sending half: most that do so have left, and a few only say that they are done.
const grace = 5 * time.Second

// watch reads ahead from a client that waits for its answer, so that its
// leaving is seen. Behind the end of what it sends it looks for a reset.
type watch struct {
	done     chan struct{}
	stopping atomic.Bool
	// ended is set when the client has closed its sending half, gone when it is
	// known to have left; at says when. They hold once seen is set or done is closed.
	seen        atomic.Bool
	ended, gone bool
	at          time.Time
	// reset is set when a client that had closed its sending half has left.
	reset atomic.Bool
	// broken is a defect of ours, for the session to deal with.
	broken *defect
}

// startWatch begins to read ahead. stirred is called, from another goroutine,
// if the client closes its sending half or leaves.
func (s *session) startWatch(stirred func()) {
	if s.watch != nil {
		return
	}
	s.reads.at(time.Time{})
	w := &watch{done: make(chan struct{})}
	s.watch = w
	ended := s.ended
	go func() {
		defer close(w.done)
		w.broken = try(func() {
			if ended {
				w.see(false)
			} else {
				s.readAhead(w)
			}
			s.lookOn(w, stirred)
		})
		if w.broken != nil {
			w.see(true)
			s.server.report(try(stirred))
		}
	}()
}

// lookOn tells that the client has closed its sending half or has left, and
// after the former goes on to look for the latter.
func (s *session) lookOn(w *watch, stirred func()) {
	if !w.ended {
		return
	}
	stirred()
	if tcp := plainTCP(s.client); tcp != nil && !w.gone && awaitReset(tcp) {
		w.reset.Store(true)
		stirred()
	}
}

// see notes that the client has closed its sending half, or has left.
func (w *watch) see(gone bool) {
	w.ended, w.gone, w.at = true, gone, time.Now()
	w.seen.Store(true)
}

// readAhead reads until it is stopped, the client is through, or enough waits.
func (s *session) readAhead(w *watch) {
	for s.in.end-s.in.used-s.prefix < maxAhead {
		n, err := s.client.Read(s.in.room())
		s.in.end += n
		if err == nil {
			continue
		}
		if errors.Is(err, os.ErrDeadlineExceeded) && w.stopping.Load() {
			return
		}
		w.see(!s.mayHalfClose(err))
		return
	}
}

// stopWatch ends the reading ahead. A defect that showed in it goes on here.
func (s *session) stopWatch() {
	w := s.watch
	if w == nil {
		return
	}
	s.watch = nil
	w.stopping.Store(true)
	s.reads.at(past)
	<-w.done
	s.reads.at(time.Time{})
	if w.broken != nil {
		panic(w.broken)
	}
	if w.ended {
		s.ended = true
		s.leftAt = w.at
	}
	if w.gone || w.reset.Load() {
		s.gone = true
	}
}

// leftWaiting reports whether the client is taken to have left, which has
// waited since then, and else until when it is not, zero for ever.
func (s *session) leftWaiting(since time.Time) (left bool, until time.Time) {
	w := s.watch
	if w == nil || !w.seen.Load() {
		return false, time.Time{}
	}
	if until = w.at; since.After(until) {
		until = since
	}
	until = until.Add(grace)
	return w.gone || w.reset.Load() || !time.Now().Before(until), until
}

// glance looks for the client after a wait in which its body hid whether it
// had left. It is false if it had.
func (s *session) glance() bool {
	const look = 10 * time.Millisecond
	s.reads.at(time.Now().Add(look))
	n, err := s.client.Read(s.in.room())
	s.in.end += n
	s.reads.at(time.Time{})
	return n > 0 || errors.Is(err, os.ErrDeadlineExceeded)
}
