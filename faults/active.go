package faults

import (
	"reflect"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Active is a fault in force. It is immutable but for its counters, and safe
// for concurrent use.
type Active struct {
	// Fault is what is in force. It must not be changed.
	Fault Fault

	farewell

	match matcher
	role  role
	share float64
	// shareText is the share as reasons say it, always the whole reason of a fault that leaves nothing to a draw, "" of another.
	shareText, always string
	subject           uint64
	tally             *tally
	counters          *counters
}

// role is how a fault takes part in a decision.
type role uint8

const (
	// roleHold is a delay before the upstream.
	roleHold role = iota
	// roleLate is what happens to the answer of the upstream: a spoil, or a
	// delay after it.
	roleLate
	// roleCount is a terminal fault that decides by counting.
	roleCount
	// roleDraw is a terminal fault that shares the draw.
	roleDraw
)

func roleOf(f *Fault) role {
	switch {
	case f.Terminal() && f.Trigger.counted():
		return roleCount
	case f.Terminal():
		return roleDraw
	case f.Delay != nil && f.Delay.At != SideAfter:
		return roleHold
	default:
		return roleLate
	}
}

func newActive(f *Fault, t *tally, c *counters) *Active {
	t.armed.Store(true)
	a := &Active{
		Fault:     *f,
		farewell:  farewell{gone: make(chan struct{})},
		match:     compileMatch(&f.Match),
		role:      roleOf(f),
		share:     f.Trigger.share(),
		shareText: strconv.FormatFloat(f.Trigger.share(), 'g', -1, 64),
		subject:   xxhash.Sum64String(f.Name),
		tally:     t,
		counters:  c,
	}
	if a.share == 1 && !f.Trigger.counted() {
		a.always = f.Name + ": share " + a.shareText
	}
	return a
}

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

// atAccept reports whether the fault is about connections, not exchanges.
func (f *Fault) atAccept() bool { return f.Break != nil && f.Break.At == BreakAccept }

// sameFault reports whether two faults strike alike, whatever their lifetime
// and whether they are switched on.
func sameFault(a, b *Fault) bool {
	x, y := *a, *b
	x.Disabled, y.Disabled = false, false
	x.TTL, y.TTL = 0, 0
	x.ExpiresAt, y.ExpiresAt = time.Time{}, time.Time{}
	return reflect.DeepEqual(x, y)
}
