package store

import (
	"sync"
	"testing"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestOutcomesKeepTheNewest(t *testing.T) {
	t.Parallel()
	var s Outcomes
	if kept, dropped := s.All(); len(kept) != 0 || dropped != 0 {
		t.Errorf("got %d outcomes and %d dropped before any, want none", len(kept), dropped)
	}
	for i := range uint64(MaxOutcomes + 7) {
		s.Add(observe.Outcome{Attempt: i + 1})
	}
	kept, dropped := s.All()
	if len(kept) != MaxOutcomes || dropped != 7 {
		t.Fatalf("got %d outcomes and %d dropped, want %d and 7", len(kept), dropped, MaxOutcomes)
	}
	for i, o := range kept {
		if o.Attempt != uint64(i)+8 {
			t.Fatalf("outcome %d is number %d, want %d", i, o.Attempt, i+8)
		}
	}
}

func TestOutcomesAreAllCountedUnderParallelUse(t *testing.T) {
	t.Parallel()
	var s Outcomes
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range MaxOutcomes / 4 {
				s.Add(observe.Outcome{})
				if i%100 == 0 {
					s.All()
				}
			}
		})
	}
	wg.Wait()
	if kept, dropped := s.All(); len(kept) != MaxOutcomes || dropped != MaxOutcomes {
		t.Errorf("got %d outcomes and %d dropped, want %d each", len(kept), dropped, MaxOutcomes)
	}
}
