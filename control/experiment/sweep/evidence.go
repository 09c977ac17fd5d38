package sweep

import (
	"fmt"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// evidence is what the runs of a case show beside the habits.
type evidence struct {
	// attempts counts what came to the endpoint, struck what of it the fault struck.
	attempts, struck int
	// requests counts the different requests that were struck, in each run; unknown those of them that are not the same in
	// every run, so that nothing follows for them.
	requests, unknown int
	// astray counts those of the unknown that may have come again, as something else or as somebody else's.
	astray int
	// back counts those that came more often than in peace, healed those that succeeded as often, tried those that did either,
	// alone those that did neither and did not come again.
	back, healed, tried, alone int
	// again counts by how much they came more often.
	again int
}

// strikes reports that the fault of the case had a part in an attempt.
func strikes(a *observe.Attempt, fault string) bool {
	return a.Fault == fault || slices.Contains(a.DelayedBy, fault) || slices.Contains(a.SpoiledBy, fault)
}

// weigh holds the runs of a case against the habits.
func (h *Habits) weigh(c *Case, runs []Ran, fault string) evidence {
	var e evidence
	for i := range runs {
		seen, _ := countOf(&runs[i])
		struck := map[string]bool{}
		for j := range runs[i].Attempts {
			a := &runs[i].Attempts[j]
			if a.Endpoint != c.Endpoint {
				continue
			}
			e.attempts++
			if strikes(a, fault) {
				e.struck++
				struck[requestKey(a)] = true
			}
		}
		ordered, lines, missing, foreign := h.inOrder(&runs[i]), linesOf(&runs[i]), h.missing(&runs[i]), h.strangers(&runs[i])
		if h.larger(&runs[i], fault) {
			missing = math.MaxInt // All that came again may have come with what was done again.
		}
		for key := range struck {
			e.add(h.Requests[key], seen[key], ordered, h.strays(lines[key], seen[key], missing) || foreign.varied(lines[key]))
		}
	}
	return e
}

// order says how a run's requests follow one another beside those in peace.
type order int

const (
	// orderOther is for another order, orderSame for the same, orderCut for the same up to an early end.
	orderOther order = iota
	orderSame
	orderCut
)

// inOrder compares the order of a run's requests with that in peace.
func (h *Habits) inOrder(r *Ran) order {
	if len(h.Order) == 0 || len(r.Attempts) > len(h.Order) {
		return orderOther
	}
	for i := range r.Attempts {
		if h.Order[i] != shortKey(&r.Attempts[i]) {
			return orderOther
		}
	}
	if len(r.Attempts) < len(h.Order) {
		return orderCut
	}
	return orderSame
}

// shortKey is a digest of requestKey.
func shortKey(a *observe.Attempt) string {
	return fmt.Sprintf("%016x", xxhash.Sum64String(requestKey(a)))
}

// add takes in one request that was struck. Of one that strays nothing follows, however often it came.
func (e *evidence) add(habit, seen Habit, o order, strays bool) {
	e.requests++
	if strays {
		e.unknown++
		e.astray++
		return
	}
	healed, back := false, false
	if habit.Count > 0 {
		healed, back = habit.Succeeded > 0 && seen.Succeeded >= habit.Succeeded, seen.Count > habit.Count
	}
	alone := habit.Count == 1 && seen.Count == 1 ||
		habit.Count > 1 && (o == orderSame || o == orderCut && seen.Count == 1)
	if back {
		e.back++
		e.again += seen.Count - habit.Count
	}
	if healed {
		e.healed++
	}
	switch {
	case healed || back:
		e.tried++
	case alone:
		e.alone++
	default:
		e.unknown++
	}
}
