package backoff

import (
	"math"
	"slices"
)

// steady are the growths that laws without jitter are held against, loose those with jitter.
func (v *view) growths() (steady, loose []growth) {
	steady = []growth{
		{Linear, 1, 1},
		{Exponential, 2, 2},
		{Exponential, 1.5, 0.3},
		{Exponential, 3, 0.08},
		{LessOne, 2, 0.05},
	}
	loose = []growth{
		{Exponential, 2, 0.6},
		{Exponential, 1.5, 0.3},
		{Linear, 1, 0.05},
		{Exponential, 3, 0.05},
		{LessOne, 2, 0.03},
	}
	if factor := v.factor((*column).lowest); factor > constantBelow {
		steady = append(steady,
			growth{Exponential, math.Round(factor*10) / 10, 0.05},
			growth{Exponential, math.Round(factor*100) / 100, 0.03},
			growth{Exponential, factor, 0.01})
	}
	if factor := math.Round(10*v.factor((*column).middle)) / 10; factor > constantBelow+0.1 {
		loose = append(loose, growth{Exponential, factor, 0.03})
	}
	return distinctGrowths(steady), distinctGrowths(loose)
}

// distinctGrowths drops a growth that was there before.
func distinctGrowths(gs []growth) []growth {
	var kept []growth
	for _, g := range gs {
		if !slices.ContainsFunc(kept, func(k growth) bool { return k.curve == g.curve && k.factor == g.factor }) {
			kept = append(kept, g)
		}
	}
	return kept
}

// constantBelow is the factor below which waits do not grow.
const constantBelow = 1.12

// factor is by how much the waits grow from index to index, by regression of their logarithms; 0 with a single index. Of is
// the wait that stands for a column.
func (v *view) factor(of func(*column) float64) float64 {
	return growthFactor(v.columns, of)
}

func growthFactor(columns []column, of func(*column) float64) float64 {
	if len(columns) < 2 {
		return 0
	}
	var n, x, y, xx, xy float64
	for i := range columns {
		k, w := float64(columns[i].k), math.Log(max(of(&columns[i]), 1e-6))
		n, x, y, xx, xy = n+1, x+k, y+w, xx+k*k, xy+k*w
	}
	return math.Exp((n*xy - x*y) / (n*xx - x*x))
}

// flats are the places in columns from which on the waits may have stopped growing: the first three at most. A cap that a single gap
// speaks for is none.
func (v *view) flats() []int {
	var places []int
	last := len(v.columns) - 1
	slack := 2.0
	if len(v.columns[last].pairs) < 8 {
		slack = 3
	}
	for place := 2; place <= last && last >= 3 && len(places) < 3; place++ {
		lone := place == last && len(v.columns[last].pairs) == 1
		if !lone && v.columns[last].middle() < slack*v.columns[place].middle() {
			places = append(places, place)
		}
	}
	return places
}

// withCaps adds a law to the search without a cap, and with one that is reached at each of the places.
func (v *view) withCaps(places []int, weigh func(*view) theory) {
	whole := *v
	whole.extra += priorUncapped
	v.search.add(weigh(&whole))
	for _, place := range places {
		tail := 0.0
		for i := range v.columns[place:] {
			tail += v.columns[place+i].peak
		}
		head := *v
		head.columns = v.columns[:place]
		head.extra += priorCapped - math.Log(float64(len(places))) + tail
		t := weigh(&head)
		if math.IsInf(t.log, -1) {
			continue
		}
		most := v.cap(t.law, place)
		t.law.Cap = seconds(most.at)
		t.log += most.log - tail
		v.search.add(t)
	}
}

// cap weighs what the waits from a place on are capped at, between the wait before that place and the one that is due there.
func (v *view) cap(l Law, place int) evidence {
	base := l.Base.Seconds()
	before := base * l.Curve.unit(v.columns[place-1].k-v.shift, l.Factor)
	due := base * l.Curve.unit(v.columns[place].k-v.shift, l.Factor)
	tail := v.columns[place:]
	if l.Jitter == Additive {
		return cappedSum(tail, l.Extra.Seconds(), before, due)
	}
	low, high := l.Jitter.window(l.Spread)
	sh := shape{columns: tail, units: ones(len(tail)), low: low, high: high, bar: math.Inf(-1)}
	knots := append(sh.knots(before, due), before*1.001, due*0.999)
	return average(knots, math.Log(due/before), sh.given)
}
