package verdict

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// quantile returns the smallest value that at least the share p of the values
// do not exceed (the nearest rank). It wants at least one value.
func quantile(values []time.Duration, p float64) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(p*float64(len(sorted)) - 1e-9))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// distinct counts the different values.
func distinct(values []time.Duration) int {
	sorted := slices.Sorted(slices.Values(values))
	return len(slices.Compact(sorted))
}

// spearman is the rank correlation of two lists of equal length, 0 when one of
// them does not vary.
func spearman(x, y []time.Duration) float64 {
	rx, ry := ranks(x), ranks(y)
	mean := float64(len(x)+1) / 2
	var xy, xx, yy float64
	for i := range rx {
		dx, dy := rx[i]-mean, ry[i]-mean
		xy, xx, yy = xy+dx*dy, xx+dx*dx, yy+dy*dy
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// ranks numbers the values from 1 in rising order; equal values share the mean
// of their ranks.
func ranks(values []time.Duration) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	ranks := make([]float64, len(values))
	for start := 0; start < len(order); {
		end := start
		for end < len(order) && values[order[end]] == values[order[start]] {
			end++
		}
		for _, i := range order[start:end] {
			ranks[i] = float64(start+end+1) / 2
		}
		start = end
	}
	return ranks
}

// likelihood is the logarithm of the probability of k out of n, in one given order, under the share that fits best.
func likelihood(k, n int) float64 {
	if k == 0 || k == n {
		return 0
	}
	share := float64(k) / float64(n)
	return float64(k)*math.Log(share) + float64(n-k)*math.Log(1-share)
}

// spread is the extremes of any number of durations.
type spread struct {
	n         int
	low, high time.Duration
}

func (s *spread) take(d time.Duration) {
	if s.n == 0 {
		s.low, s.high = d, d
	}
	s.n++
	s.low, s.high = min(s.low, d), max(s.high, d)
}

// span writes the range of at least one duration.
func (s *spread) span() string { return span([]time.Duration{s.low, s.high}) }

// mostKept bounds what is kept of many like things; beyond it a sample stands for all.
const mostKept = 1024

// sample keeps at most mostKept of the things that it is given, the first ones whole, then each with the same probability. The same things in
// the same order leave the same sample.
type sample[T any] struct {
	n    int
	kept []T
}

func (s *sample[T]) take(thing T) {
	s.n++
	if len(s.kept) < mostKept {
		s.kept = append(s.kept, thing)
		return
	}
	if at := scatter(uint64(s.n)) % uint64(s.n); at < mostKept { //nolint:gosec // A count is never negative.
		s.kept[at] = thing
	}
}

// scatter is a number that looks drawn at random: the finaliser of splitmix64.
func scatter(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
