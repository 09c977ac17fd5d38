package verdict

import (
	"math"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	ten := []time.Duration{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}
	tests := map[string]struct {
		values []time.Duration
		p      float64
		want   time.Duration
	}{
		"lowest of ten":      {ten, 0.1, 1},
		"just above a tenth": {ten, 0.11, 2},
		"median of ten":      {ten, 0.5, 5},
		"ninth of ten":       {ten, 0.9, 9},
		"highest":            {ten, 1, 10},
		"nothing below":      {ten, 0, 1},
		"one":                {ten[:1], 0.9, 10},
		"ninetieth of eight": {ten[:8], 0.9, 10},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := quantile(tt.values, tt.p); got != tt.want {
				t.Errorf("quantile %v is %d, want %d", tt.p, got, tt.want)
			}
		})
	}
}

func TestSpearman(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		x, y []time.Duration
		want float64
	}{
		"rising":    {[]time.Duration{1, 2, 3}, []time.Duration{10, 20, 900}, 1},
		"falling":   {[]time.Duration{1, 2, 3}, []time.Duration{9, 5, 1}, -1},
		"with ties": {[]time.Duration{1, 1, 2, 2}, []time.Duration{1, 2, 3, 4}, 0.894},
		"unrelated": {[]time.Duration{1, 2, 3, 4}, []time.Duration{2, 4, 1, 3}, 0},
		"constant":  {[]time.Duration{1, 2, 3}, []time.Duration{5, 5, 5}, 0},
		"none":      {nil, nil, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := spearman(tt.x, tt.y); !(math.Abs(got-tt.want) < 0.001) {
				t.Errorf("correlation is %.3f, want %.3f", got, tt.want)
			}
		})
	}
}
