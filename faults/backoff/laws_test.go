package backoff_test

import (
	"flag"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/backoff/simulate"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestScaling has clients do everything, their noise included, two and four times as slowly: what is named is named again, and the base and
// the cap follow. A name that is not certain may come and go.
func TestScaling(t *testing.T) {
	t.Parallel()
	compared := 0
	for i, k := range simulate.Kinds[1:] {
		law := k.Based(500 * time.Millisecond)
		law.Cap = 4500 * time.Millisecond
		client := simulate.Client{Law: law, Noise: simulate.Noise{Least: 500 * time.Microsecond, Usual: time.Millisecond}}
		calls := client.Calls(20, 6, simulate.NewSource(uint64(i)))
		before := backoff.Classify(calls, backoff.Options{})
		for _, times := range []int{2, 4} {
			after := backoff.Classify(slowed(calls, times), backoff.Options{})
			if len(before.Laws) == 1 && len(after.Laws) == 1 {
				compared++
				checkScaled(t, before.Laws[0], after.Laws[0], times)
			}
		}
	}
	if compared < 14 {
		t.Errorf("got %d pairs of 20 that were named, want 14 at least", compared)
	}
}

func slowed(calls []backoff.Call, times int) []backoff.Call {
	var slow []backoff.Call
	for _, c := range calls {
		gaps := slices.Clone(c.Gaps)
		for i := range gaps {
			gaps[i].Wait *= time.Duration(times)
		}
		slow = append(slow, backoff.Call{Gaps: gaps})
	}
	return slow
}

// checkScaled holds the figures to each other within a tenth; those of different curves are not to be compared.
func checkScaled(t *testing.T, before, after backoff.Law, times int) {
	t.Helper()
	if before.Family != after.Family {
		t.Errorf("got %v and, %d times as slow, %v", before, times, after)
	}
	off := func(a, b time.Duration) float64 { return math.Abs(b.Seconds()/a.Seconds()/float64(times) - 1) }
	if before.Factor == after.Factor && off(before.Base, after.Base) > 0.1 {
		t.Errorf("got %v and, %d times as slow, %v", before, times, after)
	}
	if before.Cap > 0 && after.Cap > 0 && off(before.Cap, after.Cap) > 0.1 {
		t.Errorf("got %v and, %d times as slow, %v", before, times, after)
	}
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
