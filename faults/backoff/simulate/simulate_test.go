package simulate_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/backoff/simulate"
	"pgregory.net/rapid"
)

func TestNoWaitIsEarly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(simulate.Kinds).Draw(t, "kind")
		law := kind.Based(time.Duration(rapid.IntRange(1, 5000).Draw(t, "base in ms")) * time.Millisecond)
		client := simulate.Client{Law: law, Noise: simulate.Rough}
		for _, c := range client.Calls(5, 6, simulate.NewSource(rapid.Uint64().Draw(t, "seed"))) {
			for _, g := range c.Gaps {
				least, _ := law.Window(g.Index, 0)
				if g.Wait < least+simulate.Rough.Least {
					t.Fatalf("got a wait of %v before retry %d, want at least %v and the least overshoot", g.Wait, g.Index, least)
				}
			}
		}
	})
}

func TestASeedRepeats(t *testing.T) {
	t.Parallel()
	client := simulate.Client{Law: simulate.Kinds[9].Based(time.Second), Noise: simulate.Rough}
	first := client.Calls(20, 5, simulate.NewSource(1))
	if diff := cmp.Diff(first, client.Calls(20, 5, simulate.NewSource(1))); diff != "" {
		t.Errorf("with the same seed (-first +second):\n%s", diff)
	}
	if cmp.Equal(first, client.Calls(20, 5, simulate.NewSource(2))) {
		t.Error("got the same calls with another seed, want others")
	}
}

// TestNoiseIsAsItSays counts how many gaps of a client that wants to wait a second are late, and by how much.
func TestNoiseIsAsItSays(t *testing.T) {
	t.Parallel()
	client := simulate.Client{Law: simulate.Kinds[1].Based(time.Second), Noise: simulate.Rough}
	var late []float64
	for _, c := range client.Calls(5000, 4, simulate.NewSource(1)) {
		for _, g := range c.Gaps {
			late = append(late, (g.Wait - time.Second).Seconds())
		}
	}
	slices.Sort(late)
	share := func(beyond float64) float64 {
		at, _ := slices.BinarySearch(late, beyond)
		return 1 - float64(at)/float64(len(late))
	}
	for _, tt := range []struct{ beyond, want float64 }{
		{0.3, 0.05*0.9 + 0.01}, // up to 3 s late, or stalled
		{1.5, 0.05*0.5 + 0.01},
		{4, 0.01},
	} {
		if got := share(tt.beyond); math.Abs(got-tt.want) > 0.2*tt.want+0.001 {
			t.Errorf("got %.4f of the gaps more than %v s late, want %.4f", got, tt.beyond, tt.want)
		}
	}
	if median := late[len(late)/2]; median < 0.001 || median > 0.006 {
		t.Errorf("got a median of %v s late, want some milliseconds", median)
	}
}

func TestKindsAreEleven(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	families := map[backoff.Law]bool{}
	for _, k := range simulate.Kinds {
		names[k.Name], families[k.Law] = true, true
	}
	if len(names) != 11 || len(families) != 11 {
		t.Errorf("got %d names of %d laws, want eleven of eleven", len(names), len(families))
	}
}

func TestBasedScalesAll(t *testing.T) {
	t.Parallel()
	got := simulate.Kinds[6].Based(200 * time.Millisecond)
	if got.Base != 200*time.Millisecond || got.Extra != 100*time.Millisecond || got.Factor != 2 {
		t.Errorf("got %+v, want a base of 200 ms, up to 100 ms added and a factor of 2", got)
	}
}
