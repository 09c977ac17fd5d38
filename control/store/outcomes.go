package store

import (
	"context"
	"sync"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// MaxOutcomes bounds the outcomes that are kept; the oldest go first.
const MaxOutcomes = 10_000

// Outcomes keeps the newest outcomes. The zero value is ready for use; it is safe for concurrent use.
type Outcomes struct {
	mu sync.Mutex
	// kept are the newest, the oldest of them at the place of total modulo MaxOutcomes once they are as many.
	kept  []observe.Outcome
	total uint64
}

// Keep is Add, for a store that has nothing to wait for. The error is nil.
func (s *Outcomes) Keep(_ context.Context, o observe.Outcome) error {
	s.Add(o)
	return nil
}

// Add keeps an outcome, which is valid and clean.
func (s *Outcomes) Add(o observe.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) < MaxOutcomes {
		s.kept = append(s.kept, o)
	} else {
		s.kept[s.total%MaxOutcomes] = o
	}
	s.total++
}

// All returns what is kept, in the order in which it was reported, and how many older ones were forgotten. The caller owns
// the slice.
func (s *Outcomes) All() (kept []observe.Outcome, dropped uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dropped = s.total - uint64(len(s.kept))
	oldest := int(dropped % MaxOutcomes)
	kept = make([]observe.Outcome, 0, len(s.kept))
	return append(append(kept, s.kept[oldest:]...), s.kept[:oldest]...), dropped
}
