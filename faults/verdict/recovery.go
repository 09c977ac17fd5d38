package verdict

import (
	"fmt"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// recoveryChecks ask whether a caller comes back to life.
var recoveryChecks = []Check{
	{
		Name:    "recovers",
		Family:  FamilySurface,
		Rule:    "the user still gets errors longer than the limit (recovery, by default 30 s) after the last fault has ended",
		Needs:   "1 outcome after that time; for a fail 2 errors",
		Norm:    "metastable failures, OSDI 2022; Google SRE (recovery without a restart)",
		Advice:  "let circuit breakers close again by themselves, try new connections, and drop queued work that nobody waits for",
		Example: "a circuit breaker stays open until a restart: the user still got errors 2 min after the last 503",
		begin:   recovers,
		about:   traitFailed | traitHeld | traitTold,
	},
}

// leastErrors is how many errors after the time make a failure to recover: one may have a cause of its own.
const leastErrors = 2

// news is an outcome as far as recovery is concerned.
type news struct {
	at   time.Time
	good bool
	from witness
}

// recoveryTally follows what a user was told after the last failure that Groove gave the client.
type recoveryTally struct {
	who    *client
	limits *Limits
	// struck is when the last failure had been handed over, last the call that it was of.
	struck time.Time
	last   witness
	told   sample[news]
}

func recovers(who *client, l *Limits) tally { return &recoveryTally{who: who, limits: l} }

func (t *recoveryTally) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		for j := range c.Attempts {
			// Our own failures too: the way to Groove was not well yet.
			if a := c.Attempts[j]; a.Failed() || a.Spoiled() || a.Delay > 0 {
				t.shake(c, a.Time.Add(a.Answered-a.Received))
			}
		}
		for _, o := range c.told {
			t.hear(o, c.witness())
		}
	}
}

func (t *recoveryTally) shake(c *call, at time.Time) {
	if t.last.id == "" || at.After(t.struck) {
		t.last, t.struck = c.witness(), at
	}
}

func (t *recoveryTally) hear(o *observe.Outcome, from witness) {
	from.named = true
	t.told.take(news{at: o.Time, good: o.Kind == observe.OutcomeSuccess || o.Kind == observe.OutcomePartial, from: from})
}

func (t *recoveryTally) findings() []proposal {
	const needs = "needs an outcome reported after the faults have ended (ReportOutcome)"
	told := append([]news(nil), t.told.kept...)
	for _, o := range t.who.stray {
		told = append(told, news{at: o.Time, good: o.Kind == observe.OutcomeSuccess || o.Kind == observe.OutcomePartial})
	}
	if t.last.id == "" || len(told) == 0 {
		return unexposed("nothing was reported after a failure", needs)
	}
	from := t.struck.Add(t.limits.Recovery)
	ev := evidence{calls: []witness{{id: t.last.id, request: t.last.request, named: true}}}
	bad, good := 0, 0
	var longest time.Duration
	for _, n := range told {
		switch {
		case n.at.Before(from) && !(n.good && n.at.After(t.struck)):
		case n.good:
			good++
		default:
			bad++
			longest = max(longest, n.at.Sub(t.struck))
			if n.from.id != "" {
				ev.name(n.from)
			}
		}
	}
	switch {
	case bad >= leastErrors:
		return []proposal{ev.finding(Fail, bad+good, fmt.Sprintf("the user still got errors %s after the last failure of Groove, in %d of %s", short(longest), bad, count(bad+good, "outcome")))}
	case bad > 0:
		return []proposal{ev.lacking(bad+good, fmt.Sprintf("the user got an error %s after the last failure of Groove", short(longest)), fmt.Sprintf("needs %d errors after %s, saw 1: it may have a cause of its own", leastErrors, short(t.limits.Recovery)))}
	case good == 0:
		return []proposal{ev.lacking(0, "nothing was reported after the faults had ended", needs)}
	}
	return []proposal{ev.finding(Pass, good, fmt.Sprintf("the user was served again after the last failure of Groove, in %s", count(good, "outcome")))}
}
