package faults

import (
	"fmt"
	"sync/atomic"
)

// tally is the counters of a fault. It outlives the Active that counts into
// it, so that switching a fault off and on again loses no figure.
type tally struct {
	matched atomic.Uint64
	fired   atomic.Uint64
	held    atomic.Int64
	// armed says that the fault has ever been in force.
	armed atomic.Bool
}

// counters is what a trigger counts. It starts anew when a fault is switched
// on, and survives everything that leaves the fault as it is.
type counters struct {
	seen  atomic.Uint64
	taken atomic.Uint64
}

// take claims one of at most limit firings; 0 stands for no bound. However
// many claim at once, exactly limit of them succeed.
func (c *counters) take(limit uint64) bool {
	if limit == 0 {
		return true
	}
	for {
		taken := c.taken.Load()
		if taken >= limit {
			return false
		}
		if c.taken.CompareAndSwap(taken, taken+1) {
			return true
		}
	}
}

// counted reports whether the trigger decides by counting. Such faults come
// before those that draw.
func (t *Trigger) counted() bool {
	return t.First > 0 || t.Every > 0 || t.Attempts > 0 && t.Share == nil
}

// share is the part that the trigger asks for; a trigger that says nothing
// asks for everything.
func (t *Trigger) share() float64 {
	if t.Share == nil {
		return 1
	}
	return *t.Share
}

// eligible reports whether the attempt may be struck at all.
func (t *Trigger) eligible(attempt uint64) bool {
	return t.Attempts == 0 || attempt <= t.Attempts
}

// count decides a counted trigger for an eligible exchange, and says why.
func (a *Active) count(place Place) (reason string, fires bool) {
	t := &a.Fault.Trigger
	switch {
	case t.First > 0:
		return fmt.Sprintf("first %d", t.First), a.counters.take(t.First)
	case t.Every > 0:
		nth := a.counters.seen.Add(1)
		return fmt.Sprintf("every %d, exchange %d", t.Every, nth), nth%t.Every == 0 && a.counters.take(t.Limit)
	default:
		return fmt.Sprintf("attempts %d, attempt %d", t.Attempts, place.Attempt), a.counters.take(t.Limit)
	}
}
