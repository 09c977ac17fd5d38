package verdict

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// quiet is how many times the longest gap must pass in silence before a request is taken to
	// be left alone.
	quiet = 5.0
	// leastRising is how many gaps a call must have for their order to say something, risingOdds the
	// share of the orders of that many that rise.
	leastRising, risingOdds = 3, 1.0 / 6
)

// once reports that no request of the client came as two calls.
func (p *past) once() bool {
	for i := range p.histories.list {
		if p.histories.list[i].calls > 1 {
			return false
		}
	}
	return true
}

// selective reports that the client comes back after a first failure and not after what is settled, so clearly that
// two habits are a thousand times likelier than one for both.
func (s *subject) selective() bool {
	active := s.active()
	var usual time.Duration
	for _, c := range s.all {
		if !c.ambiguous() {
			usual = max(usual, longest(c.repeats))
		}
	}
	failures, returns, alone := 0, 0, 0
	for _, c := range s.all {
		if c.ambiguous() {
			continue
		}
		left := float64(active-c.last().Answered) > quiet*float64(usual)
		if left && settled(c.last()) {
			alone++
		}
		if idempotent(c.Method) && transient(c.first()) && (left || len(c.repeats) > 0) {
			failures++
			returns += min(len(c.repeats), 1)
		}
	}
	return likelihood(returns, failures)-likelihood(returns, failures+alone) >= thousand
}

// settled reports that there is no reason to ask again: a success, or a refusal of the request.
func settled(a *observe.Attempt) bool {
	return a.Succeeded() || answered(a) && a.Status < 500 && a.Status != 401 && a.Status != 429
}

// rises reports that the gaps of so many calls rise from one to the next that it is no accident.
func (s *subject) rises() bool {
	long, rising := 0, 0
	for _, c := range s.all {
		if c.ambiguous() || len(c.repeats) < leastRising {
			continue
		}
		long++
		if rises(c.repeats) {
			rising++
		}
	}
	return noAccident(rising, long)
}

// noAccident reports that the gaps of so many calls rise that chance is out of the question.
func noAccident(rising, calls int) bool {
	odds := 0.0
	for i := range rising {
		odds += math.Log(risingOdds * float64(calls-i) / float64(i+1))
	}
	return -odds >= thousand
}

// rises reports that each gap is longer than the one before. The first counts only where there are no more than three: it is often
// another, or late because the client has just started.
func rises(gaps []observe.Gap) bool {
	if len(gaps) > leastRising {
		gaps = gaps[1:]
	}
	for i := 1; i < len(gaps); i++ {
		if gaps[i].Wait <= gaps[i-1].Wait {
			return false
		}
	}
	return len(gaps) >= leastRising
}

// active is when the client was last seen beginning or ending anything that is not in doubt.
func (s *subject) active() time.Duration {
	var last time.Duration
	for _, c := range s.all {
		if !c.ambiguous() {
			last = max(last, c.last().Received, c.last().Answered)
		}
	}
	return last
}

func longest(gaps []observe.Gap) time.Duration {
	var wait time.Duration
	for i := range gaps {
		wait = max(wait, gaps[i].Wait)
	}
	return wait
}

// singly reports that the client never had two requests under way at a time.
func (s *subject) singly() bool {
	attempts := make([]*observe.Attempt, 0, s.attempts)
	for _, c := range s.all {
		if !c.ambiguous() {
			attempts = append(attempts, c.Attempts...)
		}
	}
	slices.SortFunc(attempts, func(a, b *observe.Attempt) int { return cmp.Compare(a.Received, b.Received) })
	for i := 1; i < len(attempts); i++ {
		if attempts[i].Received < attempts[i-1].Answered {
			return false
		}
	}
	return true
}
