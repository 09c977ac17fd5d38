package faults

import (
	"reflect"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Active is a fault in force. It is immutable but for its counters, and safe
// for concurrent use.
type Active struct {
	// Fault is what is in force. It must not be changed.
	Fault Fault

	match    matcher
	subject  uint64
	tally    *tally
	counters *counters
	gone     chan struct{}
}

func newActive(f *Fault, t *tally, c *counters) *Active {
	t.armed.Store(true)
	return &Active{
		Fault:    *f,
		match:    compileMatch(&f.Match),
		subject:  xxhash.Sum64String(f.Name),
		tally:    t,
		counters: c,
		gone:     make(chan struct{}),
	}
}

// Gone is closed when the fault is removed, changed, disabled or braked. It
// does not close on expiry: whoever waits bounds the wait by Fault.ExpiresAt.
func (a *Active) Gone() <-chan struct{} { return a.gone }

// Fire counts that the fault struck: that its answer went out, or that it began
// to hold an exchange back. A decision alone is not yet a strike, since the
// client may leave and the fault may go before it is carried out.
func (a *Active) Fire() { a.tally.fired.Add(1) }

// Enter and Leave bracket the time in which the fault holds an exchange back.
func (a *Active) Enter() { a.tally.held.Add(1) }

// Leave ends what Enter began.
func (a *Active) Leave() { a.tally.held.Add(-1) }

// expired reports whether the lifetime is over.
func (a *Active) expired(now time.Time) bool {
	return !a.Fault.ExpiresAt.IsZero() && !now.Before(a.Fault.ExpiresAt)
}

// sameFault reports whether two faults strike alike, whatever their lifetime
// and whether they are switched on.
func sameFault(a, b *Fault) bool {
	x, y := *a, *b
	x.Disabled, y.Disabled = false, false
	x.TTL, y.TTL = 0, 0
	x.ExpiresAt, y.ExpiresAt = time.Time{}, time.Time{}
	return reflect.DeepEqual(x, y)
}
