package verdict

import (
	"slices"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// trait is something about a call that is worth a look. Most calls of most clients are answered well at once and have none, and most checks look
// for one or two: so each is only given the calls that can say something to it.
type trait uint16

const (
	// traitAgain is a call that came more than once.
	traitAgain trait = 1 << iota
	// traitFailed met a failure, traitTransient one that says: later; traitRefused met a 401, traitCoded an error code or a soft error.
	traitFailed
	traitTransient
	traitRefused
	traitCoded
	// traitAsked was given a Retry-After, traitMarked a marker.
	traitAsked
	traitMarked
	// traitHeld was delayed, spoilt or broken by a fault.
	traitHeld
	// traitWrite is to an endpoint that does its work twice when it is asked twice, traitKeyed carries an idempotency key.
	traitWrite
	traitKeyed
	// traitWrote has an attempt to such an endpoint.
	traitWrote
	// traitUnwell met a service that was not well: see unwell.
	traitUnwell
	// traitTold is one of which a user was told something.
	traitTold
)

// traits are all that the call is.
func (c *call) traits() trait { return c.is | when(c.told != nil, traitTold) }

// findTraits finds what the call is, but for what a user was told, which comes later.
func (c *call) findTraits() {
	writing := writes(c.Endpoint)
	c.is = when(len(c.Attempts) > 1, traitAgain) | when(writing, traitWrite)
	for _, a := range c.Attempts {
		wrote := writing
		if a.Endpoint != c.Endpoint {
			wrote = writes(a.Endpoint)
		}
		c.is |= traitsOf(a) | when(wrote, traitWrote)
	}
}

// traitsOf are those that an attempt gives to its call.
func traitsOf(a *observe.Attempt) trait {
	return when(a.Failed() || a.Status >= 400, traitFailed) | when(transient(a), traitTransient) | when(a.Status == 401, traitRefused) |
		when(a.ErrorCode != "" || a.Class == groove.ClassSoftError, traitCoded) | when(a.RetryAfter != "", traitAsked) | when(a.Marker != "", traitMarked) |
		when(a.Delay > 0 || a.Break != "" || len(a.SpoiledBy) > 0, traitHeld) | when(keyed(a), traitKeyed) | when(unwell(a), traitUnwell)
}

func when(is bool, k trait) trait {
	if is {
		return k
	}
	return 0
}

// about is the chapter as far as its calls have any of the traits, all of it for 0.
func (s *subject) about(traits trait) *subject {
	if traits == 0 {
		return s
	}
	if at := slices.IndexFunc(s.parts.traits, func(p part[trait]) bool { return p.key == traits }); at >= 0 {
		return s.parts.traits[at].subject
	}
	one := *s
	one.parts, one.calls = parts{}, nil
	for _, c := range s.notable() {
		if c.traits()&traits != 0 {
			one.calls = append(one.calls, c)
		}
	}
	s.parts.traits = append(s.parts.traits, part[trait]{key: traits, subject: &one})
	return &one
}

// notable are the calls that have any trait at all: of a client that fares well they are few, and each set of traits is looked for among them.
func (s *subject) notable() []*call {
	if s.parts.notable == nil {
		s.parts.notable = []*call{}
		for _, c := range s.all {
			if c.traits() != 0 {
				s.parts.notable = append(s.parts.notable, c)
			}
		}
	}
	return s.parts.notable
}
