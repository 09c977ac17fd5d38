package store

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// Attempts keeps the newest attempts in a ring of bounded size. It is safe for
// concurrent use.
//
// Each attempt has a slot with its binary form, in memory that is used again. Nobody holds
// the lock of a slot for longer than it takes to write or to copy it.
type Attempts struct {
	most uint64
	// total counts the attempts ever recorded. The one at a position is in the slot
	// of its number modulo most, once its writer is done.
	total atomic.Uint64
	// blocks hold the slots in turn, nil for those that were never needed.
	blocks []atomic.Pointer[block]
	news   bell
}

// blockSize is how many slots are taken at once.
const blockSize = 1024

type block [blockSize]slot

// NewAttempts makes a ring for at most so many attempts, at least 1. Room is
// taken as it is needed.
func NewAttempts(most int) *Attempts {
	most = max(most, 1)
	return &Attempts{
		most:   uint64(most),
		blocks: make([]atomic.Pointer[block], (most-1)/blockSize+1),
	}
}

// Record keeps a copy of an attempt, in place of the oldest if the ring is full. It holds
// nothing of the attempt afterwards, allocates nothing once the ring has gone round, and waits for
// nothing but a slot being copied.
func (a *Attempts) Record(attempt *observe.Attempt) {
	position := a.total.Add(1) - 1
	a.slot(position).put(position, attempt)
	a.news.ring()
}

// Wait returns nil once the attempt of a position can be read, or is forgotten. It returns the error of ctx if that ends
// first. Recording wakes those who wait, and costs no more than a look while nobody does.
func (a *Attempts) Wait(ctx context.Context, position uint64) error {
	return waitFor(ctx, func() bool { return a.has(position) }, &a.news)
}

// has reports whether the attempt of a position is there, or was.
func (a *Attempts) has(position uint64) bool {
	if position >= a.total.Load() {
		return false
	}
	return a.slot(position).holds(position)
}

// Counts returns how many attempts were recorded and how many of them were
// forgotten for want of room.
func (a *Attempts) Counts() (total, dropped uint64) {
	total = a.total.Load()
	return total, total - min(total, a.most)
}

// Page returns at most limit attempts from a position on, in the order in which
// they were recorded, and the position after them. Position 0 is the first
// attempt ever; what is forgotten is passed over, and beyond the newest there
// is nothing. One that is just being recorded is the end, for now. The caller owns the slice.
func (a *Attempts) Page(position uint64, limit int) (page []observe.Attempt, next uint64) {
	return a.appendPage(nil, position, limit)
}

// slot returns the slot of a position, and takes room for it if there is none.
func (a *Attempts) slot(position uint64) *slot {
	index := position % a.most
	blocks := &a.blocks[index/blockSize]
	b := blocks.Load()
	if b == nil {
		blocks.CompareAndSwap(nil, newBlock())
		b = blocks.Load()
	}
	return &b[index%blockSize]
}

const (
	// commonLength is the length that few binary forms exceed, in bytes.
	commonLength = 768
	// slotStep is what the memory of a slot is a multiple of, longestSlot how much of it is kept for
	// the next attempt, in bytes.
	slotStep, longestSlot = 64, 1024
)

// slotRoom is the memory that a slot has from the start, in bytes: most attempts fit.
const slotRoom = 8 * slotStep

// newBlock makes a block whose slots have their memory in one piece.
func newBlock() *block {
	b := new(block)
	room := make([]byte, blockSize*slotRoom)
	populate(room)
	for i := range b {
		b[i].form = room[i*slotRoom : i*slotRoom : (i+1)*slotRoom]
	}
	return b
}

// slot is the place of one attempt.
type slot struct {
	mu sync.Mutex
	// number is the attempt's position plus one, 0 for none yet.
	number uint64
	form   []byte
}

// put places the attempt of a position. A writer that was overtaken by a whole round leaves the
// newer one alone: its own is forgotten already.
func (s *slot) put(position uint64, attempt *observe.Attempt) {
	s.mu.Lock()
	if s.number <= position {
		s.number, s.form = position+1, written(s.form, attempt)
	}
	s.mu.Unlock()
}

// putForm is put for a copy of an attempt's binary form.
func (s *slot) putForm(position uint64, form []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.number > position {
		return
	}
	if cap(s.form) > longestSlot {
		s.form = nil
	}
	s.number, s.form = position+1, append(s.form[:0], form...)
}

// written writes an attempt into the memory of a slot, or into other memory if it does not fit or
// that was taken for an unusual one.
func written(room []byte, attempt *observe.Attempt) []byte {
	if cap(room) > longestSlot {
		room = nil
	}
	form := attempt.AppendBinary(room[:0])
	if cap(form) == cap(room) {
		return form
	}
	return append(make([]byte, 0, (len(form)+slotStep-1)/slotStep*slotStep), form...)
}

// presence says whether a slot holds the attempt that is asked for.
type presence int

const (
	// coming is for one that is still to be placed.
	coming presence = iota
	present
	// gone is for one in whose place a newer one is.
	gone
)

// holds reports whether the attempt of a position is there, or a newer one.
func (s *slot) holds(position uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.number > position
}

// take appends the form of the attempt of a position to what there is.
func (s *slot) take(to []byte, position uint64) ([]byte, presence) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.number <= position:
		return to, coming
	case s.number > position+1:
		return to, gone
	}
	return append(to, s.form...), present
}
