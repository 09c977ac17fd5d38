package faults

import "sync/atomic"

// tally is the counters of a fault. It outlives the Active that counts into
// it, so that switching a fault off and on again loses no figure.
type tally struct {
	matched  atomic.Uint64
	fired    atomic.Uint64
	held     atomic.Int64
	overflow atomic.Uint64
	slots    slots
	// armed says that the fault has ever been in force.
	armed atomic.Bool
}

// counters is what a trigger counts. It starts anew when a fault is switched
// on, and survives everything that leaves the fault as it is.
type counters struct {
	seen  atomic.Uint64
	taken atomic.Uint64
	// quota is nil for a fault without one.
	quota *buckets
}

func newCounters(t *Trigger) *counters {
	if t.Quota == nil {
		return &counters{}
	}
	return &counters{quota: newBuckets(t.Quota)}
}

// spent reports whether all of limit firings are taken; 0 stands for no bound.
func (c *counters) spent(limit uint64) bool { return limit > 0 && c.taken.Load() >= limit }

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
	return t.First > 0 || t.Every > 0 || t.Quota != nil || t.Attempts > 0 && t.Share == nil
}

// share is the part that the trigger asks for; a trigger that says nothing
// asks for everything.
func (t *Trigger) share() float64 {
	if t.Share == nil {
		return 1
	}
	return *t.Share
}

// most is how often the fault may fire at all, 0 for no bound.
func (t *Trigger) most() uint64 {
	if t.First > 0 {
		return t.First
	}
	return t.Limit
}

// eligible reports whether the attempt may be struck at all.
func (t *Trigger) eligible(attempt uint64) bool {
	return t.Attempts == 0 || attempt <= t.Attempts
}
