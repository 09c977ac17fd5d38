package observe

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// cheapest tries every way to give each row a column of its own.
func cheapest(cost [][]float64, row int, taken []bool) float64 {
	if row == len(cost) {
		return 0
	}
	best := math.Inf(1)
	for column := range cost[row] {
		if taken[column] {
			continue
		}
		taken[column] = true
		best = min(best, cost[row][column]+cheapest(cost, row+1, taken))
		taken[column] = false
	}
	return best
}

// The matching is the cheapest of all, as trying all of them shows.
func TestAssignIsCheapest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(1, 5).Draw(t, "rows")
		width := rapid.IntRange(rows, 6).Draw(t, "width")
		cost := make([][]float64, rows)
		for row := range cost {
			cost[row] = rapid.SliceOfN(rapid.Float64Range(-20, 20), width, width).Draw(t, "cost")
		}
		columns, total := assign(cost)
		sum, taken := 0.0, map[int]bool{}
		for row, column := range columns {
			sum += cost[row][column]
			taken[column] = true
		}
		want := cheapest(cost, 0, make([]bool, width))
		if len(taken) != rows || math.Abs(sum-total) > 1e-9 || math.Abs(total-want) > 1e-9 {
			t.Fatalf("got %v at %v, a sum of %v, want %v", columns, total, sum, want)
		}
	})
}
