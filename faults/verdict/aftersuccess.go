package verdict

import (
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// leastPolls is how many attempts after a success, each of which waited, may be those of a poller.
	leastPolls = 3
	// unhurried is how long an answer may take before its client may have given it up just as it came.
	unhurried = time.Second
	// leastLate is how many calls have to go on so late, each on another connection, that it cannot be their clients' timers.
	leastLate = 3
)

// excessTally counts the calls that went on after a success.
type excessTally struct {
	// suspects went on, but their id may name more than a call, or the client may not have had the answer.
	exposed, suspects int
	// late went on when a timer may have run out that was started long before the request came.
	stopped, wentOn, late outcome
}

func stopsAfterSuccess(*client, *Limits) tally { return &excessTally{} }

func (t *excessTally) take(s *subject) {
	for i := range s.calls {
		if c := s.calls[i]; c.byCallID() {
			t.count(s, c)
		}
	}
}

// count looks at calls that were repeated: one that succeeded at once and ended says little.
func (t *excessTally) count(s *subject, c *call) {
	excess := beyond(c)
	switch {
	case len(excess) > 0 && (targets(c) > 1 || patient(c, excess)):
		t.suspects++
	case len(excess) > 0 && s.late(excess):
		t.late.take(c, "", excess[0].Before, excess[0].After)
	case len(excess) > 0:
		t.wentOn.take(c, "", excess[0].Before, excess[0].After)
	case doubted(c):
		t.suspects++
	case len(c.repeats) > 0 && delivered(c.last()):
		t.stopped.take(c, "", c.last())
	default:
		return
	}
	t.exposed++
}

// delivered reports a success that the client certainly has: a whole 2xx that is no soft error and came before its patience can have been over.
func delivered(a *observe.Attempt) bool {
	return answered(a) && a.Status/100 == 2 && a.Class == groove.ClassSuccess && a.Answered-a.Received <= unhurried
}

// beyond returns the gaps between a success and what came after it. Hedges and repeats of the HTTP stack are nobody's decision.
func beyond(c *call) []observe.Gap {
	return slices.DeleteFunc(c.Gaps(), func(g observe.Gap) bool { return g.Overlap || g.Hedge || g.Inexact || !delivered(g.Before) })
}

// late reports that a client on a busy machine may have given up before it could read the answer: what follows comes on another
// connection, as one that was given up cannot be used again (but for one that carries several exchanges), and not at once.
func (s *subject) late(excess []observe.Gap) bool {
	return !slices.ContainsFunc(excess, func(g observe.Gap) bool {
		return s.arrivals.afterAnswer(&g) || g.Wait+g.Before.Answered-g.Before.Received <= unhurried
	})
}

// doubted reports that a call went on after a 2xx that the client may have had cause not to be content with.
func doubted(c *call) bool {
	return slices.ContainsFunc(c.Gaps(), func(g observe.Gap) bool {
		return answered(g.Before) && g.Before.Status/100 == 2 && !g.Overlap && !g.Hedge
	})
}

// patient reports that a call went on so often, and waited each time, that its id may be a poller's. A counter that goes on shows that
// it is not.
func patient(c *call, excess []observe.Gap) bool {
	for i := range excess {
		g := &excess[i]
		if g.Wait <= prompt || g.Before.Counter != observe.NoCounter && g.After.Counter == g.Before.Counter+1 {
			return false
		}
	}
	return len(excess) >= leastPolls || c.Polling
}

func (t *excessTally) findings() []proposal {
	const needs = "needs 1 call with a call id that failed first and then succeeded"
	total := count(t.exposed, "call")
	switch {
	case t.exposed == 0:
		return unexposed("no call that the client named was repeated until it succeeded", needs+", saw none")
	case t.wentOn.n > 0:
		return []proposal{t.wentOn.finding(Fail, t.exposed, fmt.Sprintf("an attempt came after the call had succeeded in %d of %s", t.wentOn.n, total))}
	case t.late.n >= leastLate:
		return []proposal{t.late.finding(Fail, t.exposed, fmt.Sprintf("an attempt came after the call had succeeded in %d of %s", t.late.n, total))}
	case t.suspects+t.late.n > 0:
		return []proposal{t.stopped.lacking(t.exposed, fmt.Sprintf("something came after a success under the same id in %d of %s", t.suspects+t.late.n, total),
			fmt.Sprintf("%s, by an id that names one call and no poller; or %d that go on after a second on another connection", needs, leastLate))}
	}
	return []proposal{t.stopped.finding(Pass, t.exposed, "nothing came after a success in "+count(t.stopped.n, "call"))}
}
