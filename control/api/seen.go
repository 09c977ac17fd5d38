package api

import (
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
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
	var found evidence
	found.outcomes, _ = s.options.Outcomes.All()
	if p.GetStartTime() == nil {
		found.attempts, found.dropped = s.options.Attempts.Recent()
		// Those of earlier starts have the names of their processes.
		found.outcomes = slices.DeleteFunc(found.outcomes, func(o observe.Outcome) bool { return o.Node != "" })
	} else {
		found.attempts = s.options.Attempts.All()
		// Counted after the copy: what was forgotten meanwhile counts too.
		_, found.dropped = s.options.Attempts.Counts()
		found.dropped += s.options.Attempts.Missed()
	}
	if !s.options.System.Alone {
		found.missed = s.options.Attempts.Missed()
	}
	found.attempts = begunWithin(found.attempts, start, end)
	return found, nil
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
