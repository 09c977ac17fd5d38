package main

import (
	"math"
	"slices"
)

// spread is the middle of some figures and how far they lie apart. Without a figure it
// is all zero.
type spread struct {
	Count  int     `json:"count"`
	Median float64 `json:"median"`
	// Q1 and Q3 are the quartiles.
	Q1  float64 `json:"q1"`
	Q3  float64 `json:"q3"`
	Min float64 `json:"min"`
	Max float64 `json:"max"`
}

func spreadOf(figures []float64) spread {
	if len(figures) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(figures))
	return spread{
		Count:  len(sorted),
		Median: quantile(sorted, 0.5),
		Q1:     quantile(sorted, 0.25),
		Q3:     quantile(sorted, 0.75),
		Min:    sorted[0],
		Max:    sorted[len(sorted)-1],
	}
}

// quantile returns the value below which the share q of sorted figures lies, between
// two of them in proportion. There must be at least one.
func quantile(sorted []float64, q float64) float64 {
	position := q * float64(len(sorted)-1)
	below := int(position)
	if below+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	part := position - float64(below)
	return sorted[below]*(1-part) + sorted[below+1]*part
}

// ratios divides ours by theirs, round by round. Rounds in which one of the two
// is missing, or theirs is not above 0, have no ratio.
func ratios(ours, theirs map[int]float64) []float64 {
	var found []float64
	for round, their := range theirs {
		our, measured := ours[round]
		if measured && their > 0 && !math.IsNaN(our) {
			found = append(found, our/their)
		}
	}
	return found
}

// percentile returns the quantile of sorted whole numbers, 0 for none.
func percentile[T ~int64](sorted []T, q float64) T {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
