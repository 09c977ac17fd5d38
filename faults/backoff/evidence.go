package backoff

import (
	"math"
	"slices"
)

// Bounds of the base in seconds, and the log of the range in which nearly all bases lie, from 30 ms to 12 s.
const (
	leastBase, mostBase = 0.01, 1e5
	baseRange           = 6
)

// evidence is how likely the gaps are under a law of which one figure is not known: the likelihood averaged over all values that it
// might have. Peak is the greatest likelihood, at the value At. The likelihoods are logarithms.
type evidence struct {
	log, peak, at float64
}

// impossible is the evidence for what the gaps rule out.
var impossible = evidence{log: math.Inf(-1), peak: math.Inf(-1)}

// average integrates a likelihood over the logarithm of a figure that may lie anywhere in a range of e^width. The knots are the
// values at which it is looked at.
func average(knots []float64, width float64, likelihood func(float64) float64) evidence {
	slices.Sort(knots)
	knots = slices.Compact(knots)
	var room [48]float64
	logs := room[:0]
	best := 0
	for i, x := range knots {
		logs = append(logs, likelihood(x))
		if logs[i] > logs[best] {
			best = i
		}
	}
	if len(knots) < 2 || math.IsInf(logs[best], -1) {
		return impossible
	}
	sum, before := 0.0, math.Exp(logs[0]-logs[best])
	for i := 1; i < len(knots); i++ {
		now := math.Exp(logs[i] - logs[best])
		if now+before > 0 {
			sum += (before + now) / 2 * math.Log(knots[i]/knots[i-1])
		}
		before = now
	}
	return evidence{log: logs[best] + math.Log(sum/width), peak: logs[best], at: knots[best]}
}

// shape is a law without its base: the waits of a column lie between low and high times its unit.
type shape struct {
	columns   []column
	units     []float64
	low, high float64
	// bar is the likelihood below which nobody cares.
	bar float64
}

// given is the logarithm of the likelihood with the base, or nothing where it is below the bar.
func (s *shape) given(base float64) float64 {
	return likelihood(s.columns, s.bar, func(i int) (low, high float64) {
		e := base * s.units[i]
		return s.low * e, s.high * e
	})
}

// likelihood is the logarithm of the likelihood of the columns, each of which lies in a window; nothing where it is below the bar.
func likelihood(columns []column, bar float64, window func(i int) (low, high float64)) float64 {
	sum := 0.0
	for i := range columns {
		sum += columns[i].peak
	}
	for i := range columns {
		low, high := window(i)
		sum += columns[i].within(low, high) - columns[i].peak
		if sum < bar {
			return math.Inf(-1)
		}
	}
	return sum
}

// within is the logarithm of the likelihood that every wait of the column was meant to lie between low and high.
func (c *column) within(low, high float64) float64 {
	var t tally
	w := newWindow(low, high)
	for i := range c.pairs {
		t.add(w.density(c.pairs[i].wait, c.pairs[i].stray))
	}
	return t.sum()
}

// evidence averages over the base.
func (s *shape) evidence() evidence {
	return average(s.knots(leastBase, mostBase), baseRange, s.given)
}

// knots are the bases between least and most at which the likelihood may bend.
func (s *shape) knots(least, most float64) []float64 {
	var knots []float64
	end := most
	if s.low > 0 {
		knots, end = s.earlyKnots()
	}
	if s.low < s.high {
		for _, x := range s.lateKnots() {
			if x < end {
				knots = append(knots, x)
			}
		}
	}
	return slices.DeleteFunc(knots, func(x float64) bool { return x < least || x > most })
}

// earlyKnots lie where the first waits would begin to be too early, and below. More than a few would be from the end on.
func (s *shape) earlyKnots() (knots []float64, end float64) {
	bounds := make([]float64, 0, 24)
	unit := 0.0
	for i := range s.columns {
		unit = max(unit, s.units[i])
		for _, p := range s.columns[i].pairs[:min(3, len(s.columns[i].pairs))] {
			bounds = append(bounds, (p.wait+early)/(s.low*s.units[i]))
		}
	}
	slices.Sort(bounds)
	bounds = bounds[:min(3, len(bounds))]
	knots = append(make([]float64, 0, 32), bounds...)
	step, most := 0.0002/(s.low*unit), 0.5
	if s.low < s.high {
		step, most = max(0.002*bounds[0], step), 0.4
	}
	for ; step < most*bounds[0]; step *= 2 {
		knots = append(knots, bounds[0]-step)
	}
	return knots, bounds[len(bounds)-1]
}

// lateKnots lie where the window begins to hold the greatest waits, and above.
func (s *shape) lateKnots() []float64 {
	var reach [len(heights)]float64
	calm := math.Inf(1) // the top of the column that is the least late
	for i := range s.columns {
		calm = min(calm, s.columns[i].most()/(s.high*s.units[i]))
		for j, height := range heights {
			reach[j] = max(reach[j], s.columns[i].quantile(height)/(s.high*s.units[i]))
		}
	}
	knots := append(make([]float64, 0, 24), calm)
	knots = append(knots, reach[:]...)
	for _, more := range []float64{1.01, 1.03, 1.07, 1.15, 1.3, 1.7} {
		knots = append(knots, more*reach[0])
	}
	return knots
}

// heights are the quantiles at which the upper end of a window may lie, what is beyond it being late.
var heights = [...]float64{1, 0.97, 0.93, 0.88, 0.8, 0.7, 0.5}
