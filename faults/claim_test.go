package faults //nolint:testpackage // Looks at the slots, which no decision tells once the limit is reached.

import (
	"sync"
	"testing"
)

func TestWhatFindsNoFiringKeepsNoSlot(t *testing.T) {
	t.Parallel()
	for round := range 5_000 {
		e := NewEngine(1)
		if err := e.Apply([]Fault{{Name: "f", Trigger: Trigger{Limit: 2, MaxActive: 50}, Answer: &Answer{Status: 503}}}); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		begin := make(chan struct{})
		for i := range 50 {
			wg.Go(func() {
				<-begin
				e.Decide(&Exchange{Place: Place{Fingerprint: uint64(i)}})
			})
		}
		close(begin)
		wg.Wait()
		if used := e.known[0].tally.slots.used.Load(); used != 2 {
			t.Fatalf("round %d: %d slots are taken, want the 2 of the limit", round, used)
		}
	}
}
