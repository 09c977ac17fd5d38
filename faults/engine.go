package faults

import (
	"sync"
	"sync/atomic"
)

// Engine decides exchanges by a fault set that can be replaced at any time.
// It is safe for concurrent use.
type Engine struct {
	seed uint64
	set  atomic.Pointer[set]
	// flights is nil unless at most one call of a kind is to be failed at a time.
	flights *flights

	mu     sync.Mutex
	braked bool
	known  []*entry
	// past is what faults that are gone did, the oldest first.
	past []past
}

// entry is a fault of the set, in force or not.
type entry struct {
	fault    Fault
	tally    *tally
	counters *counters
	// active is nil while the fault is disabled or braked.
	active *Active
}

// EngineOptions is what an engine is made with.
type EngineOptions struct {
	// Seed keys every draw. Every value is a seed like any other, 0 too.
	Seed uint64
	// SingleFlight lets at most one call of each client and fingerprint be failed at a time: others like it pass
	// meanwhile, and count for no trigger. So whoever comes back after a failure can only be that call, and its
	// attempts need no guessing. Shares then hold for what is decided at all, and which of several calls at
	// once is failed depends on which comes first. Delays, and breaks at accept, take no part.
	SingleFlight bool
}

// NewEngine makes an engine without faults, with no option but the seed.
func NewEngine(seed uint64) *Engine { return NewEngineWith(EngineOptions{Seed: seed}) }

// NewEngineWith makes an engine without faults.
func NewEngineWith(o EngineOptions) *Engine {
	e := &Engine{seed: o.Seed}
	if o.SingleFlight {
		e.flights = newFlights()
	}
	e.set.Store(newSet(nil))
	return e
}

// SingleFlight reports EngineOptions.SingleFlight.
func (e *Engine) SingleFlight() bool { return e.flights != nil }

// Apply replaces the whole set, given in creation order. A fault that did not
// change keeps its counters; one that is switched on anew or given another
// lifetime starts those of its trigger again. A fault that is gone, disabled or
// changed releases what it holds back.
// A set that does not pass Validate is refused with its Problems, and the old
// one stays. The set is kept: what its faults point to must not be changed.
// Expired faults may be in the set; they do not strike.
func (e *Engine) Apply(faults []Fault) error {
	if err := Validate(faults).Err(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	before := make(map[string]*entry, len(e.known))
	for _, old := range e.known {
		before[old.fault.Name] = old
	}
	next := make([]*entry, len(faults))
	for i := range faults {
		next[i] = succeed(before[faults[i].Name], &faults[i])
		if old := before[faults[i].Name]; old != nil && old.tally == next[i].tally {
			delete(before, faults[i].Name)
		}
	}
	e.remember(before)
	e.install(next)
	return nil
}

// succeed makes the entry of f, which takes over from old (nil for none) what
// did not change.
func succeed(old *entry, f *Fault) *entry {
	next := &entry{fault: *f, tally: &tally{}, counters: newCounters(&f.Trigger)}
	if old == nil || !sameFault(&old.fault, f) {
		return next
	}
	next.tally = old.tally
	sameLife := old.fault.ExpiresAt.Equal(f.ExpiresAt)
	if f.Disabled || !old.fault.Disabled && sameLife {
		next.counters = old.counters
	}
	if old.fault.Disabled == f.Disabled && sameLife {
		next.active = old.active
	}
	return next
}

// Brake stops every fault and releases what they hold back, until
// Brake(false). Counters stay as they are.
func (e *Engine) Brake(pulled bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.braked == pulled {
		return // The set is as it must be.
	}
	e.braked = pulled
	e.install(e.known)
}

// install publishes the faults of next that are in force, then lets go of what
// is in force no longer. The caller holds the lock.
func (e *Engine) install(next []*entry) {
	before := make(map[*Active]bool)
	for _, old := range e.known {
		if old.active != nil {
			before[old.active] = true
		}
	}
	var active []*Active
	for _, entry := range next {
		switch {
		case e.braked || entry.fault.Disabled:
			entry.active = nil
		case entry.active == nil:
			entry.active = newActive(&entry.fault, entry.tally, entry.counters)
		}
		if entry.active != nil {
			active = append(active, entry.active)
			delete(before, entry.active)
		}
	}
	e.known = next
	e.set.Store(newSet(active))
	for gone := range before {
		gone.depart()
	}
}
