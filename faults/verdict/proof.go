package verdict

import (
	"github.com/groovechaos/groovechaos/faults/groove"
)

const (
	// leastBaseline is the number of healthy calls after which a client is known.
	leastBaseline = 10
	// restless is the share of the requests that succeeded to which a client came back, from which on it
	// may come back to any.
	restless = 0.2
	// leastHuddles is how many requests must have been repeated at once, on connections of their own, before that
	// is more than one crowd of like requests.
	leastHuddles = 2
)

// past is what was seen of a client before its calls are weighed.
type past struct {
	histories *histories
	overall   overall
	// known reports that the client can be told from a poller or a loop, rising that its gaps show
	// that where they rise.
	known, rising bool
	// restlessReads and restlessWrites report that it may come back to any request of the kind.
	restlessReads, restlessWrites bool
	// huddles counts the requests that huddled, crowded tells that identical ones were under way together, and
	// singly that no two requests of the client ever were.
	huddles         int
	crowded, singly bool
	pages
}

// weigh decides which calls may count against the client. The reasons are in the package comment.
func (s *subject) weigh(room *histories) {
	p := s.past(room)
	for _, c := range s.all {
		if c.again = c.returned; len(c.history.habit) > 0 {
			c.returned = 0
		}
		if c.ambiguous() {
			continue
		}
		c.proof = coherent(c) && (c.explicit() || p.proves(c))
	}
}

// proves reports whether the repeats of an inferred call can be nothing but repeats.
func (p *past) proves(c *call) bool {
	h, writing := c.history, c.is&traitWrite != 0
	switch {
	case h.crowded:
		return false
	case len(h.habit) > 0:
		return p.known && h.retried(c.repeats, p.overall)
	case writing && h.calls == 1 && !p.restlessWrites:
		return true
	case !h.satisfied && (writing && p.restlessWrites || !writing && p.restlessReads):
		return false
	}
	return !p.crowdLike(c) && (p.known || p.rising && rises(c.repeats))
}

// crowdLike reports that the attempts of a call may be a crowd of like calls under way together, or sent side by side.
func (p *past) crowdLike(c *call) bool {
	return p.huddled(c) && (!p.singly && (p.crowded || p.huddles < leastHuddles) || p.pageLike(c))
}

// past follows every fingerprint through the calls.
func (s *subject) past(room *histories) *past {
	room.reset(len(s.all))
	p := &past{histories: room, pages: pages{arrivals: s.arrivals}}
	for _, c := range s.all {
		p.follow(c)
	}
	for _, c := range s.all {
		// In order of the calls, as the sum of fractions depends on theirs.
		if h := c.history; h.last == c {
			h.learn()
			p.overall.add(h)
		}
	}
	p.restlessReads, p.restlessWrites = p.habits(false), p.habits(true)
	once := p.once()
	p.singly = p.huddles > 0 && s.singly()
	s.who.healthy += s.healthy()
	if !s.sole {
		once = s.recall(p) && once
	}
	p.singly = p.singly && !p.crowded
	s.who.baseline = s.who.healthy >= leastBaseline
	s.baseline, s.rising = s.who.baseline, s.rises()
	p.known, p.rising = s.baseline || once && s.selective(), once && s.rising
	return p
}

// recall adds what is known over all chapters of a client that comes in several. It reports whether no request of it came as two calls.
func (s *subject) recall(p *past) (once bool) {
	p.restlessReads, p.restlessWrites = p.restlessReads || s.restless(false), p.restlessWrites || s.restless(true)
	p.crowded = p.crowded || s.known.Crowded() > 0
	p.singly = p.singly && s.known.Singly()
	s.who.healthy = max(s.who.healthy, s.known.Healthy())
	return s.known.Repeated() == 0
}

// follow takes up the next call of the client.
func (p *past) follow(c *call) {
	h := p.histories.of(c.content())
	c.history = h
	if h.last != nil && h.last.Failed() && h.last.returned == 0 {
		h.last.returned, h.last.next = max(c.first().Received-h.last.last().Answered, 1), c
	}
	if c.ambiguous() {
		return
	}
	h.follow(c)
	p.crowded = p.crowded || h.crowded
	if p.huddled(c) && h.calls == 1 {
		p.huddles++
	}
	p.note(c)
}

// habits reports that the client came back to a good part of the requests that had succeeded.
func (p *past) habits(writing bool) bool {
	satisfied, again := 0, 0
	for i := range p.histories.list {
		h := &p.histories.list[i]
		if h.last == nil || !h.satisfied || (h.last.is&traitWrite != 0) != writing {
			continue
		}
		satisfied++
		if len(h.habit) > 0 {
			again++
		}
	}
	return again > 0 && float64(again) >= restless*float64(satisfied)
}

// restless is habits over all chapters.
func (s *subject) restless(writing bool) bool {
	again, satisfied := s.known.Returns(writing)
	return again > 0 && float64(again) >= restless*float64(satisfied)
}

// coherent reports that a call is one operation: all attempts ask for the same, and none comes after a success.
func coherent(c *call) bool {
	for i := 1; i < len(c.Attempts); i++ {
		before, after := c.Attempts[i-1], c.Attempts[i]
		if before.Succeeded() || before.Method != after.Method || before.Target != after.Target {
			return false
		}
	}
	return true
}

// healthy counts the calls that succeeded at once.
func (s *subject) healthy() int {
	n := 0
	for _, c := range s.all {
		if !c.ambiguous() && c.first().Succeeded() {
			n++
		}
	}
	return n
}

// doubling are the endpoints that do their work twice when they are asked twice, by the contract.
var doubling = func() map[string]bool {
	names := map[string]bool{}
	for _, e := range groove.Endpoints() {
		names[e.Name] = e.Repeat == groove.RepeatUnsafe
	}
	return names
}()

// writes reports whether the contract says that a repeat to the endpoint does its work twice.
func writes(endpoint string) bool { return endpoint != "" && doubling[endpoint] }
