package proxy

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// wake ends a wait of its session from another goroutine.
type wake struct {
	session *session

	mu           sync.Mutex
	armed, fired bool
	// blind is set while the reads of the client are not the waiter's.
	blind bool
	turn  uint64
	// signal is closed by fire while somebody waits without reading.
	signal chan struct{}
}

// fire ends the wait of that turn, if it still is.
func (w *wake) fire(turn uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.turn == turn {
		w.end()
	}
}

// fireAny ends the wait if there is one.
func (w *wake) fireAny() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
}

// end ends the wait if there is one. The caller holds the lock.
func (w *wake) end() {
	if !w.armed || w.fired {
		return
	}
	w.fired = true
	if w.signal != nil {
		close(w.signal)
		w.signal = nil
		return
	}
	if !w.blind {
		_ = w.session.client.SetReadDeadline(past) // it is closed if this fails
	}
}

// arm begins a wait and returns its turn, by which one that comes too late for
// it does not end the next; in a blind wait somebody else may be reading.
func (w *wake) arm(blind bool) (turn uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed, w.fired, w.blind = true, false, blind
	w.turn++
	return w.turn
}

func (w *wake) disarm() {
	w.mu.Lock()
	w.armed, w.signal = false, nil
	w.mu.Unlock()
}

// until sets how long the next read may take, zero for ever. It is false when
// the wait is over.
func (w *wake) until(t time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.fired {
		w.session.reads.at(t)
	}
	return !w.fired
}

// watching returns a channel that fire closes. It is nil when the wait is over.
func (w *wake) watching() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fired {
		return nil
	}
	w.signal = make(chan struct{})
	return w.signal
}

// waitEnd says why a wait ended.
type waitEnd uint8

const (
	// waited is when the time is up.
	waited waitEnd = iota
	// released is when the fault went or the proxy is about to end.
	released
	// abandoned is when the client left.
	abandoned
)

// wait holds the client until a time (zero for ever), but no longer than the
// fault is in force, the proxy runs and the client is there. It is never early.
func (s *session) wait(a *faults.Active, until time.Time) waitEnd {
	s.stopWatch()
	if s.gone {
		return abandoned
	}
	blind := s.ended || s.pouring()
	turn := s.wake.arm(blind)
	defer s.wake.disarm()
	fire := func() {
		defer s.server.survive()
		s.wake.fire(turn)
	}
	stopGone := onGone(a, fire)
	defer stopGone()
	if s.retiring() { // what retires the session from now on ends the wait
		return released
	}
	if blind {
		return s.waitBlindly(until)
	}
	end := s.waitReading(until)
	s.wake.disarm()
	s.reads.at(time.Time{})
	return end
}

// waitReading waits and reads ahead from the client, which may leave.
func (s *session) waitReading(until time.Time) waitEnd {
	for {
		switch {
		case !until.IsZero() && !time.Now().Before(until):
			return waited
		case s.ended || s.in.end-s.in.used-s.prefix >= maxAhead:
			return s.waitBlindly(until)
		case !s.wake.until(until):
			return released
		}
		n, err := s.client.Read(s.in.room())
		s.in.end += n
		switch {
		case err == nil, errors.Is(err, os.ErrDeadlineExceeded):
		case s.lenient && s.mayHalfClose(err):
			s.ended = true
		default:
			s.ended, s.gone = true, true
			return abandoned
		}
	}
}

// waitBlindly waits without reading from the client. That it leaves shows by a
// reset, or in the body that is still read.
func (s *session) waitBlindly(until time.Time) waitEnd {
	signal := s.wake.watching()
	if signal == nil {
		return released
	}
	reset, stop := s.resets()
	defer stop()
	var up <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		up = timer.C
	}
	for poured := s.ending; ; poured = nil {
		select {
		case <-up:
			return waited
		case <-signal:
			return released
		case <-poured:
			if !s.leftBody() {
				continue
			}
		case <-reset:
		}
		s.gone = true
		return abandoned
	}
}

// resets returns a channel that is closed when the client resets the connection.
func (s *session) resets() (reset <-chan struct{}, stop func()) {
	tcp := plainTCP(s.client)
	if tcp == nil {
		return nil, func() {}
	}
	seen := make(chan struct{})
	end := watchReset(tcp, func() { close(seen) })
	return seen, func() {
		end()
		s.writes.until = noDeadline
	}
}

// mayHalfClose reports whether a client whose reads ended like this may still
// read its answer. Only plain TCP has halves that clients use.
func (s *session) mayHalfClose(err error) bool {
	return plainTCP(s.client) != nil && errors.Is(err, io.EOF)
}
