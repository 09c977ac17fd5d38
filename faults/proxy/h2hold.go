package proxy

import (
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// hold waits for the delays of one side of the upstream's work. It is false
// when the client left.
func (f *flight) hold(late bool) bool {
	for _, h := range f.decision.Holds {
		if (h.Fault.Fault.Delay.At == faults.SideAfter) != late {
			continue
		}
		if f.holdBy(h.Fault, h.Wait, true) == abandoned {
			f.attempt.Origin = observe.OriginInjected
			f.leave("")
			return false
		}
	}
	f.reconsider()
	return true
}

// holdBy keeps the exchange back by one fault, for so long or, unless it is
// bounded, for as long as the fault is in force.
func (f *flight) holdBy(a *faults.Active, wait time.Duration, bounded bool) waitEnd {
	if expiry := a.Fault.ExpiresAt; !expiry.IsZero() {
		if left := expiry.Sub(f.core.now()); !bounded || left < wait {
			wait, bounded = left, true
		}
	}
	switch {
	case f.left():
		return abandoned
	case gone(a) || bounded && wait <= 0 || f.side.server.drain.Err() != nil:
		return released
	}
	a.Fire()
	a.Enter()
	defer a.Leave()
	start := time.Now()
	end := f.wait(a, wait, bounded)
	f.attempt.Delay += time.Since(start)
	f.attempt.DelayedBy = append(f.attempt.DelayedBy, a.Fault.Name)
	return end
}

// wait holds the client so long, but no longer than the fault is in force, the
// proxy runs and the client is there. It is never early.
func (f *flight) wait(a *faults.Active, wait time.Duration, bounded bool) waitEnd {
	var up <-chan time.Time
	if bounded {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		up = timer.C
	}
	select {
	case <-up:
		return waited
	case <-a.Gone():
		return released
	case <-f.in.Context().Done():
		return abandoned
	case <-f.side.server.drain.Done():
		return released
	}
}
