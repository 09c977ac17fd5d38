package verdict

import (
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// mostPaces bounds the pairs of attempts that patience is read from.
	mostPaces = 64
	// byLuck bounds the probability that attempts which go by nothing but their own pace never come before an answer.
	byLuck = 0.005
)

// pace is how long the answer to an attempt took, and when the next attempt came, counted from the same moment.
type pace struct{ took, next time.Duration }

// paceOf is that of two attempts that one process saw.
func paceOf(before, after *observe.Attempt) pace {
	return pace{before.Answered - before.Received, after.Received - before.Received}
}

// awaits reports that attempts which each came just after an answer waited for it. Requests that a client sends one after the other at a pace of its own, as the
// parts of a page are, never overlap either where answers are quick. But then any of them might have met any of the answers: that each met one
// that was over by luck is out of the question where some answers took longer than other attempts left them.
func awaits(paces []pace) bool {
	paces = paces[:min(len(paces), mostPaces)]
	gaps := make([]time.Duration, len(paces))
	for i, p := range paces {
		gaps[i] = p.next
	}
	slices.Sort(gaps)
	luck := 1.0
	for _, p := range paces {
		over, _ := slices.BinarySearch(gaps, p.took)
		luck *= float64(len(gaps)-over) / float64(len(gaps))
	}
	return luck <= byLuck
}

// pages are what tells the repeats of a call from parts of a page that ask for the same side by side.
type pages struct {
	arrivals *arrivals
	// paces are how the attempts of calls that huddled followed each other.
	paces []pace
	// single counts the calls at each endpoint that succeeded at once, given counts by their number of attempts those that were repeated after a wait and given up.
	single map[string]int
	given  map[int]int
}

// huddled reports that the attempts of a call followed each other so closely, on connections of
// their own or on one that carries several, that they could be calls of their own under way at the same time.
func (p *pages) huddled(c *call) bool {
	for i := range c.repeats {
		g := &c.repeats[i]
		if g.Wait >= instant || p.arrivals.afterAnswer(g) {
			return false
		}
	}
	return len(c.repeats) > 0
}

// note takes up a call.
func (p *pages) note(c *call) {
	if p.single == nil {
		p.single, p.given = map[string]int{}, map[int]int{}
	}
	switch {
	case len(c.repeats) == 0:
		p.single[c.Endpoint] += int(bit(c.first().Succeeded())) //nolint:gosec // 0 or 1.
	case !p.huddled(c):
		p.given[len(c.Attempts)] += int(bit(c.last().Failed())) //nolint:gosec // 0 or 1.
	default:
		for i := range c.repeats {
			if g := &c.repeats[i]; !g.Inexact && len(p.paces) < mostPaces {
				p.paces = append(p.paces, paceOf(g.Before, g.After))
			}
		}
	}
}

// pageLike reports that the attempts of a call that huddles may be requests that a client sends side by side, as parts of a page that ask for the same are: nothing shows
// that they waited for the answers; the client is not known from calls to the endpoint that came alone where Groove was well, nor by giving up after as many
// attempts elsewhere, where it waits.
func (p *pages) pageLike(c *call) bool {
	return p.single[c.Endpoint] < leastBaseline && p.given[len(c.Attempts)] < leastRequests && !awaits(p.paces)
}
