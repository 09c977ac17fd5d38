package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// finalWindow is how long after a final answer the same request is a repeat.
	finalWindow = 60 * time.Second
	// leastFinal is how many calls must have met a final answer, or been repeated after one. One call
	// with as many repeats is enough to fail: a person reloads once.
	leastFinal = 2
)

// finalTally counts what a client did after final answers.
type finalTally struct {
	who *client
	// statuses are final, whatever the error code.
	statuses                []int
	exposed, suspects, most int
	quiet, repeated         outcome
	// scheduled are the calls that were repeated as the client's back-off has it.
	scheduled sample[witness]
}

// defaultFinal are the statuses of a refusal that lasts.
var defaultFinal = []int{400, 403, 404}

// final reports an answer that the same request will get again.
func final(a *observe.Attempt) bool { return finalBy(a, defaultFinal) }

// finalBy is final for other statuses.
func finalBy(a *observe.Attempt, statuses []int) bool {
	return answered(a) && (slices.Contains(statuses, a.Status) || a.Status == 409 && a.ErrorCode == groove.CodeDeliveryConcurrentStreaming)
}

func finalNotRetried(who *client, l *Limits) tally { return &finalTally{who: who, statuses: l.Final} }

func (t *finalTally) final(a *observe.Attempt) bool { return finalBy(a, t.statuses) }

func (t *finalTally) take(s *subject) {
	for i := range s.calls {
		if c := s.calls[i]; c.any(t.final) {
			t.count(c, s)
		}
	}
}

func (t *finalTally) findings() []proposal {
	needs := "needs 2 calls that end in " + either(append(statusWords(t.statuses), "a 409 for concurrent streaming"))
	total := count(t.exposed, "call")
	if n, _ := requests(t.scheduled.kept); n >= leastFinal && t.scheduled.n == t.repeated.n {
		t.repeated.vouchAll()
	}
	switch {
	case t.exposed == 0:
		return unexposed("no call met a final answer", needs+", saw none")
	case t.repeated.n >= leastFinal, t.most >= leastFinal:
		return []proposal{t.repeated.finding(Fail, t.exposed,
			fmt.Sprintf("%s was repeated in %d of %s, up to %s in one", words(t.repeated.after), t.repeated.n, total, count(t.most, "time")))}
	case t.repeated.n > 0:
		return []proposal{t.repeated.lacking(t.exposed, fmt.Sprintf("%s was repeated once in 1 of %s", words(t.repeated.after), total),
			"needs 3 different requests with a repeat, or a named call with 2, saw 1 with 1: that could be a person's reload")}
	case t.suspects > 0:
		return []proposal{t.quiet.lacking(t.exposed, fmt.Sprintf("the same request came again in %d of %s", t.suspects, total), t.who.doubt())}
	case t.quiet.n < leastFinal:
		return []proposal{t.quiet.lacking(t.exposed, "no final answer was repeated in "+count(t.quiet.n, "call"), fmt.Sprintf("%s, saw %d", needs, t.quiet.n))}
	}
	return []proposal{t.quiet.finding(Pass, t.exposed, fmt.Sprintf("%s was not repeated in %s", words(t.quiet.after), count(t.quiet.n, "call")))}
}

// insists reports whether the repeats of a refused call count. That a client leaves alone what is settled is no proof for
// a call that it did not leave alone: that wants an identifier; or a baseline or gaps that rise, and gaps of a back-off or so short that
// nothing else can have come between. Equal gaps of seconds are polling, and a round is a loop.
func (s *subject) insists(c *call, again []observe.Gap) bool {
	if c.explicit() {
		return c.proof
	}
	return c.proof && !s.looped(c) && (s.baseline || rises(c.repeats)) && (s.backsOff(c) || s.direct(again))
}

func (t *finalTally) count(c *call, s *subject) {
	t.exposed++
	again := t.repeats(c)
	switch {
	case len(again) == 0 && c.strayedWithin(finalWindow):
		t.suspects++
	case len(again) == 0 && !c.Censored && !c.ambiguous():
		refused := c.Attempts[slices.IndexFunc(c.Attempts, t.final)]
		t.quiet.take(c, strconv.Itoa(refused.Status), refused)
	case len(again) == 0:
	case !s.insists(c, again):
		t.suspects++
	default:
		t.most = max(t.most, len(again))
		t.repeated.n++
		for _, g := range again {
			t.repeated.note(c, strconv.Itoa(g.Before.Status), g.Before, g.After)
		}
		if s.keepsBackOff(c) {
			t.scheduled.take(c.witness())
		}
	}
}

// repeats returns the repeats of final answers.
func (t *finalTally) repeats(c *call) []observe.Gap {
	var again []observe.Gap
	for _, g := range c.repeats {
		if t.final(g.Before) && g.Wait <= finalWindow {
			again = append(again, g)
		}
	}
	return again
}
