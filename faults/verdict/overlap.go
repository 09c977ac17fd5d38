package verdict

import (
	"fmt"
	"strings"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// leastOverlapping is how many calls must show whether they wait for an answer.
const leastOverlapping = 2

// overlapTally counts the calls whose attempts waited for each other, and those that did not.
type overlapTally struct {
	who               *client
	exposed, suspects int
	// hedged sent a safe request twice at a time, deserted left the answer before, as far as the proxy was told in time.
	// late may have left it, behind an intermediary.
	waited, overlapped, hedged, deserted, late outcome
}

func noOverlap(who *client, _ *Limits) tally { return &overlapTally{who: who} }

func (t *overlapTally) take(s *subject) {
	for i := range s.calls {
		t.count(s.calls[i])
	}
}

func (t *overlapTally) count(c *call) {
	if len(c.overlaps) == 0 && len(c.repeats) == 0 {
		return
	}
	t.exposed++
	worst, g := worstOverlap(c.overlaps)
	switch {
	case worst == overlapNone && len(c.overlaps) == 0 && c.proof:
		t.waited.take(c, "", c.repeats[0].Before, c.repeats[0].After)
	case worst == overlapNone:
	case !c.explicit():
		t.suspects++
	case worst == overlapLate:
		t.late.take(c, "", g.Before, g.After)
	case worst == overlapHedge:
		t.hedged.take(c, "", g.Before, g.After)
	case worst == overlapDeserted:
		t.deserted.take(c, "", g.Before, g.After)
	default:
		t.overlapped.take(c, "", g.Before, g.After)
	}
}

// overlapKind says what to make of an attempt that did not wait for the answer before.
type overlapKind int

const (
	// overlapNone says nothing of the client.
	overlapNone overlapKind = iota
	// overlapHedge is a safe request sent twice, overlapDeserted one that the client gave up: its own timeout.
	overlapHedge
	overlapDeserted
	// overlapLate is a write sent again after so long that the client may have given the first one up, which an intermediary
	// that waited for its answer hides.
	overlapLate
	overlapReal
)

func worstOverlap(overlaps []observe.Gap) (worst overlapKind, at *observe.Gap) {
	for i := range overlaps {
		if kind := kindOfOverlap(&overlaps[i]); kind > worst {
			worst, at = kind, &overlaps[i]
		}
	}
	return worst, at
}

// kindOfOverlap tells a client's own timeouts and hedges from an attempt that was simply not waited for. Different requests under one id, times of
// two clocks, answers that a fault kept from ending and our own failures say nothing.
func kindOfOverlap(g *observe.Gap) overlapKind {
	switch {
	case g.Inexact, !theirs(g.Before), !sameTarget(g.Before, g.After), g.Before.Spoiled():
		return overlapNone
	case left(g.Before), broken(g.Before):
		return overlapDeserted
	case g.Hedge, g.Before.Method == "GET", g.Before.Method == "HEAD", g.Before.Method == "OPTIONS":
		return overlapHedge
	case compareBodies(g.Before, g.After) != bodySame:
		return overlapNone
	case g.After.Received-g.Before.Received > unhurried:
		return overlapLate
	}
	return overlapReal
}

func (t *overlapTally) findings() []proposal {
	const needs = "needs 2 calls that were repeated"
	total := count(t.exposed, "call")
	what := fmt.Sprintf("the next attempt came before the answer to the one before had ended in %d of %s", t.overlapped.n, total)
	switch {
	case t.exposed == 0:
		return unexposed("nothing was repeated", needs+", saw none")
	case t.overlapped.n >= leastOverlapping:
		return []proposal{t.overlapped.finding(Fail, t.exposed, what+t.apart())}
	case t.overlapped.n > 0:
		return []proposal{t.overlapped.lacking(t.exposed, what+t.apart(), needs+" so, saw 1")}
	case t.suspects > 0:
		return []proposal{t.waited.lacking(t.exposed, fmt.Sprintf("like requests were under way at the same time in %d of %s", t.suspects, total), "needs a call id in "+observe.CallHeader+", and attempts that ask for the same")}
	case t.late.n > 0:
		return []proposal{t.late.lacking(t.exposed, fmt.Sprintf("a write was sent again more than %s after the first, still unanswered, in %d of %s", short(unhurried), t.late.n, total)+t.apart(),
			needs+" sooner: after so long the client may have given up, which an intermediary hides")}
	case t.hedged.n > 0:
		return []proposal{t.hedged.finding(Info, t.exposed, "no write overlapped"+t.apart())}
	case t.waited.n+t.deserted.n < leastOverlapping:
		return []proposal{t.waited.lacking(t.exposed, "no attempt overlapped"+t.apart(), fmt.Sprintf("%s, each certainly by one caller, saw %d", needs, t.waited.n+t.deserted.n))}
	case t.waited.n == 0:
		return []proposal{t.deserted.finding(Pass, t.exposed, "no attempt overlapped"+t.apart())}
	}
	return []proposal{t.waited.finding(Pass, t.exposed, fmt.Sprintf("every repeat waited for the answer before it in %s%s", count(t.waited.n, "call"), t.apart()))}
}

// apart names what looks like an overlap and is none.
func (t *overlapTally) apart() string {
	var list []string
	if t.hedged.n > 0 {
		list = append(list, fmt.Sprintf("a safe request was hedged in %d", t.hedged.n))
	}
	if t.deserted.n > 0 {
		list = append(list, fmt.Sprintf("the client had left at its own timeout, or been cut off, in %d", t.deserted.n))
	}
	if len(list) == 0 {
		return ""
	}
	return "; " + strings.Join(list, ", ")
}
