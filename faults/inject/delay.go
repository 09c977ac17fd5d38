package inject

import (
	"context"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// Ending says why a wait ended.
type Ending string

const (
	// Elapsed means that the exchange was held for the whole time.
	Elapsed Ending = "elapsed"
	// Cancelled means that the context ended.
	Cancelled Ending = "cancelled"
	// Released means that the fault was removed, changed, disabled or braked.
	Released Ending = "released"
	// Expired means that the lifetime of the fault ended.
	Expired Ending = "expired"
)

// Wait holds an exchange back for one delay of its decision, and returns how
// long it did and why it ended. It ends at once when ctx ends, when the fault
// goes, or when its lifetime, read against the wall clock now, is over; else
// it is never early. A delay that begins to hold has fired; one that is over
// before holds for exactly 0 and has not.
func Wait(ctx context.Context, hold faults.Hold, now time.Time) (held time.Duration, ending Ending) {
	wait, last := Bound(hold, now)
	select {
	case <-ctx.Done():
		return 0, Cancelled
	case <-hold.Fault.Gone():
		return 0, Released
	default:
		if wait <= 0 {
			return 0, last
		}
	}
	hold.Fault.Fire()
	hold.Fault.Enter()
	defer hold.Fault.Leave()
	start := time.Now()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		ending = last
	case <-ctx.Done():
		ending = Cancelled
	case <-hold.Fault.Gone():
		ending = Released
	}
	return time.Since(start), ending
}

// Bound returns how long a hold that begins at the wall clock now lasts at
// most: its wait, or what is left of the fault's lifetime where that is less; and
// what it means when that time is up. Whoever waits without Wait starts a timer
// for it, and still has to look at the client and at Active.Gone, and to bracket
// a hold of more than 0 by Fire, Enter and Leave as Wait does. A hang is a hold
// whose wait is math.MaxInt64.
func Bound(hold faults.Hold, now time.Time) (time.Duration, Ending) {
	expiry := hold.Fault.Fault.ExpiresAt
	if expiry.IsZero() {
		return hold.Wait, Elapsed
	}
	if left := max(expiry.Sub(now), 0); left < hold.Wait {
		return left, Expired
	}
	return hold.Wait, Elapsed
}
