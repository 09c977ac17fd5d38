package verdict

import (
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// recoveryChecks ask whether a caller comes back to life.
var recoveryChecks = []Check{
	{
		Name:    "recovers",
		Family:  FamilySurface,
		Rule:    "the user still gets errors longer than the limit (recovery, by default 30 s) after the last fault has ended",
		Needs:   "1 outcome after that time; for a fail 2 errors before any success",
		Norm:    "metastable failures, OSDI 2022; Google SRE (recovery without a restart)",
		Advice:  "let circuit breakers close again by themselves, try new connections, and drop queued work that nobody waits for",
		Example: "a circuit breaker stays open until a restart: the user still got errors 2 min after the last 503",
		begin:   recovers,
		about:   traitFailed | traitHeld | traitTold,
	},
}

// leastErrors is how many errors after the time make a failure to recover: one may have a cause of its own. A sample may lack a success
// that came before, and takes more.
const leastErrors, leastSampled = 2, 20

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
	told := t.all()
	if t.last.id == "" || len(told) == 0 {
		return unexposed("nothing was reported after a failure", needs)
	}
	s := t.sequel(told)
	total := s.bad + s.good
	late := fmt.Sprintf("%s after the last failure of Groove", short(s.longest))
	switch {
	case s.still >= t.least():
		late = fmt.Sprintf("%s after the last failure of Groove", short(s.stillFor))
		return []proposal{s.ev.finding(Fail, total, fmt.Sprintf("the user still got errors %s, in %d of %s", late, s.still, count(total, "outcome")))}
	case s.bad == 1:
		return []proposal{s.ev.lacking(total, "the user got an error "+late, fmt.Sprintf("needs %d errors after %s, saw 1: it may have a cause of its own", leastErrors, short(t.limits.Recovery)))}
	case s.bad > 0:
		return []proposal{s.ev.lacking(total, fmt.Sprintf("the user got %s, the last %s", count(s.bad, "error"), late), "needs errors without a success before: the user was served in between")}
	case s.good == 0:
		return []proposal{s.ev.lacking(0, "nothing was reported after the faults had ended", needs)}
	}
	return []proposal{s.ev.finding(Pass, s.good, fmt.Sprintf("the user was served again after the last failure of Groove, in %s", count(s.good, "outcome")))}
}

// all are the outcomes in order of time, those that fit no call among them.
func (t *recoveryTally) all() []news {
	told := slices.Clone(t.told.kept)
	for _, o := range t.who.stray {
		told = append(told, news{at: o.Time, good: o.Kind == observe.OutcomeSuccess || o.Kind == observe.OutcomePartial})
	}
	slices.SortStableFunc(told, func(a, b news) int { return a.at.Compare(b.at) })
	return told
}

// least is how many errors it takes.
func (t *recoveryTally) least() int {
	if t.told.n > len(t.told.kept) {
		return leastSampled
	}
	return leastErrors
}

// sequel is what the user was told after the last failure.
type sequel struct {
	ev evidence
	// good counts the successes, bad the errors that came too late, still those of them before any success.
	good, bad, still int
	// longest is when the last such error came, stillFor the last one before any success.
	longest, stillFor time.Duration
}

func (t *recoveryTally) sequel(told []news) sequel {
	s := sequel{ev: evidence{calls: []witness{{id: t.last.id, request: t.last.request, named: true}}}}
	from := t.struck.Add(t.limits.Recovery)
	for _, n := range told {
		switch {
		case n.good && n.at.After(t.struck):
			s.good++
		case !n.good && !n.at.Before(from):
			s.err(n, n.at.Sub(t.struck))
		}
	}
	return s
}

// err takes in an error that came so long after the last failure.
func (s *sequel) err(n news, after time.Duration) {
	s.bad++
	s.longest = after
	if s.good == 0 {
		s.still++
		s.stillFor = after
	}
	if n.from.id != "" {
		s.ev.name(n.from)
	}
}
