package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// MaxAuditEntries bounds the audit entries that are kept in memory; the oldest go first.
const MaxAuditEntries = 10_000

// AuditEntry is one change, or one attempt at it, as it is kept. Secrets are never in it.
type AuditEntry struct {
	// Sequence is given by Append: 1 for the first entry, then one more for each.
	Sequence uint64
	// Time is when the change was asked for, by the wall clock.
	Time time.Time
	// Actor is who asked for it: the name of a token, the subject of a certificate, or what the process did by itself.
	Actor string
	// Role is what the actor was permitted; "" where nobody is asked for a role.
	Role string
	// Remote is where the call came from, host:port; "" for the process itself.
	Remote string
	// Method is what was called, as in "groovechaos.v1.BrakeService/PullBrake".
	Method string
	// Resource is what it is about, as in "faults/busy".
	Resource string
	// RequestID is the caller's own name of the request; "" for none.
	RequestID string
	// Result is "OK", or the word of the error.
	Result string
	// Before and After are the resource before and after the change as JSON; nil for none.
	Before, After json.RawMessage
	// Revision is that of the store after the change; 0 where none applies.
	Revision uint64
}

// Audit keeps the newest audit entries in memory. The zero value is ready for use; it is safe for concurrent use.
// Its methods do not look at their context: nothing in them waits for long.
type Audit struct {
	mu sync.Mutex
	// kept are the newest, the one with a sequence number at the place of that number less one modulo MaxAuditEntries.
	kept []AuditEntry
	last uint64
}

// Append keeps an entry and numbers it; the number it has is passed over.
func (a *Audit) Append(_ context.Context, entry AuditEntry) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	place := a.last % MaxAuditEntries
	a.last++
	entry.Sequence = a.last
	if len(a.kept) < MaxAuditEntries {
		a.kept = append(a.kept, entry)
	} else {
		a.kept[place] = entry
	}
	return nil
}

// List returns at most limit entries, the oldest first, of those whose sequence number is above after; 0 for all that are
// kept. A first number above after + 1 tells how many were forgotten. What the entries point to must not be changed.
func (a *Audit) List(_ context.Context, after uint64, limit int) ([]AuditEntry, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	after = max(after, a.last-uint64(len(a.kept)))
	if after >= a.last || limit <= 0 {
		return nil, nil
	}
	entries := make([]AuditEntry, 0, min(uint64(limit), a.last-after))
	for number := after; number < a.last && len(entries) < limit; number++ {
		entries = append(entries, a.kept[number%MaxAuditEntries])
	}
	return entries, nil
}

// quoted quotes what somebody else wrote, and shortens it.
func quoted(text string) string { return fmt.Sprintf("%.80q", text) }
