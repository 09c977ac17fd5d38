package main

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		figures []float64
		want    spread
	}{
		"no figure":               {nil, spread{}},
		"one figure":              {[]float64{3}, spread{1, 3, 3, 3, 3, 3}},
		"two, the middle between": {[]float64{4, 2}, spread{2, 3, 2.5, 3.5, 2, 4}},
		"five, in no order":       {[]float64{5, 1, 4, 2, 3}, spread{5, 3, 2, 4, 1, 5}},
		"one far off":             {[]float64{1, 1, 1, 100}, spread{4, 1, 1, 25.75, 1, 100}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, spreadOf(test.figures)); diff != "" {
				t.Errorf("spread (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSpreadLeavesItsFiguresAlone(t *testing.T) {
	t.Parallel()
	figures := []float64{3, 1, 2}
	spreadOf(figures)
	if want := []float64{3, 1, 2}; !slices.Equal(figures, want) {
		t.Errorf("got figures %v after spreadOf, want %v", figures, want)
	}
}

func TestRatiosPairRounds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ours, theirs map[int]float64
		want         []float64
	}{
		"round by round":      {map[int]float64{1: 10, 2: 30}, map[int]float64{1: 20, 2: 10}, []float64{0.5, 3}},
		"a round of one side": {map[int]float64{1: 10, 3: 7}, map[int]float64{1: 5, 2: 10}, []float64{2}},
		"theirs is 0":         {map[int]float64{1: 10, 2: 4}, map[int]float64{1: 0, 2: 8}, []float64{0.5}},
		"theirs is negative":  {map[int]float64{1: 10}, map[int]float64{1: -1}, nil},
		"ours is negative":    {map[int]float64{1: -1}, map[int]float64{1: 2}, []float64{-0.5}},
		"nothing of ours":     {nil, map[int]float64{1: 2}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ratios(test.ours, test.theirs)
			slices.Sort(got)
			if !slices.Equal(got, test.want) {
				t.Errorf("got ratios %v, want %v", got, test.want)
			}
		})
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 51, 0.99: 100, 1: 100} {
		if got := percentile(hundred, q); got != want {
			t.Errorf("got %d as the quantile %g of 1 to 100, want %d", got, q, want)
		}
	}
	if got := percentile[time.Duration](nil, 0.5); got != 0 {
		t.Errorf("got %d as a quantile of nothing, want 0", got)
	}
}
