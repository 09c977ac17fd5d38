package backoff

import (
	"math"
	"slices"
)

// Bounds of the base in seconds, and the log of the range between them, over which it is taken to lie anywhere alike.
const (
	leastBase, mostBase = 0.01, 1000.0
	baseRange           = 11.5
)

// evidence is how likely the gaps are under a law whose base, or other figure, is not known: the likelihood averaged over
// all values that it might have. At is the value that is likeliest.
type evidence struct {
	log, at float64
}

var impossible = evidence{log: math.Inf(-1)}

// average integrates a likelihood over the logarithm of a figure that may lie anywhere in a range of e^width. The knots are the values
// at which it is looked at.
func average(knots []float64, width float64, likelihood func(float64) float64) evidence {
	slices.Sort(knots)
	knots = slices.Compact(knots)
	if len(knots) < 2 {
		return impossible
	}
	logs := make([]float64, len(knots))
	best := 0
	for i, x := range knots {
		logs[i] = likelihood(x)
		if logs[i] > logs[best] {
			best = i
		}
	}
	sum := 0.0
	for i := 1; i < len(knots); i++ {
		sum += (math.Exp(logs[i-1]-logs[best]) + math.Exp(logs[i]-logs[best])) / 2 * math.Log(knots[i]/knots[i-1])
	}
	return evidence{log: logs[best] + math.Log(sum/width), at: knots[best]}
}

// shape is a law without its base: the waits of a column lie between low and high times its unit.
type shape struct {
	columns   []column
	units     []float64
	low, high float64
}

// given is the logarithm of the likelihood with the base.
func (s *shape) given(base float64) float64 {
	sum := 0.0
	for i := range s.columns {
		e := base * s.units[i]
		sum += s.columns[i].within(s.low*e, s.high*e)
	}
	return sum
}

// within is the logarithm of the likelihood that every wait of the column was meant to lie between low and high.
func (c *column) within(low, high float64) float64 {
	var t tally
	for i := range c.pairs {
		t.add(density(c.pairs[i].wait, low, high))
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
	if s.low > 0 {
		knots = s.earlyKnots()
	}
	if s.low < s.high {
		knots = append(knots, s.lateKnots()...)
	}
	inside := knots[:0]
	for _, x := range knots {
		if x >= least && x <= most {
			inside = append(inside, x)
		}
	}
	return inside
}

// earlyKnots lie where the first waits would begin to be too early, and below.
func (s *shape) earlyKnots() []float64 {
	bounds := make([]float64, 0, len(s.columns)*3)
	unit := 0.0
	for i, c := range s.columns {
		unit = max(unit, s.units[i])
		for _, p := range c.pairs[:min(3, len(c.pairs))] {
			bounds = append(bounds, (p.wait+early)/(s.low*s.units[i]))
		}
	}
	slices.Sort(bounds)
	var knots []float64
	for i, bound := range bounds[:min(3, len(bounds))] {
		knots = append(knots, bound)
		if i > 0 && s.low < s.high {
			continue
		}
		step, most := 0.0002/(s.low*unit), 0.5
		if s.low < s.high {
			step, most = max(0.002*bound, step), 0.4
		}
		for ; step < most*bound; step *= 2 {
			knots = append(knots, bound-step)
		}
	}
	return knots
}

// lateKnots lie where the window begins to hold the greatest waits, and above.
func (s *shape) lateKnots() []float64 {
	var reach []float64
	for i, c := range s.columns {
		for _, p := range c.pairs {
			reach = append(reach, p.wait/(s.high*s.units[i]))
		}
	}
	slices.Sort(reach)
	last := len(reach) - 1
	knots := make([]float64, 0, 16)
	for _, rank := range []int{last, last - 1, last - 2, last - 4, last * 19 / 20, last * 9 / 10, last * 4 / 5, last * 7 / 10, last / 2} {
		knots = append(knots, reach[max(rank, 0)])
	}
	for _, more := range []float64{1.01, 1.03, 1.07, 1.15, 1.3, 1.7} {
		knots = append(knots, more*reach[last])
	}
	return knots
}
