package proxy

import (
	"io"
	"net/http"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/inject"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// strikeBefore carries out what ends the exchange before the upstream has seen
// it. It reports whether anything did, and then whether the stream ends in order.
func (f *flight) strikeBefore() (struck, sound bool) {
	switch a := f.decision.Terminal; {
	case a == nil:
		return false, false
	case a.Fault.Break != nil:
		return f.strikeAt(faults.BreakBefore), false
	case inject.SideOf(a.Fault.Answer) == faults.SideAfter:
		return false, false
	default:
		return true, f.inject()
	}
}

// strikeAfter carries out what ends the exchange once the upstream has done
// the work.
func (f *flight) strikeAfter(r *http.Response) (struck, sound bool) {
	switch a := f.decision.Terminal; {
	case a == nil:
		return false, false
	case a.Fault.Break != nil:
		return f.strikeAt(faults.BreakAfter), false
	default:
		f.discard(r)
		if f.left() {
			f.attempt.Origin = observe.OriginInjected
			f.leave("")
			return true, false
		}
		return true, f.inject()
	}
}

// discard reads the upstream's answer and throws it away, so that the connection
// to the upstream can be used again unless it is long, in bytes or in time.
func (f *flight) discard(r *http.Response) {
	late := time.AfterFunc(discarding, func() { f.cancel(errUpstream) })
	defer late.Stop()
	_, _ = io.CopyN(io.Discard, f.patient(r), maxDiscarded) // what came is thrown away in any case
}

// point is where the fault that strikes breaks the connection, "" for nowhere.
func (f *flight) point() faults.BreakPoint {
	if a := f.decision.Terminal; a != nil && a.Fault.Break != nil {
		return inject.PointOf(a.Fault.Break)
	}
	return ""
}

// strikeAt breaks the stream if this is the point for it: a stream has no end
// but a reset that would not end an answer in order. It is false when the
// exchange goes on: there is no fault for this point, or it hung and was let go.
func (f *flight) strikeAt(point faults.BreakPoint) bool {
	if f.point() != point {
		return false
	}
	a := f.decision.Terminal
	f.decision.Terminal = nil
	how := a.Fault.Break.How
	if how == faults.BreakHang {
		if f.holdBy(a, 0, false) != abandoned {
			return false
		}
		f.gone = true
	} else {
		a.Fire()
	}
	f.attempt.Origin, f.attempt.Fault = observe.OriginInjected, a.Fault.Name
	f.attempt.Break, f.attempt.BreakAt = how, point
	f.settle(true)
	f.answered = f.core.clock()
	return true
}
