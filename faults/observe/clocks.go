package observe

import (
	"maps"
	"slices"
	"time"
)

// ClockDoubt is how far the wall clocks of two nodes may be apart without anybody noticing.
const ClockDoubt = time.Second

// clocks is how the monotonic clocks of the nodes lie to each other, by their wall clocks.
type clocks struct {
	// started holds when the clock of each node stood at 0, at the earliest and at the latest that its attempts say.
	started map[string]*started
	latest  *started
	// base is the wall clock that the first guess is against.
	base    time.Time
	guessed bool
	// plain is the least arrival among attempts without a wall clock, or of nodes beyond those that are told apart, if
	// there are any.
	plain  time.Duration
	plains bool
}

type started struct {
	name        string
	first, last time.Time
	// least is the first arrival, on the node's own clock.
	least time.Duration
}

// take learns from the wall clock of a, which that node saw.
func (c *clocks) take(node string, a *Attempt) {
	if a.Time.IsZero() {
		c.takePlain(a)
		return
	}
	at := a.Time.Add(-a.Received)
	if c.latest == nil || c.latest.name != node {
		c.latest = c.of(node, at, a.Received)
	}
	s := c.latest
	if s == nil {
		c.takePlain(a)
		return
	}
	s.least = min(s.least, a.Received)
	if at.Before(s.first) {
		s.first = at
	}
	if at.After(s.last) {
		s.last = at
	}
}

// of finds or makes what is known of a node that was first seen then, nil for one too many.
func (c *clocks) of(node string, at time.Time, received time.Duration) *started {
	if s := c.started[node]; s != nil || len(c.started) >= maxNodes {
		return s
	}
	if c.started == nil {
		c.started = map[string]*started{}
	}
	s := &started{node, at, at, received}
	c.started[node] = s
	return s
}

// takePlain takes in an attempt whose clock is taken for the common one.
func (c *clocks) takePlain(a *Attempt) {
	if !c.plains || a.Received < c.plain {
		c.plain, c.plains = a.Received, true
	}
}

// begin is when the first attempt arrived, on the common clock of the second pass; 0 for none.
func (c *clocks) begin() time.Duration {
	var all []time.Duration
	if c.plains {
		all = append(all, c.plain)
	}
	for name, s := range c.started {
		all = append(all, s.least+c.shift(name, nil))
	}
	if len(all) == 0 {
		return 0
	}
	return slices.Min(all)
}

// guess says how far the clock of a's node is from that of the first node that came, by that one attempt.
func (c *clocks) guess(_ string, a *Attempt) time.Duration {
	if a.Time.IsZero() {
		return 0
	}
	at := a.Time.Add(-a.Received)
	if !c.guessed {
		c.base, c.guessed = at, true
	}
	return at.Sub(c.base)
}

// middle is the middle of what the attempts of a node say.
func (s *started) middle() time.Time { return s.first.Add(s.last.Sub(s.first) / 2) }

// shift says how far the clock of a node is from that of the node that comes first by its name.
func (c *clocks) shift(node string, _ *Attempt) time.Duration {
	s := c.started[node]
	if s == nil {
		return 0
	}
	return s.middle().Sub(c.started[slices.Min(slices.Collect(maps.Keys(c.started)))].middle())
}
