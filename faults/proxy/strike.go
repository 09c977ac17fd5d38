package proxy

import (
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// hold waits for the delays of one side of the upstream's work. It is false
// when the client left.
func (s *session) hold(late bool) bool {
	for _, h := range s.decision.Holds {
		if (h.Fault.Fault.Delay.At == faults.SideAfter) != late {
			continue
		}
		if s.holdBy(h.Fault, h.Wait, true) == abandoned {
			s.attempt.Origin = observe.OriginInjected
			s.leave("")
			return false
		}
	}
	s.reconsider()
	return true
}

// holdBy keeps the exchange back by one fault, for so long or, unless it is
// bounded, for as long as the fault is in force.
func (s *session) holdBy(a *faults.Active, wait time.Duration, bounded bool) waitEnd {
	now := s.core.now()
	expiry := a.Fault.ExpiresAt
	if !expiry.IsZero() {
		if left := expiry.Sub(now); !bounded || left < wait {
			wait, bounded = left, true
		}
	}
	s.stopWatch()
	switch {
	case s.gone:
		return abandoned
	case gone(a) || bounded && wait <= 0 || s.retiring():
		return released
	}
	a.Fire()
	a.Enter()
	defer a.Leave()
	start := time.Now()
	var until time.Time
	if bounded {
		until = start.Add(wait)
	}
	end := s.waitLent(a, until)
	s.attempt.Delay += time.Since(start)
	s.attempt.DelayedBy = append(s.attempt.DelayedBy, a.Fault.Name)
	if end == released && !s.ended && !s.pouring() && !s.glance() {
		s.ended, s.gone = true, true
		return abandoned
	}
	return end
}

// waitLent is wait without the memory that only the rest of the exchange needs.
func (s *session) waitLent(a *faults.Active, until time.Time) waitEnd {
	if s.request == nil { // no exchange has begun
		return s.wait(a, until)
	}
	s.returnHead()
	defer s.readAgain()
	return s.wait(a, until)
}

func gone(a *faults.Active) bool {
	select {
	case <-a.Gone():
		return true
	default:
		return false
	}
}

// strikeBefore carries out what ends the exchange before the upstream has seen
// it. It reports whether anything did, and then whether the connection can go on.
func (s *session) strikeBefore() (struck, again bool) {
	switch a := s.decision.Terminal; {
	case a == nil:
		return false, false
	case a.Fault.Break != nil:
		return s.strikeAt(faults.BreakBefore), false
	case a.Fault.Answer != nil && a.Fault.Answer.At == faults.SideAfter:
		return false, false
	default:
		return true, s.inject()
	}
}

// strikeAfter carries out what ends the exchange once the upstream has done
// the work.
func (s *session) strikeAfter() (struck, again bool) {
	switch a := s.decision.Terminal; {
	case a == nil:
		return false, false
	case a.Fault.Break != nil:
		return s.strikeAt(faults.BreakAfter), false
	default:
		if err := s.discard(); err != nil {
			return true, s.failRelay(err)
		}
		if s.stopWatch(); s.gone {
			s.attempt.Origin = observe.OriginInjected
			s.leave("")
			return true, false
		}
		return true, s.inject()
	}
}

// maxDiscarded and discarding bound what is read of an answer only to be thrown away, and for how long: the
// client waits for another meanwhile. Its head has come, so the upstream has done the work.
const (
	maxDiscarded = 1 << 20
	discarding   = time.Second
)

// discard reads the upstream's answer and throws it away, so that the
// connection to the upstream can be used again.
func (s *session) discard() error {
	s.framed.Start(s.response.Framing(s.request.Method()), s.server.proxy.options.Limits)
	s.unsampled = true
	until := time.Now().Add(discarding)
	for discarded := 0; discarded < maxDiscarded; {
		piece, err := s.take()
		if err != nil {
			return err
		}
		discarded += len(piece)
		if s.framed.Done() {
			break
		}
		s.inflow.used, s.inflow.end = 0, 0
		now := time.Now()
		if !now.Before(until) || s.readPieceUntil(now, until) != nil {
			break // what came is thrown away in any case
		}
	}
	if !s.framed.Done() {
		s.dropLink() // and with it what is still under way of the request
	}
	s.awaitPour()
	if s.link != nil {
		s.answered = s.core.clock() // nothing has left for the client by which the link could go
		s.keepLink()
	}
	return nil
}

// point is where the fault that strikes breaks the connection, "" for nowhere.
func (s *session) point() faults.BreakPoint {
	a := s.decision.Terminal
	switch {
	case a == nil || a.Fault.Break == nil:
		return ""
	case a.Fault.Break.At == "":
		return faults.BreakBefore
	default:
		return a.Fault.Break.At
	}
}

// strikeAt breaks the connection if this is the point for it. It is false when
// the exchange goes on: there is no fault for this point, or it hung and was
// let go.
func (s *session) strikeAt(point faults.BreakPoint) bool {
	if s.point() != point {
		return false
	}
	a := s.decision.Terminal
	s.decision.Terminal = nil
	how := a.Fault.Break.How
	if how == faults.BreakHang {
		if s.holdBy(a, 0, false) != abandoned {
			return false
		}
		s.gone = true
	} else {
		a.Fire()
	}
	s.attempt.Origin, s.attempt.Fault = observe.OriginInjected, a.Fault.Name
	s.attempt.Break, s.attempt.BreakAt = how, point
	s.settle(true)
	s.dropLink()
	s.stopPour()
	switch how {
	case faults.BreakReset:
		s.reset()
	case faults.BreakClose:
		s.finishClient()
	case faults.BreakHang:
	}
	return true
}

// delivery bounds the wait for the client's side to take what was sent before
// a reset, which would else overtake it.
const delivery = time.Second

// reset ends the client's connection by a reset.
func (s *session) reset() {
	s.stopWatch() // before it takes our end for the client's
	s.broken = true
	s.answered = s.core.clock()
	s.awaitDelivery() // also of what was answered before
	if tcp, ok := s.raw.(interface{ SetLinger(sec int) error }); ok {
		_ = tcp.SetLinger(0) // the connection is closed in any case
	}
	s.raw.Close()
}

// awaitDelivery waits until the client's side has acknowledged all bytes.
func (s *session) awaitDelivery() {
	const glance = 200 * time.Microsecond
	for end := time.Now().Add(delivery); unsent(s.raw) > 0 && time.Now().Before(end); {
		if !s.server.pause(glance) {
			return
		}
	}
}

// finishClient ends the client's connection in order.
func (s *session) finishClient() {
	s.stopWatch() // before it takes our end for the client's
	s.broken = true
	s.answered = s.core.clock()
	if tcp := plainTCP(s.raw); tcp != nil {
		_ = tcp.CloseWrite() // it is closed below
		s.lingerOn(s.raw)
	}
	s.raw.Close()
}

// hangUp closes the client's connection.
func (s *session) hangUp() { s.client.Close() }

// onGone calls f when a fault goes; nil never does.
func onGone(a *faults.Active, f func()) (stop func() bool) {
	if a == nil {
		return func() bool { return true }
	}
	return a.OnGone(f)
}
