package faults

import (
	"sync/atomic"
	"time"
)

// slots counts the exchanges that a fault strikes at the moment.
type slots struct{ used atomic.Uint64 }

// take takes a slot if fewer than most are used. However many try at once,
// never more than most have one.
func (s *slots) take(most uint64) bool {
	for {
		used := s.used.Load()
		if used >= most {
			return false
		}
		if s.used.CompareAndSwap(used, used+1) {
			return true
		}
	}
}

// give gives back what take took.
func (s *slots) give() { s.used.Add(^uint64(0)) }

// grip is a slot that a decision has, and the one it took before.
type grip struct {
	slots  *slots
	let    atomic.Bool
	before *grip
}

// Release gives back the slots that the decision takes up under MaxActive, and the call that is being failed unless
// Settle has said how that goes on.
// Whoever carries a decision out calls it when the exchange has ended, however
// it did. Calling it again, on a copy too, does nothing, and neither does calling
// it on the zero Decision. It is safe for concurrent use.
func (d *Decision) Release() {
	d.flight.land(false, time.Time{})
	for g := d.grip; g != nil; g = g.before {
		if !g.let.Swap(true) {
			g.slots.give()
		}
	}
}
