package api

import (
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// evidence is what a judgement stands on.
type evidence struct {
	attempts []observe.Attempt
	outcomes []observe.Outcome
	// dropped counts attempts that were forgotten before, missed those of them that other nodes lost.
	dropped, missed uint64
}

// recent returns the attempts since the start of this groovechaos where a request names no time from which on it asks, else
// all that are kept. The caller owns the slice.
func (s *observationService) recent(p period) []observe.Attempt {
	if p.GetStartTime() != nil {
		return s.options.Attempts.All()
	}
	attempts, _ := s.options.Attempts.Recent()
	return attempts
}

// seen returns what a judgement of a period stands on: the calls that began in it, whole. Half a call would say of a client
// what it did not do.
func (s *observationService) seen(p period) (evidence, error) {
	start, end, problems := spanOf(p)
	if len(problems) > 0 {
		return evidence{}, invalid(problems...)
	}
	gather := recentEvidence
	if p.GetStartTime() != nil {
		gather = allEvidence
	}
	found := gather(s.options.Attempts, s.options.Outcomes)
	found.apart(s.options.Attempts, s.options.System.Alone)
	found.attempts = begunWithin(found.attempts, start, end)
	return found, nil
}

// recentEvidence is what there is since the start of this groovechaos, where it is the only one of its time.
func recentEvidence(attempts Attempts, outcomes Outcomes) (found evidence) {
	found.outcomes, _ = outcomes.All()
	found.attempts, found.dropped = attempts.Recent()
	// Those of earlier starts have the names of their processes.
	found.outcomes = slices.DeleteFunc(found.outcomes, func(o observe.Outcome) bool { return o.Node != "" })
	return found
}

// allEvidence is what there is of earlier starts, too.
func allEvidence(attempts Attempts, outcomes Outcomes) (found evidence) {
	found.outcomes, _ = outcomes.All()
	found.attempts = attempts.All()
	// Counted after the copy: what was forgotten meanwhile counts too.
	_, found.dropped = attempts.Counts()
	found.dropped += attempts.Missed()
	return found
}

// journal is what a judge gets to see. What the faults did is asked after the attempts: none of those lacks its fault.
func (e *evidence) journal(uses func() []faults.Use) verdict.Journal {
	return verdict.Journal{Attempts: verdict.Of(e.attempts), Faults: Uses(uses()), Outcomes: e.outcomes, Dropped: e.dropped, Missed: e.missed}
}

// apart notes what other nodes lost. Where nobody else is (alone), what was lost is of earlier starts.
func (e *evidence) apart(attempts Attempts, alone bool) {
	if !alone {
		e.missed = attempts.Missed()
	}
}

// RecentJournal is what a judgement stands on that asks for no time, with what the faults did: as GetVerdict has it. Alone is
// System.Alone.
func RecentJournal(attempts Attempts, outcomes Outcomes, uses func() []faults.Use, alone bool) verdict.Journal {
	found := recentEvidence(attempts, outcomes)
	found.apart(attempts, alone)
	return found.journal(uses)
}

// begunWithin leaves the attempts of those calls that began in a span.
func begunWithin(attempts []observe.Attempt, start, end time.Time) []observe.Attempt {
	without := func(a *observe.Attempt) bool { return !within(a.Time, start, end) }
	if !slices.ContainsFunc(attempts, func(a observe.Attempt) bool { return without(&a) }) {
		return attempts
	}
	type name struct {
		node   string
		number uint64
	}
	taken := make(map[name]bool)
	for _, call := range observe.Group(slices.Clone(attempts), false) {
		for _, a := range call.Attempts {
			taken[name{a.Node, a.Sequence}] = !without(call.Attempts[0])
		}
	}
	return slices.DeleteFunc(attempts, func(a observe.Attempt) bool { return !taken[name{a.Node, a.Sequence}] })
}
