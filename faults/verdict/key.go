package verdict

import (
	"fmt"
	"strings"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// keyTally counts what became of the idempotency keys of calls that were repeated.
type keyTally struct {
	who *client
	// suspects came again with another key, later than a loop would or as calls that may be of two callers.
	exposed, suspects int
	kept, changed     outcome
	// renewed came again at once as another call, with another key.
	renewed outcome
}

func keyStable(who *client, _ *Limits) tally { return &keyTally{who: who} }

func keyed(a *observe.Attempt) bool { return a.IdempotencyKey != "" }

func (t *keyTally) take(s *subject) {
	for i := range s.calls {
		if c := s.calls[i]; c.any(keyed) {
			t.count(c, s)
		}
	}
}

func (t *keyTally) count(c *call, s *subject) {
	met, changed := keysOf(c)
	next, soon := s.rekeyed(c)
	switch {
	case changed != nil && c.proof && c.byCallID():
		t.changed.take(c, "", changed.Before, changed.After)
	case changed != nil, next != nil && !soon:
		t.suspects++
	case next != nil:
		t.renewed.take(c, "", c.last(), next)
	case met != nil && c.proof:
		t.kept.take(c, "", met.Before, met.After)
	case met == nil:
		return
	}
	t.exposed++
}

// keysOf looks at the repeats of a call of which the attempt before had a key. Met is one of them, changed one with another key or none.
func keysOf(c *call) (met, changed *observe.Gap) {
	for i := range c.repeats {
		g := &c.repeats[i]
		if !keyed(g.Before) || !sameAgain(g) || !sameTarget(g.Before, g.After) {
			continue
		}
		met = g
		if changed == nil && g.After.IdempotencyKey != g.Before.IdempotencyKey {
			changed = g
		}
	}
	return met, changed
}

// rekeyed returns an attempt by which the same request came again with another key, after a call that its key alone names had failed. A key
// names a call, so that such a repeat comes as another call. Soon reports that it came so soon, and with nothing else in between,
// that no person did it.
func (s *subject) rekeyed(c *call) (next *observe.Attempt, soon bool) {
	last := c.last()
	if c.ambiguous() || c.byCallID() || !keyed(last) || !transient(last) && !broken(last) {
		return nil, false
	}
	for _, a := range s.arrivals.between(last.Answered, last.Answered+writeWindow) {
		if a == last || !like(a, last) || !keyed(a) || a.IdempotencyKey == last.IdempotencyKey {
			continue
		}
		g := observe.Gap{Before: last, After: a, Wait: a.Received - last.Answered}
		return a, s.direct([]observe.Gap{g}) && !c.history.crowded
	}
	return nil, false
}

func (t *keyTally) findings() []proposal {
	const needs = "needs 1 call with an idempotency key that was repeated"
	total := count(t.exposed, "call")
	different := requestsOf(&t.renewed)
	switch {
	case t.exposed == 0:
		return unexposed("nothing with an idempotency key was repeated", needs+", saw none")
	case t.changed.n > 0:
		return []proposal{t.changed.finding(Warn, t.exposed, fmt.Sprintf("the idempotency key changed within the call in %d of %s", t.changed.n, total))}
	case different >= leastRequests:
		return []proposal{t.renewed.finding(Warn, t.exposed, fmt.Sprintf("the same request came again at once with another idempotency key in %d of %s", t.renewed.n, total))}
	case t.renewed.n+t.suspects > 0:
		return []proposal{t.renewed.lacking(t.exposed, fmt.Sprintf("the same request came again with another idempotency key in %d of %s", t.renewed.n+t.suspects, total),
			fmt.Sprintf("needs %d different requests that come again at once so, or a call id such as %s, saw %d: somebody may have meant to do it again", leastRequests, observe.CallHeader, different))}
	case t.kept.n == 0:
		return []proposal{t.kept.lacking(t.exposed, "no certain repeat with an idempotency key", needs)}
	}
	return []proposal{t.kept.finding(Pass, t.exposed, "every repeat carried the same idempotency key in "+count(t.kept.n, "call"))}
}

// requestsOf counts the different requests among the evidence, whether they are named or not.
func requestsOf(e *outcome) int {
	seen := map[uint64]bool{}
	for _, w := range e.calls {
		seen[w.request] = true
	}
	return len(seen)
}

// reuseTally looks for idempotency keys that came with more than one body.
type reuseTally struct {
	exposed, similar int
	kept, reused     outcome
	// first has what each key came with first, where calls have an id beside it. It is a copy without the rest of the attempt.
	first map[scopedKey]*observe.Attempt
}

// scopedKey is a key and what it was sent to: servers keep the keys of one endpoint apart from those of another.
type scopedKey struct{ key, method, path string }

func scopeOf(a *observe.Attempt) scopedKey {
	path, _, _ := strings.Cut(a.Target, "?")
	return scopedKey{a.IdempotencyKey, a.Method, path}
}

func keyNotReused(*client, *Limits) tally {
	return &reuseTally{first: map[scopedKey]*observe.Attempt{}}
}

func (t *reuseTally) take(s *subject) {
	for i := range s.calls {
		if c := s.calls[i]; c.any(keyed) && !c.ambiguous() {
			t.count(c)
		}
	}
}

// pairing is two attempts with one key, and how their bodies compare.
type pairing struct {
	before, after *observe.Attempt
	likeness      likeness
}

// count compares the body of each attempt with that which its key came with first. The worst pair of a call counts.
func (t *reuseTally) count(c *call) {
	first := map[scopedKey]*observe.Attempt{}
	var worst *pairing
	for i := range c.Attempts {
		a := c.Attempts[i]
		if !keyed(a) || !a.BodyComplete {
			continue
		}
		scope := scopeOf(a)
		if first[scope] == nil {
			first[scope] = t.before(c, a)
		}
		before := first[scope]
		if before == a {
			continue
		}
		if p := (pairing{before, a, compareBodies(before, a)}); worst == nil || p.likeness > worst.likeness {
			worst = &p
		}
	}
	if worst == nil {
		return
	}
	t.exposed++
	switch worst.likeness {
	case bodyDifferent:
		t.reused.take(c, "", worst.before, worst.after)
	case bodySimilar:
		t.similar++
	case bodySame:
		t.kept.take(c, "", worst.before, worst.after)
	}
}

// before returns what the key of a came with first, a itself if that is it. Calls with an id of their own may share a key.
func (t *reuseTally) before(c *call, a *observe.Attempt) *observe.Attempt {
	if !c.byCallID() {
		return a
	}
	scope := scopeOf(a)
	if known := t.first[scope]; known != nil {
		return known
	}
	if len(t.first) < mostKept {
		t.first[scope] = &observe.Attempt{
			Sequence: a.Sequence, Endpoint: a.Endpoint, Headers: a.Headers, BodyLength: a.BodyLength, BodyDigest: a.BodyDigest,
		}
	}
	return a
}

func (t *reuseTally) findings() []proposal {
	const needs = "needs 1 pair of requests with the same idempotency key"
	total := count(t.exposed, "call")
	switch {
	case t.exposed == 0:
		return unexposed("no idempotency key came twice", needs+", saw none")
	case t.reused.n > 0:
		return []proposal{t.reused.finding(Fail, t.exposed, fmt.Sprintf("one idempotency key came with two bodies in %d of %s", t.reused.n, total))}
	case t.similar > 0:
		return []proposal{t.kept.lacking(t.exposed, fmt.Sprintf("the body under one idempotency key differed in %d of %s, but may mean the same", t.similar, total),
			needs+", with bodies that have no multipart boundary")}
	}
	return []proposal{t.kept.finding(Pass, t.exposed, "every idempotency key came with one body in "+count(t.kept.n, "call"))}
}
