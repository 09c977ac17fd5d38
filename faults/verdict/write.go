package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// writeWindow is how soon after a failed write the same one may be its repeat, though it was not taken for one.
const writeWindow = 60 * time.Second

// longestReturn is the longest Retry-After after which a write that comes again is looked for.
const longestReturn = 10 * time.Minute

// leastByHand is how soon a person who reads that a write failed makes it again.
const leastByHand = 900 * time.Millisecond

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
	case broken(a) && a.Break == faults.BreakReset:
		return perilReal, "a reset"
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
	who               *client
	exposed, suspects int
	// byStack counts the writes that came again as an HTTP stack repeats.
	byStack int
	// rewrites reports that the client makes writes again that have succeeded, inferred that a repeat was counted before that
	// was known of one that does not name its calls.
	rewrites, inferred bool
	quiet              outcome
	unlikely, risky    rewritten
	// mechanical counts the risky repeats that no person made, waits are those of all.
	mechanical int
	waits      sample[time.Duration]
}

// rewritten is the writes that were sent again.
type rewritten struct {
	outcome
	// applied counts those of which Groove had done the work although the client was told otherwise, unseen
	// those of which it had seen nothing, which no client can know.
	applied, unseen int
}

func (r *rewritten) take(c *call, after string, g *observe.Gap) {
	r.outcome.take(c, after, g.Before, g.After)
	switch a := g.Before; {
	case a.UpstreamStatus/100 == 2:
		r.applied++
	case a.Break != "" && !a.Forwarded:
		r.unseen++
	}
}

// truth says what had become of the writes, as far as that is known; else it is otherwise.
func (r *rewritten) truth(otherwise string) string {
	switch {
	case r.applied > 0:
		return fmt.Sprintf("; it had been applied in %d", r.applied)
	case r.unseen > 0:
		return fmt.Sprintf("; Groove had not seen the first in %d, which the client cannot know", r.unseen)
	}
	return otherwise
}

func writeNotRepeated(who *client, _ *Limits) tally { return &writeTally{who: who} }

func (t *writeTally) take(s *subject) {
	t.rewrites = t.rewrites || s.arrivals.rewrites()
	for i := range s.calls {
		if c := s.calls[i]; writes(c.Endpoint) {
			t.count(c, s)
		}
	}
}

func (t *writeTally) findings() []proposal {
	const needs = "needs 1 write that met 500, 502, 503, 429 or a lost answer"
	total := count(t.exposed, "call")
	switch {
	case t.exposed == 0:
		return unexposed("no write met a failure", needs+", saw none")
	case t.rewrites && t.inferred:
		return []proposal{t.quiet.lacking(t.exposed, fmt.Sprintf("the same write came again in %d of %s", t.suspects+t.risky.n+t.unlikely.n, total), t.who.doubt())}
	case t.risky.n >= leastWrites && t.byHand():
		return []proposal{t.risky.lacking(t.exposed, fmt.Sprintf("the same write was sent again after %s in %d of %s", words(t.risky.after), t.risky.n, total),
			"needs repeats that no person made who tried again: within a second, at the same moment or with waits that rise, or a call id such as "+observe.CallHeader)}
	case t.risky.n > 0:
		return []proposal{t.risky.finding(Fail, t.exposed,
			fmt.Sprintf("the same write was sent again after %s in %d of %s, without an idempotency key", words(t.risky.after), t.risky.n, total)+t.risky.truth(""))}
	case t.unlikely.n > 0:
		return []proposal{t.unlikely.finding(Warn, t.exposed,
			fmt.Sprintf("the same write was sent again after %s in %d of %s", words(t.unlikely.after), t.unlikely.n, total)+t.unlikely.truth("; most likely it had not been applied"))}
	case t.suspects > 0:
		return []proposal{t.quiet.lacking(t.exposed, fmt.Sprintf("the same write came again in %d of %s", t.suspects, total), t.who.doubt())}
	case t.byStack > 0:
		return []proposal{t.quiet.lacking(t.exposed, fmt.Sprintf("the same write came again at once in %d of %s", t.byStack, total),
			"needs repeats that no HTTP stack makes by itself: on a fresh connection, or after more than "+short(instant))}
	case t.quiet.n == 0:
		return []proposal{t.quiet.lacking(t.exposed, "no write was sent again so far", needs+" and was watched until no repeat could come any more")}
	}
	return []proposal{t.quiet.finding(Pass, t.exposed,
		fmt.Sprintf("no write was sent again unprotected after %s in %s", words(t.quiet.after), count(t.quiet.n, "call")))}
}

// byHand reports that a person may have made the risky repeats: each after a second or more, now sooner and now later.
func (t *writeTally) byHand() bool {
	fastest, slowest := slices.Min(t.waits.kept), slices.Max(t.waits.kept)
	apart := slack(fastest)
	if t.waits.n == leastWrites {
		apart = instant // two people come within 45 ms of each other once in 45 times, if they do so within 4 s
	}
	few := t.mechanical < leastWrites || 2*t.mechanical < t.risky.n
	return few && fastest >= leastByHand && slowest-fastest > apart
}

// take judges a call by the worst that it did.
func (t *writeTally) count(c *call, s *subject) {
	met, after := worstFate(c)
	if met == perilNone {
		return
	}
	t.exposed++
	worst, again, what := worstRepeat(c)
	if worst > perilNone {
		after = what
	}
	switch {
	case worst == perilNone && resentLate(c):
		t.suspects++
	case worst == perilNone:
		t.spare(c, after)
	case !t.certain(c):
		t.suspects++
	case worst == perilUnlikely:
		t.unlikely.take(c, after, again)
		t.inferred = t.inferred || !c.explicit()
	default:
		t.risky.take(c, after, again)
		if c.explicit() || s.mechanical(c, again) {
			t.mechanical++
		}
		t.waits.take(again.Wait)
		t.inferred = t.inferred || !c.explicit()
	}
}

// spare counts a write that was not sent again, as far as that is known.
func (t *writeTally) spare(c *call, after string) {
	switch {
	case c.byStack:
		t.byStack++
	case c.returnedWithin(returnWindow(c)):
		t.suspects++
	case !c.Censored && !c.ambiguous() && len(c.Transport) == 0:
		t.quiet.take(c, after, c.last())
	}
}

// returnWindow is how soon after the end of a failed write the same one may be its repeat: longer where it was told to wait for longer.
func returnWindow(c *call) time.Duration {
	if asked, ok := c.last().Wait(); ok && asked.Wait <= longestReturn {
		return max(writeWindow, asked.Wait+retrySlack)
	}
	return writeWindow
}

// overdue reports that a repeat of a write came so late that a person may mean it, unless the call is named or it came just when it was told to.
func overdue(c *call, g *observe.Gap) bool {
	told := g.RetryAfter != nil && g.Wait >= g.RetryAfter.Wait && g.Wait <= g.RetryAfter.Wait+prompt
	return g.Wait > writeWindow && !told && !c.explicit()
}

// resentLate reports that a write was sent again after something risky, though so late that it may be one of its own.
func resentLate(c *call) bool {
	return slices.ContainsFunc(c.repeats, func(g observe.Gap) bool {
		risk, _ := fate(c, g.Before)
		return risk > perilNone && overdue(c, &g) && resent(&g)
	})
}

// worstRepeat returns the repeat of a write that risked most, and after what it came. What came later than a repeat may is none.
func worstRepeat(c *call) (worst peril, again *observe.Gap, after string) {
	for i := range c.repeats {
		g := &c.repeats[i]
		if overdue(c, g) {
			continue
		}
		if risk, what := fate(c, g.Before); risk > worst && resent(g) {
			worst, again, after = risk, g, what
		}
	}
	return worst, again, after
}

// certain reports that the repeat of a write is no write of its own, by a client that makes them twice.
func (t *writeTally) certain(c *call) bool { return c.proof && (c.explicit() || !t.rewrites) }

// worstFate returns the worst that befell a write.
func worstFate(c *call) (met peril, after string) {
	for i := range c.Attempts {
		if risk, what := fate(c, c.Attempts[i]); risk > met {
			met, after = risk, what
		}
	}
	return met, after
}
