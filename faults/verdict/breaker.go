package verdict

import (
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// leastTrips is how many failures open a circuit breaker at the least, tripWithin in what time they come: before a repeat of the first was due.
	leastTrips, tripWithin = 5, time.Second
	// leastOpen is how long one stays open at the least: the shortest default of those in use, Polly's and Hystrix's (gobreaker and resilience4j wait a minute).
	leastOpen = 5 * time.Second
)

// breakers tell, for each endpoint, which calls a circuit breaker may have kept from being repeated. One that opens before the first repeat is
// due leaves nothing to see but calls that failed together and silence, and after that one call at a time that fails, and silence again.
type breakers map[string]*breaker

// breaker is what was seen at an endpoint so far.
type breaker struct {
	// open reports that it may be open since the latest call that failed.
	open bool
	// from and busy bound the latest stretch of time in which the endpoint is known not to fall silent.
	from, busy time.Duration
	// silent is when it fell silent last, tripped that failures enough came together just before.
	silent  time.Duration
	tripped bool
	// back reports that the client came again behind a silence: where it came no more no breaker is needed for that.
	back bool
}

// holdBack reports that a breaker may have kept a call from being repeated. Calls come in order of their first attempts.
func (b breakers) holdBack(s *subject, c *call) bool {
	at := b[c.Endpoint]
	if at == nil {
		at = &breaker{}
		b[c.Endpoint] = at
	}
	switch {
	case c.last().Succeeded():
		at.open = false
	case len(c.Attempts) == 1:
		at.open = at.opens(s.arrivals, c.first())
	}
	return at.open && len(c.Attempts) == 1
}

// opens reports that a breaker may be open when a repeat of the attempt is due.
func (b *breaker) opens(v *arrivals, a *observe.Attempt) bool {
	silent, ok := b.silence(v, a)
	switch {
	case !ok || !v.overlaps() && !v.bursts():
		return false
	case silent != b.silent:
		b.back = b.back || v.returns(a.Endpoint, silent)
		b.silent, b.tripped = silent, b.back && v.trips(a, silent)
	}
	return b.open || b.tripped
}

// silence is when the endpoint of an attempt falls silent for as long as a breaker is open, false if it does not soon after it failed.
func (b *breaker) silence(v *arrivals, a *observe.Attempt) (at time.Duration, ok bool) {
	at = a.Answered
	if b.from <= at && at <= b.busy {
		at = b.busy
	} else {
		b.from = at
	}
	for _, next := range v.between(at, a.Answered+tripWithin+leastOpen) {
		if next.Received-at >= leastOpen || at > a.Answered+tripWithin {
			break
		}
		if next.Endpoint == a.Endpoint {
			at = next.Received
		}
	}
	b.busy = at
	return at, at <= a.Answered+tripWithin
}

// trips reports that enough attempts at the endpoint of one failed together just before it fell silent.
func (v *arrivals) trips(a *observe.Attempt, silent time.Duration) bool {
	failures := 0
	for _, other := range v.between(min(a.Received, silent)-tripWithin, silent) {
		if other.Endpoint == a.Endpoint && other.Failed() && other.Answered >= silent-tripWithin {
			failures++
		}
		if failures >= leastTrips {
			return true
		}
	}
	return false
}
