package backoff_test

import (
	"flag"
	"math"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/backoff/simulate"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestScaling has a client do everything so many times as slowly: the base and the cap follow, the names stay. The noise is scaled
// with the rest, and a name that is not certain may come and go.
func TestScaling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(simulate.Kinds[1:]).Draw(t, "kind")
		law := kind.Based(500 * time.Millisecond)
		law.Cap = 4500 * time.Millisecond
		client := simulate.Client{Law: law, Noise: simulate.Noise{Least: 500 * time.Microsecond, Usual: time.Millisecond}}
		calls := client.Calls(15, 6, simulate.NewSource(rapid.Uint64().Draw(t, "seed")))
		times := rapid.IntRange(2, 4).Draw(t, "times")
		before := backoff.Classify(calls, backoff.Options{})
		for i := range calls {
			for j := range calls[i].Gaps {
				calls[i].Gaps[j].Wait *= time.Duration(times)
			}
		}
		after := backoff.Classify(calls, backoff.Options{})
		if len(before.Laws) != 1 || len(after.Laws) != 1 {
			return
		}
		a, b := before.Laws[0], after.Laws[0]
		if a.Jitter != b.Jitter || a.Curve != b.Curve {
			t.Fatalf("got %v and, %d times as slow, %v", a, times, b)
		}
		if ratio := b.Base.Seconds() / a.Base.Seconds(); a.Base > 0 && math.Abs(ratio/float64(times)-1) > 0.1 {
			t.Fatalf("got %v and, %d times as slow, %v", a, times, b)
		}
		if a.Cap > 0 && b.Cap > 0 && math.Abs(b.Cap.Seconds()/a.Cap.Seconds()/float64(times)-1) > 0.1 {
			t.Fatalf("got %v and, %d times as slow, %v", a, times, b)
		}
	})
}

// TestMoreCallsKeepARightName adds calls to clients whose law was named rightly and alone: of a hundred, one at most may be
// misnamed with confidence then.
func TestMoreCallsKeepARightName(t *testing.T) {
	t.Parallel()
	right, spoilt := 0, 0
	for i, k := range simulate.Kinds {
		source := simulate.NewSource(uint64(i))
		for range 8 {
			truth := k.Based(time.Duration(source.Between(0.1, 2) * float64(second)))
			calls := simulate.Client{Law: truth, Noise: simulate.Rough}.Calls(40, 3, source)
			if few := backoff.Classify(calls[:10], backoff.Options{}); len(few.Laws) != 1 || !same(few.Laws[0], truth) {
				continue
			}
			right++
			if many := backoff.Classify(calls, backoff.Options{}); len(many.Laws) == 1 && !same(many.Laws[0], truth) {
				spoilt++
				t.Logf("%s: %v became %v", k.Name, truth, many)
			}
		}
	}
	if right < 60 || 100*spoilt > right {
		t.Errorf("got %d right names of 88, %d of them spoilt by more calls, want 60 and 1 %% at most", right, spoilt)
	}
}
