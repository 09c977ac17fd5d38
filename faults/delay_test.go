package faults_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
)

const ms = time.Millisecond

func TestDelayQuantiles(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		delay faults.Delay
		want  map[float64]time.Duration
	}{
		"fixed":                               {faults.Delay{Fixed: new(250 * ms)}, map[float64]time.Duration{0: 250 * ms, 0.5: 250 * ms, 0.999: 250 * ms}},
		"uniform":                             {faults.Delay{Uniform: &faults.Uniform{Min: 10 * ms, Max: 20 * ms}}, map[float64]time.Duration{0: 10 * ms, 0.5: 15 * ms, 0.9: 19 * ms}},
		"normal":                              {faults.Delay{Normal: &faults.Normal{Mean: 100 * ms, Stddev: 10 * ms}}, map[float64]time.Duration{0.5: 100 * ms, 0.8413447: 110 * ms}},
		"no spread":                           {faults.Delay{Normal: &faults.Normal{Mean: 100 * ms}}, map[float64]time.Duration{0: 100 * ms, 0.5: 100 * ms}},
		"log-normal":                          {faults.Delay{LogNormal: &faults.LogNormal{P50: 100 * ms, P99: 900 * ms}}, map[float64]time.Duration{0.5: 100 * ms, 0.99: 900 * ms}},
		"exponential":                         {faults.Delay{Exponential: &faults.Exponential{Mean: 100 * ms}}, map[float64]time.Duration{0: 0, 1 - 1/math.E: 100 * ms}},
		"pareto":                              {faults.Delay{Pareto: &faults.Pareto{Min: 100 * ms, Shape: 2}}, map[float64]time.Duration{0: 100 * ms, 0.75: 200 * ms}},
		"cut off":                             {faults.Delay{Pareto: &faults.Pareto{Min: 100 * ms, Shape: 0.01}, Max: time.Second}, map[float64]time.Duration{0.999: time.Second}},
		"cut off at the bound of every delay": {faults.Delay{Pareto: &faults.Pareto{Min: 100 * ms, Shape: 0.001}}, map[float64]time.Duration{0.999: faults.MaxDelay}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for u, want := range test.want {
				got := test.delay.Quantile(u)
				if math.Abs(float64(got-want)) > 0.01*float64(want) {
					t.Errorf("At(%v) = %v, want %v", u, got, want)
				}
			}
		})
	}
}

func TestDelayStaysInBounds(t *testing.T) {
	t.Parallel()
	duration := rapid.Map(rapid.Int64Range(1, int64(faults.MaxDelay)), func(n int64) time.Duration { return time.Duration(n) })
	rapid.Check(t, func(t *rapid.T) {
		longest := duration.Draw(t, "max")
		a, b := duration.Draw(t, "a"), duration.Draw(t, "b")
		delays := []faults.Delay{
			{Fixed: &a},
			{Uniform: &faults.Uniform{Min: min(a, b), Max: max(a, b)}},
			{Normal: &faults.Normal{Mean: a, Stddev: b}},
			{LogNormal: &faults.LogNormal{P50: min(a, b), P99: max(a, b)}},
			{Exponential: &faults.Exponential{Mean: a}},
			{Pareto: &faults.Pareto{Min: a, Shape: rapid.Float64Range(1e-6, 100).Draw(t, "shape")}},
		}
		u, v := rapid.Float64Range(0, 1-0x1p-53).Draw(t, "u"), rapid.Float64Range(0, 1-0x1p-53).Draw(t, "v")
		for i, d := range delays {
			d.Max = longest
			if got := d.Quantile(u); got < 0 || got > longest {
				t.Fatalf("distribution %d: At(%v) = %v, want 0 to %v", i, u, got, longest)
			}
			if d.Quantile(min(u, v)) > d.Quantile(max(u, v)) {
				t.Fatalf("distribution %d falls from %v to %v", i, min(u, v), max(u, v))
			}
		}
	})
}

func TestDrawnDelaysFollowTheirDistribution(t *testing.T) {
	t.Parallel()
	const n = 20_000
	e := newEngine(t, 4, faults.Fault{Name: "slow", Delay: &faults.Delay{LogNormal: &faults.LogNormal{P50: 100 * ms, P99: 900 * ms}}})
	var overMedian, overTail int
	for i := range n {
		wait := e.Decide(exchange(nth(i))).Holds[0].Wait
		if wait > 100*ms {
			overMedian++
		}
		if wait > 900*ms {
			overTail++
		}
	}
	checkShare(t, "above p50", overMedian, n, 0.5)
	checkShare(t, "above p99", overTail, n, 0.01)
}
