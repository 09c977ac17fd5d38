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
}

type started struct {
	name        string
	first, last time.Time
}

// take learns from the wall clock of a, which that node saw.
func (c *clocks) take(node string, a *Attempt) {
	if a.Time.IsZero() {
		return
	}
	at := a.Time.Add(-a.Received)
	if c.latest == nil || c.latest.name != node {
		c.latest = c.of(node, at)
	}
	s := c.latest
	if s == nil {
		return
	}
	if at.Before(s.first) {
		s.first = at
	}
	if at.After(s.last) {
		s.last = at
	}
}

// of finds or makes what is known of a node that was first seen then, nil for one too many.
func (c *clocks) of(node string, at time.Time) *started {
	if s := c.started[node]; s != nil || len(c.started) >= maxNodes {
		return s
	}
	if c.started == nil {
		c.started = map[string]*started{}
	}
	s := &started{node, at, at}
	c.started[node] = s
	return s
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
