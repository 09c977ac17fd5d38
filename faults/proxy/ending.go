package proxy

import (
	"io"
	"net"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// land records the exchange.
func (s *session) land() {
	s.checkLeft()
	e := ending{end: observe.EndComplete, answered: s.answered, body: s.sample(), class: s.class, code: s.code}
	switch {
	case s.completed:
	case s.wasCut():
		e.end = observe.EndBroken
		s.blame(observe.OriginOurs, errCut.Error())
	case s.gone:
		e.end = observe.EndClientLeft
	default:
		e.end = observe.EndBroken
	}
	switch {
	case s.headOut:
		e.status = s.status
	case s.gone && !s.leftAt.IsZero():
		e.answered = s.leftAt.Sub(s.core.epoch)
	case !s.broken:
		e.answered = s.core.clock()
	}
	e.requestLength, e.requestDigest, e.requestComplete = s.upload.summary()
	if s.silent || s.upstream.Foreign {
		s.forget()
	} else {
		s.finish(e)
	}
	s.recycle()
}

// checkLeft looks whether a client whose sending half had ended before the
// answer was sent still took it: if it had left, the answer met a reset.
func (s *session) checkLeft() {
	if !s.completed || !s.ended || s.leftAt.IsZero() || s.leftAt.Sub(s.core.epoch) >= s.answered {
		return
	}
	const look, glance = 10 * time.Millisecond, 500 * time.Microsecond
	for end := time.Now().Add(look); time.Now().Before(end) && s.server.pause(glance); {
		if socketError(s.raw) != nil {
			s.completed, s.gone, s.headOut = false, true, false
			return
		}
	}
}

// lingering bounds how long a connection is read from after its end was sent,
// in time and in bytes: closing it with bytes unread would be a reset.
const (
	lingering  = 2 * time.Second
	maxLingers = 256 << 10
)

// linger sends the end and waits for the client's.
func (s *session) linger() {
	half, ok := s.client.(interface{ CloseWrite() error })
	if !ok || s.gone || half.CloseWrite() != nil {
		return
	}
	s.lingerOn(s.client)
}

// lingerOn reads what a client still sends after our end, for a while.
func (s *session) lingerOn(c net.Conn) {
	s.mu.Lock()
	until := lingering
	if s.closing {
		until /= 10
	}
	s.idle = true // nothing is lost by ending it now
	_ = c.SetReadDeadline(time.Now().Add(until))
	s.mu.Unlock()
	_, _ = io.CopyN(io.Discard, c, maxLingers) // what comes is of no interest
}
