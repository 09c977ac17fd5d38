package verdict

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// mostTargets is how many targets the attempts of one call can have before its id is taken for that of something larger.
const mostTargets = 2

// targetTally counts what a client did with its targets.
type targetTally struct {
	exposed, doubtful int
	// spanning reports that an id of the client goes on after a success, with something else.
	spanning      bool
	kept, changed outcome
}

func targetKept(*client, *Limits) tally { return &targetTally{} }

// byCallID reports that the client named the call by an id that is made for it, not by an idempotency key.
func (c *call) byCallID() bool {
	first := c.first()
	return c.explicit() && first.CallID != "" && first.CallID != first.IdempotencyKey
}

func (t *targetTally) take(s *subject) {
	for i := range s.calls {
		if c := s.calls[i]; c.byCallID() {
			t.spanning = t.spanning || spans(c)
			t.count(c)
		}
	}
}

// spans reports that an id goes on with another request after one has succeeded: then it names something larger than a call.
func spans(c *call) bool {
	for i := 1; i < len(c.Attempts); i++ {
		if before, after := c.Attempts[i-1], c.Attempts[i]; before.Succeeded() && !sameTarget(before, after) {
			return true
		}
	}
	return false
}

func sameTarget(a, b *observe.Attempt) bool { return a.Method == b.Method && a.Target == b.Target }

// targets counts the different requests of a call, up to one more than are looked at.
func targets(c *call) int {
	var seen []*observe.Attempt
	for i := range c.Attempts {
		known := false
		for _, a := range seen {
			known = known || sameTarget(a, c.Attempts[i])
		}
		if !known {
			seen = append(seen, c.Attempts[i])
		}
		if len(seen) > mostTargets {
			break
		}
	}
	return len(seen)
}

func (t *targetTally) count(c *call) {
	var met, changed *observe.Gap
	for i := range c.repeats {
		if g := &c.repeats[i]; sameAgain(g) {
			met = g
			if changed == nil && !sameTarget(g.Before, g.After) {
				changed = g
			}
		}
	}
	if met == nil {
		return
	}
	t.exposed++
	switch {
	case changed != nil && (targets(c) > mostTargets || succeededBefore(c) || changed.Inexact):
		t.doubtful++
	case changed != nil:
		t.changed.take(c, turn(changed), changed.Before, changed.After)
	default:
		t.kept.take(c, "", met.Before, met.After)
	}
}

// succeededBefore reports that a call went on after a success.
func succeededBefore(c *call) bool {
	for i := range c.Attempts[:len(c.Attempts)-1] {
		if c.Attempts[i].Succeeded() {
			return true
		}
	}
	return false
}

// longestTarget is how much of a target a summary shows.
const longestTarget = 120

// turn says what became of a request.
func turn(g *observe.Gap) string {
	return fmt.Sprintf("%s %.*s, then %s %.*s", g.Before.Method, longestTarget, g.Before.Target, g.After.Method, longestTarget, g.After.Target)
}

func (t *targetTally) findings() []proposal {
	const needs = "needs 1 call with a call id that was repeated"
	total := count(t.exposed, "call")
	different := fmt.Sprintf("a repeat asked for something else in %d of %s", t.changed.n+t.doubtful, total)
	switch {
	case t.exposed == 0:
		return unexposed("no call that the client named was repeated", needs+", saw none")
	case t.changed.n > 0 && !t.spanning:
		return []proposal{t.changed.finding(Warn, t.exposed, fmt.Sprintf("a repeat asked for something else in %d of %s: %s", t.changed.n, total, t.changed.after[0]))}
	case t.changed.n+t.doubtful > 0:
		return []proposal{t.kept.lacking(t.exposed, different, needs+", and ids that name one call each: these may name more")}
	}
	return []proposal{t.kept.finding(Pass, t.exposed, "every repeat asked for the same in "+count(t.kept.n, "call"))}
}
