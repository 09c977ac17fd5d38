package store

import (
	"slices"
	"sync"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// Attempts keeps the newest attempts in a ring of bounded size. It is safe for
// concurrent use.
type Attempts struct {
	mu   sync.Mutex
	most int
	ring []observe.Attempt
	// total counts all attempts ever recorded; the ring holds those from
	// total-len(ring) on, each at its number modulo most.
	total uint64
}

// NewAttempts makes a ring for at most so many attempts, at least 1. Room is
// taken as it is needed.
func NewAttempts(most int) *Attempts { return &Attempts{most: max(most, 1)} }

// Record keeps an attempt, in place of the oldest if the ring is full. It waits
// for nothing but a page being copied.
func (a *Attempts) Record(attempt observe.Attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.ring) < a.most {
		a.ring = append(a.ring, attempt)
	} else {
		a.ring[a.slot(a.total)] = attempt
	}
	a.total++
}

// Counts returns how many attempts were recorded and how many of them were
// forgotten for want of room.
func (a *Attempts) Counts() (total, dropped uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.total, a.oldest()
}

// Page returns at most limit attempts from a position on, in the order in which
// they were recorded, and the position after them. Position 0 is the first
// attempt ever; what is forgotten is passed over, and beyond the newest there
// is nothing. The caller owns the slice.
func (a *Attempts) Page(position uint64, limit int) (page []observe.Attempt, next uint64) {
	return a.appendPage(nil, position, limit)
}

// appendPage appends a page to what there is.
func (a *Attempts) appendPage(to []observe.Attempt, position uint64, limit int) (longer []observe.Attempt, next uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	position = max(position, a.oldest())
	if position >= a.total || limit <= 0 {
		return to, position
	}
	next = position + min(uint64(limit), a.total-position)
	to = slices.Grow(to, int(next-position)) //nolint:gosec // At most limit.
	for ; position < next; position++ {
		to = append(to, a.ring[a.slot(position)])
	}
	return to, next
}

// All returns the attempts that are kept, in the order in which they were
// recorded and without a gap. It copies them page by page, so that Record need
// not wait for all of them: what is recorded meanwhile may be missing at the
// end. The caller owns the slice.
func (a *Attempts) All() []observe.Attempt {
	c := a.copying()
	for c.more() {
		c.step()
	}
	return c.attempts
}

// copyPage bounds what All copies under the lock at once.
const copyPage = 1024

// copying is All in progress.
type copying struct {
	from          *Attempts
	attempts      []observe.Attempt
	position, end uint64
}

func (a *Attempts) copying() *copying {
	total, dropped := a.Counts()
	return &copying{from: a, attempts: make([]observe.Attempt, 0, total-dropped), position: dropped, end: total}
}

func (c *copying) more() bool { return c.position < c.end }

// step copies one page. If the ring has wrapped around past the position, it
// begins again there: what lacks its middle would look like calls that were
// not repeated, whereas what lacks its beginning is counted as dropped.
func (c *copying) step() {
	limit := int(min(copyPage, c.end-c.position))
	var next uint64
	before := len(c.attempts)
	c.attempts, next = c.from.appendPage(c.attempts, c.position, limit)
	if copied := uint64(len(c.attempts) - before); next-copied != c.position { //nolint:gosec // Never negative.
		c.attempts = slices.Delete(c.attempts, 0, before)
		c.end, _ = c.from.Counts()
	}
	c.position = next
}

// slot is where in the ring the attempt of a position is.
func (a *Attempts) slot(position uint64) uint64 { return position % uint64(a.most) } //nolint:gosec // At least 1.

// oldest is the position of the oldest attempt that is kept. The caller holds
// the lock.
func (a *Attempts) oldest() uint64 { return a.total - uint64(len(a.ring)) }
