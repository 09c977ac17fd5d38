package verdict

import (
	"fmt"
	"strconv"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// writeWindow is how soon after a failed write the same one may be its repeat, though it was not taken for one.
const writeWindow = 60 * time.Second

// peril is what a repeated write risks.
type peril int

const (
	// perilNone is an answer that settles the matter.
	perilNone peril = iota
	// perilUnlikely is an answer after which the write was most likely not applied.
	perilUnlikely
	// perilReal is an end that leaves open whether the write was applied.
	perilReal
)

// fate says what is known of a write that ended like a. Of a client that left before its answer, only one
// that names its calls is known to have come back by itself: else it may have been a person.
func fate(c *call, a *observe.Attempt) (peril, string) {
	switch {
	case broken(a):
		return perilReal, "a lost answer"
	case left(a) && c.explicit():
		return perilReal, "leaving before the answer"
	case left(a):
		return perilUnlikely, "leaving before the answer"
	case !answered(a):
		return perilNone, ""
	}
	switch a.Status {
	case 500, 502:
		return perilReal, strconv.Itoa(a.Status)
	case 429, 503:
		return perilUnlikely, strconv.Itoa(a.Status)
	}
	return perilNone, ""
}

// resent reports that the later attempt of g is the same write again, with nothing by
// which Groove could know it.
func resent(g *observe.Gap) bool {
	same := g.Before.BodyDigest == g.After.BodyDigest && g.Before.BodyLength == g.After.BodyLength
	keyed := g.Before.IdempotencyKey != "" && g.Before.IdempotencyKey == g.After.IdempotencyKey
	return same && !keyed && g.Before.BodyComplete && g.After.BodyComplete
}

// writeTally counts what a client did with writes that went wrong.
type writeTally struct {
	exposed, suspects int
	// rewrites reports that the client makes writes again that have succeeded.
	rewrites               bool
	quiet, unlikely, risky outcome
}

func writeNotRepeated(s *subject) []Finding {
	t := writeTally{rewrites: s.rewrites()}
	for i := range s.calls {
		if c := &s.calls[i]; writes(c.Endpoint) {
			t.take(c)
		}
	}
	const needs = "needs 1 write that met 500, 502, 503, 429 or a lost answer"
	total := count(t.exposed, "call")
	switch {
	case t.exposed == 0:
		return unexposed("no write met a failure", needs+", saw none")
	case t.risky.n > 0:
		return []Finding{t.risky.finding(Fail, t.exposed,
			fmt.Sprintf("the same write was sent again after %s in %d of %s, without an idempotency key", words(t.risky.after), t.risky.n, total))}
	case t.unlikely.n > 0:
		return []Finding{t.unlikely.finding(Warn, t.exposed,
			fmt.Sprintf("the same write was sent again after %s in %d of %s; most likely it had not been applied", words(t.unlikely.after), t.unlikely.n, total))}
	case t.suspects > 0:
		return []Finding{t.quiet.lacking(t.exposed, fmt.Sprintf("the same write came again in %d of %s", t.suspects, total), s.doubt())}
	case t.quiet.n == 0:
		return []Finding{t.quiet.lacking(t.exposed, "no write was sent again so far", needs+" and was watched until no repeat could come any more")}
	}
	return []Finding{t.quiet.finding(Pass, t.exposed,
		fmt.Sprintf("no write was sent again unprotected after %s in %s", words(t.quiet.after), count(t.quiet.n, "call")))}
}

// take judges a call by the worst that it did.
func (t *writeTally) take(c *call) {
	met, after := worstFate(c)
	if met == perilNone {
		return
	}
	t.exposed++
	worst, again := perilNone, observe.Gap{}
	for _, g := range c.repeats {
		if risk, what := fate(c, g.Before); risk > worst && resent(&g) {
			worst, again, after = risk, g, what
		}
	}
	switch {
	case worst == perilNone && c.returnedWithin(writeWindow):
		t.suspects++
	case worst == perilNone && !c.Censored && !c.ambiguous() && len(c.Transport) == 0:
		t.quiet.take(c, after, c.last())
	case worst == perilNone:
	case !t.certain(c):
		t.suspects++
	case worst == perilUnlikely:
		t.unlikely.take(c, after, again.Before, again.After)
	default:
		t.risky.take(c, after, again.Before, again.After)
	}
}

// certain reports that the repeat of a write is no write of its own, by a client that makes them twice.
func (t *writeTally) certain(c *call) bool { return c.proof && (c.explicit() || !t.rewrites) }

// worstFate returns the worst that befell a write.
func worstFate(c *call) (met peril, after string) {
	for i := range c.Attempts {
		if risk, what := fate(c, &c.Attempts[i]); risk > met {
			met, after = risk, what
		}
	}
	return met, after
}
