package sweep

import (
	"fmt"
	"iter"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// evidence is what the runs of a case show beside the habits.
type evidence struct {
	// attempts counts what came to the endpoint, struck what of it the fault struck.
	attempts, struck int
	// requests counts the different requests that were struck, in each run; unknown those of them that are not the same in
	// every run, so that nothing follows for them.
	requests, unknown int
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
		ordered := h.inOrder(&runs[i])
		for key := range struck {
			e.add(h.Requests[key], seen[key], ordered)
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

// add takes in one request that was struck.
func (e *evidence) add(habit, seen Habit, o order) {
	e.requests++
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

// named gives the attempts of the runs to the judge, with what is known of them: see the package comment.
func (h *Habits) named(c *Case, runs []Ran, fault string) iter.Seq[*observe.Attempt] {
	return func(yield func(*observe.Attempt) bool) {
		for i := range runs {
			n := namer{habits: h, run: i, ended: map[string]bool{}, silent: !c.names() || h.larger(&runs[i], fault)}
			for j := range runs[i].Attempts {
				a := runs[i].Attempts[j]
				n.name(&a)
				if !yield(&a) {
					return
				}
			}
		}
	}
}

// names reports that a repeat after the fault is one: the answer cannot have been right.
func (c *Case) names() bool {
	switch c.Fault.Kind {
	case KindAnswer, KindLost, KindReset, KindHang:
		return true
	case KindSoftError, KindSoftItems, KindTruncate, KindLatency:
	}
	return false
}

// larger reports that something larger than a call was done again: a request that the fault did not strike came more often than in
// peace, and is none for a token.
func (h *Habits) larger(r *Ran, fault string) bool {
	seen, _ := countOf(r)
	struck := map[string]bool{}
	for i := range r.Attempts {
		if a := &r.Attempts[i]; strikes(a, fault) {
			struck[requestKey(a)] = true
		}
	}
	for key, habit := range seen {
		usual, known := h.Requests[key]
		if known && !struck[key] && habit.Count > usual.Count && usual.Endpoint != groove.Token {
			return true
		}
	}
	return false
}

// namer tells the attempts of one run from those of others, and names the calls that are certain.
type namer struct {
	habits *Habits
	run    int
	// ended are the requests that have succeeded.
	ended  map[string]bool
	silent bool
}

func (n *namer) name(a *observe.Attempt) {
	key := requestKey(a)
	id := ""
	if !n.silent && a.CallIDHeader == "" && n.habits.Requests[key].Count == 1 && !n.ended[key] {
		id = "sweep-" + shortKey(a)
	}
	n.ended[key] = n.ended[key] || a.Succeeded()
	n.part(a)
	if id != "" {
		a.CallID, a.CallIDHeader = fmt.Sprintf("%s#%d", id, n.run), observe.CallHeader
	}
}

// part keeps what one run sends apart from what an earlier one sent, however alike. The body's digest is part of the fingerprint
// and shown to nobody.
func (n *namer) part(a *observe.Attempt) {
	if n.run == 0 {
		return
	}
	mark := fmt.Sprintf("#%d", n.run)
	a.BodyDigest += mark
	for _, field := range []*string{&a.CallID, &a.IdempotencyKey, &a.RequestID} {
		if *field != "" {
			*field += mark
		}
	}
}
