package backoff_test

import (
	"math"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/backoff/simulate"
	"pgregory.net/rapid"
)

func TestWindow(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	additive := jittered(backoff.Exponential, backoff.Additive, second, 2)
	additive.Extra = 100 * ms
	spread := jittered(backoff.Exponential, backoff.Proportional, second/2, 1.5)
	spread.Spread = 0.5
	capped := plain(backoff.Exponential, second, 2)
	capped.Cap = 3 * second
	later := plain(backoff.Exponential, second, 2)
	later.Immediate = true
	for name, tt := range map[string]struct {
		law       backoff.Law
		k         int
		previous  time.Duration
		low, high time.Duration
	}{
		"none":                          {plain(backoff.NoDelay, 0, 0), 3, 0, 0, 0},
		"constant":                      {plain(backoff.Constant, second, 0), 7, 0, second, second},
		"linear":                        {plain(backoff.Linear, second/2, 0), 4, 0, 2 * second, 2 * second},
		"exponential":                   {plain(backoff.Exponential, second, 2), 4, 0, 8 * second, 8 * second},
		"exponential up to its cap":     {capped, 3, 0, 3 * second, 3 * second},
		"exponential less one":          {plain(backoff.LessOne, second, 2), 3, 0, 7 * second, 7 * second},
		"full":                          {jittered(backoff.Exponential, backoff.Full, second, 2), 2, 0, 0, 2 * second},
		"equal":                         {jittered(backoff.Exponential, backoff.Equal, second, 2), 2, 0, second, 2 * second},
		"additive":                      {additive, 2, 0, 2 * second, 2*second + 100*ms},
		"proportional":                  {spread, 2, 0, 375 * ms, 1125 * ms},
		"decorrelated at first":         {plain(backoff.Decorrelated, second, 3), 1, 0, second, 3 * second},
		"decorrelated later":            {plain(backoff.Decorrelated, second, 3), 2, 2 * second, second, 6 * second},
		"an immediate first retry":      {later, 1, 0, 0, 0},
		"what follows it":               {later, 2, 0, second, second},
		"more than a duration can hold": {plain(backoff.Exponential, second, 2), 500, 0, 1 << 61, 1 << 61},
	} {
		if low, high := tt.law.Window(tt.k, tt.previous); low != tt.low || high != tt.high {
			t.Errorf("%s: got %v to %v, want %v to %v", name, low, high, tt.low, tt.high)
		}
	}
}

func TestPhrases(t *testing.T) {
	t.Parallel()
	additive := jittered(backoff.Exponential, backoff.Additive, second, 2)
	additive.Extra = second / 10
	spread := jittered(backoff.Exponential, backoff.Proportional, second/2, 1.5)
	spread.Spread = 0.5
	around := jittered(backoff.Constant, backoff.Proportional, second, 0)
	around.Spread = 0.2
	capped := plain(backoff.Exponential, second, 2)
	capped.Cap = 30 * second
	later := capped
	later.Immediate = true
	for want, law := range map[string]backoff.Law{
		"no delay":            plain(backoff.NoDelay, 0, 0),
		"constant 100 ms":     plain(backoff.Constant, second/10, 0),
		"constant 1 s ± 20 %": around,
		"linear 1 s":          plain(backoff.Linear, second, 0),
		"exponential ×2 from 1 s, capped at 30 s, no jitter":               capped,
		"at once, then exponential ×2 from 1 s, capped at 30 s, no jitter": later,
		"×1.5 ± 50 % from 0.5 s":                                           spread,
		"1 s ×2 + up to 100 ms":                                            additive,
		"equal jitter on 0.2 s ×2":                                         jittered(backoff.Exponential, backoff.Equal, second/5, 2),
		"full jitter on 0.5 s ×2":                                          jittered(backoff.Exponential, backoff.Full, second/2, 2),
		"full jitter on linear 0.5 s":                                      jittered(backoff.Linear, backoff.Full, second/2, 0),
		"full jitter on constant 0.5 s":                                    jittered(backoff.Constant, backoff.Full, second/2, 0),
		"decorrelated jitter from 0.5 s":                                   plain(backoff.Decorrelated, second/2, 3),
		"0.8 s × (2^k − 1)":                                                plain(backoff.LessOne, 800*time.Millisecond, 2),
	} {
		if got := law.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// anyLaw draws one of the eleven laws with a base, and at times a cap or an immediate first retry.
func anyLaw(t *rapid.T) backoff.Law {
	kind := rapid.SampledFrom(simulate.Kinds).Draw(t, "kind")
	law := kind.Based(time.Duration(rapid.IntRange(20, 5000).Draw(t, "base in ms")) * time.Millisecond)
	if rapid.Bool().Draw(t, "capped") {
		law.Cap = law.Base * time.Duration(rapid.IntRange(1, 20).Draw(t, "cap in bases"))
	}
	law.Immediate = rapid.Bool().Draw(t, "immediate")
	return law
}

func TestDrawsLieInTheWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		law := anyLaw(t)
		k := rapid.IntRange(1, 40).Draw(t, "k")
		previous := time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "previous"))
		u := rapid.Float64Range(0, 0.999999).Draw(t, "u")
		low, high := law.Window(k, previous)
		if wait := law.Draw(k, previous, u); (wait < low || wait > high) && (law.Cap == 0 || wait != law.Cap) {
			t.Fatalf("got %v, want it from %v to %v", wait, low, high)
		}
	})
}

// TestDensityIsOne adds up the density over all waits, in steps that grow with the wait.
func TestDensityIsOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		law := anyLaw(t)
		k := rapid.IntRange(1, 4).Draw(t, "k")
		previous := law.Base * time.Duration(rapid.IntRange(1, 5).Draw(t, "previous in bases"))
		low, high := law.Window(k, previous)
		edges := []float64{low.Seconds(), high.Seconds(), law.Cap.Seconds()}
		sum := 0.0
		for at := 0.0; at < 200; {
			step := max(0.0002, 0.01*nearest(at, edges))
			sum += step * math.Exp(law.LogDensity(k, previous, time.Duration((at+step/2)*float64(time.Second))))
			at += step
		}
		if sum < 0.88 || sum > 1.05 {
			t.Fatalf("%v at retry %d after %v: got a density of %v in all, want 1", law, k, previous, sum)
		}
	})
}

func nearest(x float64, edges []float64) float64 {
	least := math.Inf(1)
	for _, e := range edges {
		least = min(least, math.Abs(x-e))
	}
	return least
}

func TestTheTrueLawIsTheDensest(t *testing.T) {
	t.Parallel()
	source := simulate.NewSource(3)
	truth := simulate.Kinds[8].Based(second) // full jitter
	other := simulate.Kinds[7].Based(second) // equal jitter
	client := simulate.Client{Law: truth, Noise: simulate.Measured}
	ahead := 0.0
	for _, call := range client.Calls(50, 3, source) {
		for _, g := range call.Gaps {
			ahead += truth.LogDensity(g.Index, 0, g.Wait) - other.LogDensity(g.Index, 0, g.Wait)
		}
	}
	if ahead < 100 {
		t.Errorf("got full jitter ahead of equal jitter by %v over 150 of its own gaps, want more than 100", ahead)
	}
}
