package observe

import (
	"fmt"
	"slices"
	"testing"
)

// Of requests that not all outlive their generation the same are kept each time, those of the clients whose names come first.
func TestWhatOutlivesAGenerationIsNoChance(t *testing.T) {
	t.Parallel()
	for range 4 {
		l := newLearner(1)
		l.most = 3
		for i := range 16 {
			for _, at := range []float64{0, 1} {
				a := try(at, 503, from(fmt.Sprintf("client %02d", i)))
				l.take(&a, false)
			}
		}
		l.rotate() // to the older generation
		l.rotate() // and out of it
		var kept []string
		for name, s := range l.clients {
			if s.older.n > 0 {
				kept = append(kept, name)
			}
		}
		slices.Sort(kept)
		if want := []string{"client 00", "client 01", "client 02"}; !slices.Equal(kept, want) {
			t.Fatalf("kept the requests of %v, want those of %v", kept, want)
		}
	}
}

// A generation keeps its room for the next one, unless it has far more than it needs.
func TestRequestsLetGoOfRoom(t *testing.T) {
	t.Parallel()
	var g requests
	fill := func(n int) {
		for i := range n {
			g.place(uint64(i + 1))
		}
		g.clear()
	}
	fill(1000)
	if len(g.chunks) == 0 || len(g.slots) == 0 || g.n != 0 || g.find(5) != nil {
		t.Errorf("kept %d chunks and %d slots with %d requests, want room and none", len(g.chunks), len(g.slots), g.n)
	}
	fill(900)
	if len(g.chunks) == 0 {
		t.Error("let go of room that was used")
	}
	fill(20)
	if len(g.chunks) != 0 || len(g.slots) != 0 {
		t.Errorf("kept %d chunks and %d slots after 20 requests", len(g.chunks), len(g.slots))
	}
	fill(3)
	fill(3)
	if len(g.chunks) != 1 {
		t.Errorf("%d chunks for a few requests, want the first kept", len(g.chunks))
	}
}
