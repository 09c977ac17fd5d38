package store

import (
	"fmt"
	"runtime"
	"slices"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// appendPage appends a page to what there is. It has no gap: when the ring goes round and
// takes what was to come next, the page ends.
func (a *Attempts) appendPage(to []observe.Attempt, position uint64, limit int) (longer []observe.Attempt, next uint64) {
	total, oldest := a.Counts()
	position = max(position, oldest)
	if position >= total || limit <= 0 {
		return to, position
	}
	before := len(to)
	to = slices.Grow(to, int(min(uint64(limit), total-position))) //nolint:gosec // At most limit.
	form := make([]byte, 0, commonLength)
	for len(to)-before < limit && position < total {
		var there presence
		switch form, there = a.slot(position).take(form[:0], position); {
		case there == present:
			to = append(to, parsed(form))
			position++
		case there == coming, len(to) > before:
			return to, position
		default:
			total, oldest = a.Counts()
			position = max(position, oldest)
		}
	}
	return to, position
}

// parsed reads what a slot holds, which written and putForm write alone.
func parsed(form []byte) observe.Attempt {
	attempt, _, err := observe.ParseAttempt(form)
	if err != nil {
		panic(fmt.Sprintf("store: a slot holds no attempt: %v", err))
	}
	return attempt
}

// All returns the attempts that are kept, in the order in which they were
// recorded and without a gap. Record need not wait for it: what is recorded meanwhile
// may be missing at the end. The caller owns the slice.
func (a *Attempts) All() []observe.Attempt {
	c := a.copying()
	for c.more() {
		c.step()
	}
	return c.attempts
}

// copyPage bounds what All copies in one step.
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
	} else if copied == 0 {
		runtime.Gosched() // the next one is just being recorded
	}
	c.position = next
}
