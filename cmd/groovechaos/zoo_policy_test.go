//go:build e2e

package main

import (
	"math"
	"slices"
	"time"
)

// policy is what the source of a client says that it does: a row of the table of known clients.
type policy struct {
	// on are the statuses after which it repeats a read.
	on []int
	// attempts is the most it makes at a call. 0 is no bound but that of time.
	attempts int
	// writes reports that it repeats a write at the same statuses, lost that it does when the connection was
	// reset.
	writes, lost bool
	// delay is the range of its own delay before retry k, from 1, in seconds.
	delay func(k int) (low, high float64)
	// obeys is how it takes a Retry-After of seconds, and dates reports that it takes dates too.
	obeys obedience
	dates bool
	// zero reports that it takes a Retry-After of 0 at its word.
	zero bool
	// clamp is the most it waits for the sake of a Retry-After, 0 for no bound.
	clamp time.Duration
	// stumbles reports that a Retry-After which is neither seconds nor a date ends a call, or holds it up for weeks.
	stumbles bool
	// budget is how many retries it has for all of its calls in a failure that does not end, 0 for no bound.
	budget int
	// loses reports that all attempts of a call but the first lack its body.
	loses bool
}

// obedience is how a client takes a Retry-After.
type obedience string

const (
	ignores obedience = ""
	waits   obedience = "waits"
	// jitters waits for a time that is a quarter shorter to a quarter longer.
	jitters obedience = "jitters"
)

var (
	busyOr5xx = []int{429, 500, 502, 503, 504}
	onlyBusy  = []int{429, 503, 504}
	anything  = []int{400, 401, 403, 404, 409, 429, 500, 502, 503, 504}
)

// repeats reports whether it makes another attempt after the first one of a scenario.
func (p *policy) repeats(s *scenario) bool {
	switch {
	case s.lost:
		return p.lost
	case s.writes && !p.writes:
		return false
	case s.wait == longWait && p.obeys != ignores && p.clamp == 0:
		return false // it has given up, or it still waits
	case s.field == garbage && p.stumbles:
		return false
	default:
		return slices.Contains(p.on, s.status)
	}
}

// endless reports whether the calls of a scenario take longer than anyone watches.
func (p *policy) endless(s *scenario) bool {
	switch {
	case s.wait == longWait:
		return p.obeys != ignores && p.clamp == 0
	case s.field == garbage:
		return p.stumbles || p.unbounded(s)
	default:
		return p.unbounded(s)
	}
}

// unbounded reports whether only time ends the calls of a scenario.
func (p *policy) unbounded(s *scenario) bool {
	return p.attempts == 0 && s.failures >= planned && p.repeats(s)
}

// delayAt is the range of the gap before retry k of a scenario, in seconds.
func (p *policy) delayAt(s *scenario, k int) (low, high float64) {
	told := s.wait.Seconds()
	switch {
	case s.field == absent || s.field == garbage || p.obeys == ignores || s.field == date && !p.dates:
		return p.delay(k)
	case s.wait == 0 && !p.zero:
		return p.delay(k)
	case s.wait == 0:
		return 0, 0
	case p.clamp > 0 && s.wait > p.clamp:
		return p.clamp.Seconds(), p.clamp.Seconds()
	case s.field == date:
		return told - 1, told // a date has no fractions
	case p.obeys == jitters:
		return 0.75 * told, 1.25 * told
	default:
		return told, told
	}
}

// exactly is a delay without jitter.
func exactly(delay func(k int) float64) func(int) (low, high float64) {
	return spread(delay, 1, 1)
}

// spread draws from a part of a delay to a multiple of it.
func spread(delay func(k int) float64, from, to float64) func(int) (low, high float64) {
	return func(k int) (float64, float64) { return from * delay(k), to * delay(k) }
}

// atOnce comes back at once the first time, and then as a delay says.
func atOnce(delay func(k int) float64) func(int) (low, high float64) {
	return func(k int) (float64, float64) {
		if k == 1 {
			return 0, 0
		}
		return delay(k), delay(k)
	}
}

// plus draws up to so much on top of a delay.
func plus(delay func(k int) float64, extra float64) func(int) (low, high float64) {
	return func(k int) (float64, float64) { return delay(k), delay(k) + extra }
}

// powers are first, first·factor, first·factor² and so on, up to a limit.
func powers(first, factor, limit float64) func(k int) float64 {
	return func(k int) float64 { return min(limit, first*math.Pow(factor, float64(k-1))) }
}

// steps are step, 2·step, 3·step and so on.
func steps(step float64) func(k int) float64 {
	return func(k int) float64 { return step * float64(k) }
}
