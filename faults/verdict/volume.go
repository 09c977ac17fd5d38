package verdict

import (
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// mostAttempts is the most attempts that one call may take.
	mostAttempts = 10
	// leastRises is how often the gaps of a call must rise before no two callers, one after the other, can have made it.
	leastRises = 3
	// leastFull is how many calls in full failure amplification wants.
	leastFull = 20
	// budgeted and excessive bound the attempts a call in full failure, usual is the share of the latter that is a warning.
	budgeted, usual, excessive = 1.2, 0.6, 5.0
)

// tries counts the attempts that count: the first, and those after an answer, or the loss of one,
// that was not our own doing.
func (c *call) tries() int { return 1 + len(c.repeats) }

// lasted is the time from the first attempt to the last.
func (c *call) lasted() time.Duration { return c.last().Received - c.first().Received }

// capTally counts the calls that show where a client stops, or that it does not.
type capTally struct {
	limits                  *Limits
	who                     *client
	exposed, suspects, most int
	beyond, within          outcome
	// longest and lasted are the attempts of the longest call and the time that it took.
	longest int
	lasted  time.Duration
}

func attemptsCapped(who *client, l *Limits) tally { return &capTally{who: who, limits: l} }

func (t *capTally) take(s *subject) {
	for i := range s.calls {
		t.count(s.calls[i])
	}
}

func (t *capTally) findings() []proposal {
	const needs = "needs 1 call that fails until the client gives up"
	switch {
	case t.exposed == 0:
		return unexposed("no call failed to its end", needs+", saw none")
	case t.beyond.n > 0:
		return []proposal{t.beyond.finding(Fail, t.exposed, fmt.Sprintf("%d attempts in one call over %s; more than %d in %d of %s",
			t.longest, short(t.lasted), t.limits.Attempts, t.beyond.n, count(t.exposed, "call")))}
	case t.suspects > 0:
		return []proposal{t.within.lacking(t.exposed, fmt.Sprintf("the same request came more than %d times in %s", t.limits.Attempts, count(t.suspects, "call")), t.who.doubt())}
	case t.within.n == 0:
		return []proposal{t.within.lacking(t.exposed, "the client was not seen to give up", needs+": no call was watched that long")}
	}
	return []proposal{t.within.finding(Pass, t.exposed, fmt.Sprintf("gave up after at most %s in %s", count(t.most, "attempt"), count(t.within.n, "call")))}
}

func (t *capTally) count(c *call) {
	over := c.tries() > t.limits.Attempts
	if !over && !gaveUp(c) {
		return
	}
	t.exposed++
	if over && c.runs(t.limits.Attempts) {
		t.suspects++
		return
	}
	switch certain := c.proof || len(c.repeats) == 0 && !c.ambiguous(); {
	case over && (!certain || !c.explicit() && !persists(c.repeats)):
		t.suspects++
	case over:
		if c.tries() > t.longest {
			t.longest, t.lasted = c.tries(), c.lasted()
		}
		t.beyond.take(c, "", c.first(), c.last())
	case certain && !c.Censored:
		t.most = max(t.most, c.tries())
		t.within.take(c, "", c.last())
	}
}

// runs reports that a call that its idempotency key alone names may be a job that a queue runs anew, and that no run between two has too many attempts.
func (c *call) runs(most int) bool {
	longest, run := 1, 1
	for i := range c.repeats {
		run++
		if c.repeats[i].Wait >= time.Minute {
			run = 1
		}
		longest = max(longest, run)
	}
	return longest <= most && c.reruns()
}

// reruns reports that a call that its idempotency key alone names may be a job that a queue runs anew: a pause of a minute or more is followed by no longer wait, as
// it is in a back-off that goes on.
func (c *call) reruns() bool {
	if !c.explicit() || c.byCallID() {
		return false
	}
	for i := 1; i < len(c.repeats); i++ {
		if pause := c.repeats[i-1].Wait; pause >= time.Minute && float64(c.repeats[i].Wait) < climb*float64(pause) {
			return true
		}
	}
	return false
}

// gaveUp reports that the last that was seen of a call is a failure after which it might have gone on.
func gaveUp(c *call) bool {
	asked, ok := c.last().Wait()
	return transient(c.last()) && (idempotent(c.Method) || len(c.repeats) > 0) && (!ok || asked.Wait <= longestAsk)
}

// fullTally counts the calls that failed from their first attempt to their last.
type fullTally struct {
	evidence

	limits                             *Limits
	who                                *client
	exposed, suspects, calls, attempts int
	// single counts the calls that are certainly one caller's each, singleAttempts their attempts.
	single, singleAttempts int
	// shapes counts the calls by how their attempts lie in bursts.
	shapes map[string]int
}

func amplification(who *client, l *Limits) tally {
	return &fullTally{who: who, limits: l, shapes: map[string]int{}}
}

func (t *fullTally) take(s *subject) {
	for i := range s.calls {
		t.count(s.calls[i])
	}
}

func (t *fullTally) findings() []proposal {
	needs := fmt.Sprintf("needs %d calls in full failure, saw %d", leastFull, t.calls)
	switch {
	case t.exposed == 0:
		return unexposed("no call failed from its first attempt to its last", needs)
	case t.calls < leastFull:
		return []proposal{t.lacking(t.exposed, "too few calls failed from their first attempt to their last", needs)}
	}
	mean := float64(t.attempts) / float64(t.calls)
	figure := fmt.Sprintf("%.1f attempts a call in full failure, over %s%s", mean, count(t.calls, "call"), t.shape())
	switch {
	case mean > t.limits.Amplification && !t.amplifies():
		return []proposal{t.lacking(t.exposed, figure, "needs calls that are certainly one caller's each: a call id such as "+observe.CallHeader+", or waits that rise")}
	case mean > t.limits.Amplification:
		return []proposal{t.finding(Fail, t.exposed, figure)}
	case mean > usual*t.limits.Amplification:
		return []proposal{t.finding(Warn, t.exposed, figure)}
	case t.suspects > 0:
		return []proposal{t.lacking(t.exposed, figure, t.who.doubt())}
	case mean <= budgeted:
		figure += ": no more than a retry budget allows"
	}
	return []proposal{t.finding(Pass, t.exposed, figure)}
}

func (t *fullTally) count(c *call) {
	if c.any(func(a *observe.Attempt) bool { return !transient(a) }) {
		return
	}
	t.exposed++
	switch {
	case c.Censored:
	case c.ambiguous(), len(c.repeats) > 0 && !c.proof:
		t.suspects++
	default:
		t.calls++
		t.attempts += c.tries()
		if !t.several(c) {
			t.single++
			t.singleAttempts += c.tries()
		}
		t.shapes[layers(c.repeats)]++
		t.add(c, c.first(), c.last())
	}
}

// amplifies reports that the calls that are certainly one caller's each, half of all at least, bear a Fail alone.
func (t *fullTally) amplifies() bool {
	return 2*t.single >= t.calls && float64(t.singleAttempts) > t.limits.Amplification*float64(t.single)
}

// several reports that a call which would count against the client may be the calls of several callers with one credential, whose
// attempts cross, or of parts of a page that ask for the same one after the other: nobody named it, and its gaps do not rise again and
// again, as only those of one caller do. A key alone may name a job that is run anew. Gaps that are equal or fall back, bursts and attempts without a wait are what parts that each
// begin anew make as well; of two that wait unequally long the gaps rise twice.
func (t *fullTally) several(c *call) bool {
	if c.explicit() && !c.reruns() || c.Grouping == observe.GroupingSingleFlight || float64(c.tries()) <= t.limits.Amplification {
		return false
	}
	rises := 0
	for i := 1; i < len(c.repeats); i++ {
		if float64(c.repeats[i].Wait) >= climb*float64(c.repeats[i-1].Wait) {
			rises++
		}
	}
	return longest(c.repeats) < instant || rises < leastRises || !persists(c.repeats)
}

// shape says in which bursts most calls came, if in any, and what they come to where each call is one caller's.
func (t *fullTally) shape() string {
	for shape, n := range t.shapes {
		switch {
		case shape == "" || 2*n <= t.calls:
		case 2*t.single >= t.calls:
			return ", in " + shape + ": two layers retry"
		default:
			return ", in " + shape
		}
	}
	return ""
}

// layers describes repeats that come in bursts of equal length, as those of a retry inside a retry do:
// "3 bursts of 3". It is empty for anything else.
func layers(repeats []observe.Gap) string {
	if len(repeats) < 3 {
		return ""
	}
	waits := make([]time.Duration, len(repeats))
	for i, g := range repeats {
		waits[i] = g.Wait
	}
	pause := 3 * quantile(waits, 0.5)
	length, size, bursts := 1, 0, 0
	for _, wait := range slices.Concat(waits, []time.Duration{pause + 1}) {
		if wait <= pause {
			length++
			continue
		}
		if size != 0 && length != size {
			return ""
		}
		length, size, bursts = 1, length, bursts+1
	}
	if bursts < 2 || size < 2 {
		return ""
	}
	return fmt.Sprintf("%d bursts of %d", bursts, size)
}
