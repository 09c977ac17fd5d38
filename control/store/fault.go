package store

import (
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// Fault is a fault as it is kept. What it points to belongs to the store and
// must not be changed.
type Fault struct {
	faults.Fault
	// Revision changes with every change, and grows over the whole store.
	Revision uint64
	// Created and Updated are wall clock times.
	Created, Updated time.Time
	// Warnings says what is doubtful about the fault beside those that are in
	// force now: "share may add up to 1.2 …". Nil for nothing.
	Warnings []string
	// Ended says that the lifetime is over, whatever the clock says: it was kept that it is.
	Ended bool
}

// Expired reports whether the lifetime is over.
func (f *Fault) Expired(now time.Time) bool {
	return f.Ended || !f.ExpiresAt.IsZero() && !now.Before(f.ExpiresAt)
}

// Write is one fault of a change: it creates the fault, or replaces the one of
// that name.
type Write struct {
	// Fault is what is to be kept. Its ExpiresAt is passed over: the store
	// computes it.
	Fault faults.Fault
	// Create wants that the name is free.
	Create bool
	// Revision, if not 0, wants that the fault is there at this revision. It
	// does not go with Create.
	Revision uint64
	// Restart begins the lifetime anew even if it did not change.
	Restart bool
}
