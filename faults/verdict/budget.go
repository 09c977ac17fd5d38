package verdict

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// loadChecks ask what a client does to a service that is down, and when it comes back.
var loadChecks = []Check{
	{
		Name:    "time-capped",
		Family:  FamilyWhen,
		Rule:    "a warning if a call goes on for longer than the limit (call, by default 5 min) from its first attempt to its last",
		Needs:   "1 call that was repeated",
		Norm:    "Google SRE (deadlines)",
		Advice:  "give the whole call a deadline, and stop when nobody waits for the answer any more",
		Example: "15 min of retries at growing waits, while the user has left",
		begin:   timeCapped,
		about:   traitAgain,
		Mild:    true,
	},
	{
		Name:    "retry-budget",
		Family:  FamilyWhen,
		Rule:    "says whether retries stop when most calls fail: the same number of them in each call means that there is no budget, a drop to 0 shows one and its size",
		Needs:   "25 calls in full failure, one after the other",
		Norm:    "Google SRE (10 % budget); Finagle (20 % + 10/s); gRPC A6 (throttling at half the tokens)",
		Advice:  "allow retries for a tenth of all calls, and none beyond that",
		Example: "40 calls failed, and each of them was repeated 4 times",
		begin:   retryBudget,
		about:   traitTransient,
		Mild:    true,
	},
	{
		Name:    "calm-after-recovery",
		Family:  FamilyWhen,
		Rule:    "a warning if the client calls 1.5 times as often as before in the 30 s after the last failure, and that does not fade",
		Needs:   "60 s before the first failure, and 30 s after the last",
		Norm:    "metastable failures, OSDI 2022",
		Advice:  "drop what nobody waits for, and limit the rate at which queued work is sent",
		Example: "every page that failed is fetched again by a loop that never ends: 12 calls a second after the outage, 5 before",
		begin:   calmAfterRecovery,
		Mild:    true,
		whole:   true,
	},
}

// timeCapTally looks for the longest call.
type timeCapTally struct {
	limits          *Limits
	exposed         int
	longest         time.Duration
	beyond, within  outcome
	suspects        int
	who             *client
	longestAttempts int
}

func timeCapped(who *client, l *Limits) tally { return &timeCapTally{who: who, limits: l} }

func (t *timeCapTally) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		if len(c.repeats) == 0 {
			continue
		}
		t.exposed++
		long := c.lasted() > t.limits.Call
		switch {
		case long && (!c.proof || s.looped(c) || !c.explicit() && !persists(c.repeats)):
			t.suspects++
		case !c.proof:
		case long:
			if c.lasted() > t.longest {
				t.longest, t.longestAttempts = c.lasted(), c.tries()
			}
			t.beyond.take(c, "", c.first(), c.last())
		default:
			t.longest = max(t.longest, c.lasted())
			t.within.take(c, "", c.first(), c.last())
		}
	}
}

func (t *timeCapTally) findings() []proposal {
	const needs = "needs 1 call that was certainly repeated"
	switch {
	case t.exposed == 0:
		return unexposed("no call was repeated", needs+", saw none")
	case t.beyond.n > 0:
		return []proposal{t.beyond.finding(Warn, t.exposed, fmt.Sprintf("a call went on for %s, in %s; longer than %s in %d of %s",
			short(t.longest), count(t.longestAttempts, "attempt"), short(t.limits.Call), t.beyond.n, count(t.exposed, "call")))}
	case t.suspects > 0:
		return []proposal{t.within.lacking(t.exposed, "the same request came for longer than "+short(t.limits.Call), t.who.doubt())}
	case t.within.n == 0:
		return []proposal{t.within.lacking(t.exposed, "no certain repeat", t.who.doubt())}
	}
	return []proposal{t.within.finding(Pass, t.exposed, fmt.Sprintf("no call went on for longer than %s, in %s", short(t.longest), count(t.within.n, "call")))}
}

const (
	// leastBudget is how many calls in full failure show a budget, leastEmpty how many of them must go without a retry for it to be empty.
	leastBudget, leastEmpty = 25, 10
	// mostBudget bounds the calls of each status that are looked at.
	mostBudget = 4096
	// sameShare is the share of the calls that must have been repeated equally often.
	sameShare = 0.9
)

// budgetTally has the number of repeats of each call in full failure, by the status that it failed with: a client leaves some alone anyhow.
type budgetTally struct {
	who      *client
	byStatus map[int]*retries
	exposed  int
}

// retries are how often calls were repeated, in their order.
type retries struct {
	counts []int
	seen   evidence
}

func retryBudget(who *client, _ *Limits) tally {
	return &budgetTally{who: who, byStatus: map[int]*retries{}}
}

func (t *budgetTally) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		if !idempotent(c.Method) || c.any(func(a *observe.Attempt) bool { return !transient(a) || a.Status != c.first().Status || discouraging(a) }) {
			continue
		}
		t.exposed++
		if c.Censored || c.ambiguous() || len(c.repeats) > 0 && !c.proof || c.mayBeResumed(layerWindow) {
			continue
		}
		r := t.byStatus[c.first().Status]
		if r == nil {
			r = &retries{}
			t.byStatus[c.first().Status] = r
		}
		if len(r.counts) < mostBudget {
			r.counts = append(r.counts, len(c.repeats))
			r.seen.add(c, c.last())
		}
	}
}

// discouraging reports that an answer asked for so long a wait that giving up is sound.
func discouraging(a *observe.Attempt) bool {
	ask, ok := a.Wait()
	return ok && ask.Wait > longestAsk
}

func (t *budgetTally) findings() []proposal {
	needs := fmt.Sprintf("needs %d certain calls in full failure with one status", leastBudget)
	if t.exposed == 0 {
		return unexposed("no call failed from its first attempt to its last", needs)
	}
	most, status := &retries{}, 0
	for _, s := range slices.Sorted(maps.Keys(t.byStatus)) {
		if len(t.byStatus[s].counts) > len(most.counts) {
			most, status = t.byStatus[s], s
		}
	}
	n := len(most.counts)
	if n < leastBudget {
		return []proposal{most.seen.lacking(t.exposed, fmt.Sprintf("%s in full failure with one status", count(n, "certain call")), fmt.Sprintf("%s, saw %d", needs, n))}
	}
	if figure := most.figure(); figure != "" {
		return []proposal{most.seen.finding(Info, t.exposed, fmt.Sprintf("%s that failed with %d", figure, status))}
	}
	return []proposal{most.seen.lacking(t.exposed, fmt.Sprintf("between %d and %d retries a call, over %s", slices.Min(most.counts), slices.Max(most.counts), count(n, "failing call")),
		"needs the same number of retries in each call, or a drop to none")}
}

// figure says whether there is a budget, "" where that cannot be told.
func (r *retries) figure() string {
	n := len(r.counts)
	usual, share := mode(r.counts)
	spent, last := 0, -1
	for i, times := range r.counts {
		spent += times
		if times > 0 {
			last = i
		}
	}
	switch {
	case spent == 0:
		return fmt.Sprintf("nothing is retried in %s", count(n, "call"))
	case n-last-1 >= leastEmpty:
		return fmt.Sprintf("there is a retry budget: %s, then none in the last %s", plural(spent, "retry", "retries"), count(n-last-1, "call"))
	case usual > 0 && share >= sameShare:
		return fmt.Sprintf("there is no retry budget: %s in each of %s", plural(usual, "retry", "retries"), count(n, "call"))
	}
	return ""
}

// plural writes a number with its noun, which has a plural of its own.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// mode is the most frequent value, and its share.
func mode(values []int) (value int, share float64) {
	counts := map[int]int{}
	for _, v := range values {
		counts[v]++
		if n := counts[v]; n > counts[value] || n == counts[value] && v < value {
			value = v
		}
	}
	return value, float64(counts[value]) / float64(len(values))
}
