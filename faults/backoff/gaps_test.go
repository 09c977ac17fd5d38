package backoff_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/backoff/simulate"
	"pgregory.net/rapid"
)

// callWith is a call whose gaps are so many milliseconds.
func callWith(milliseconds ...float64) backoff.Call {
	var c backoff.Call
	for i, ms := range milliseconds {
		c.Gaps = append(c.Gaps, backoff.Gap{Index: i + 1, Wait: time.Duration(ms * 1e6)})
	}
	return c
}

func TestOrderIsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		client := simulate.Client{Law: anyLaw(t), Noise: simulate.Rough}
		n := rapid.SampledFrom([]int{5, 30, 700}).Draw(t, "calls")
		calls := client.Calls(n, 3, simulate.NewSource(rapid.Uint64().Draw(t, "seed")))
		want := backoff.Classify(calls, backoff.Options{})
		got := backoff.Classify(rapid.Permutation(calls).Draw(t, "order"), backoff.Options{})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("in another order (-want +got):\n%s", diff)
		}
	})
}

func TestCounts(t *testing.T) {
	t.Parallel()
	long := make([]float64, 20)
	for i := range long {
		long[i] = 1003
	}
	told := callWith(2001, 1004)
	told.Gaps[0].AfterRetryAfter = true
	fit := backoff.Classify([]backoff.Call{
		callWith(long...),
		callWith(1001, -5),
		{Gaps: []backoff.Gap{{Index: 0, Wait: second}, {Index: 17, Wait: second}}},
		told,
		callWith(1002), callWith(1003), callWith(1004), callWith(9000),
	}, backoff.Options{})
	want := backoff.LeftOut{RetryAfter: 1, Stalls: 1, Beyond: 5, Invalid: 2}
	if diff := cmp.Diff(want, fit.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if fit.Calls != 6 || fit.Gaps != 21 {
		t.Errorf("got %d calls and %d gaps, want 6 and 21", fit.Calls, fit.Gaps)
	}
	if got := fit.String(); got != "constant 1 s" {
		t.Errorf("got %q, want %q", got, "constant 1 s")
	}
}

func TestGivesUpAfter(t *testing.T) {
	t.Parallel()
	gaveUp := func(gaps ...int) []backoff.Call {
		var calls []backoff.Call
		for _, n := range gaps {
			c := callWith(make([]float64, n)...)
			c.GaveUp = true
			calls = append(calls, c)
		}
		return calls
	}
	for name, tt := range map[string]struct {
		calls []backoff.Call
		want  int
	}{
		"nothing":             {nil, 0},
		"once":                {gaveUp(4), 0},
		"twice alike":         {gaveUp(4, 4), 4},
		"never alike":         {gaveUp(4, 3, 5), 0},
		"alike but for one":   {gaveUp(4, 4, 4, 4, 2), 4},
		"too often another":   {gaveUp(4, 4, 4, 2), 0},
		"longer than is kept": {gaveUp(20, 20, 20), 0},
		"still waiting":       {[]backoff.Call{callWith(1, 1), callWith(1, 1)}, 0},
	} {
		if got := backoff.Classify(tt.calls, backoff.Options{}).GivesUpAfter; got != tt.want {
			t.Errorf("%s: got %d, want %d", name, got, tt.want)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) { //nolint:paralleltest // AllocsPerRun allows no other test beside it
	client := simulate.Client{Law: simulate.Kinds[3].Based(second), Noise: simulate.Measured}
	calls := client.Calls(5000, 6, simulate.NewSource(1))
	var g backoff.Gaps
	for _, c := range calls[:1000] {
		g.Add(c)
	}
	next := 1000
	if allocated := testing.AllocsPerRun(3000, func() { g.Add(calls[next]); next++ }); allocated > 0.01 {
		t.Errorf("got %v allocations a call, want none", allocated)
	}
	fit := g.Classify(backoff.Options{})
	if g.Calls() != next || fit.Calls != 256 {
		t.Errorf("got %d calls of which %d are kept, want %d and 256", g.Calls(), fit.Calls, next)
	}
	if got := fit.LeftOut.Beyond + fit.LeftOut.Stalls + fit.Gaps; got != 6*next {
		t.Errorf("got %d gaps counted, want all %d", got, 6*next)
	}
}

// TestTheSampleIsFair holds the median of the kept gaps against that of all of them, which is 1 s.
func TestTheSampleIsFair(t *testing.T) {
	t.Parallel()
	client := simulate.Client{Law: jittered(backoff.Constant, backoff.Full, 2*second, 0)}
	fit := backoff.Classify(client.Calls(20000, 3, simulate.NewSource(5)), backoff.Options{})
	for _, p := range fit.Points {
		median := p.Waits[len(p.Waits)/2].Seconds()
		if math.Abs(median-1) > 0.2 {
			t.Errorf("got a median of %v s at index %d, want 1 s within 0.2 s", median, p.Index)
		}
	}
}
