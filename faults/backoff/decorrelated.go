package backoff

import (
	"math"
	"slices"
)

// triple is the factor of decorrelated jitter.
const triple = 3.0

var (
	// priorGathered is the logarithm of the share that ten milliseconds have of the range in which a cap of some seconds may lie.
	priorGathered = math.Log(0.003)
	// priorDecorrelated is lower than that of the other laws: of the fourteen clients that were measured none has it.
	priorDecorrelated = math.Log(0.5)
)

// walk is a law in which each wait hangs on the one before it.
type walk struct {
	columns []column
	shift   int
	most    float64
	bar     float64
}

// given is the logarithm of the likelihood with the base.
func (w *walk) given(base float64) float64 {
	sum := 0.0
	for i := range w.columns {
		sum += w.columns[i].peak
	}
	for i := range w.columns {
		c := &w.columns[i]
		var t tally
		for _, p := range c.pairs {
			t.add(cappedDensity(p.wait, p.stray, window{low: base, high: w.reach(c.k, p.before, base)}, w.most))
		}
		if sum += t.sum() - c.peak; sum < w.bar {
			return math.Inf(-1)
		}
	}
	return sum
}

// reach is the greatest wait after the one before; if that is not known it is the greatest that could be.
func (w *walk) reach(k int, before, base float64) float64 {
	switch {
	case k-w.shift <= 1:
		return triple * base
	case before <= 0:
		return base * math.Pow(triple, float64(k-w.shift))
	}
	return triple * max(before, base)
}

// decorrelated is the theory of decorrelated jitter, with a cap if waits gather at one.
func (v *view) decorrelated() theory {
	w := walk{columns: v.columns, shift: v.shift, most: math.Inf(1), bar: math.Inf(-1)}
	sh := shape{columns: v.columns, units: ones(len(v.columns)), low: 1, high: 1.0001}
	knots := sh.knotsBelow()
	law := Law{Family: Family{Decorrelated, NoJitter}, Factor: triple}
	best := v.theory(law, average(slices.Clone(knots), baseRange, w.given), priorUncapped+priorDecorrelated)
	for _, most := range gathered(v.columns) {
		w.most = most
		capped := v.theory(law, average(slices.Clone(knots), baseRange, w.given), priorCapped+priorGathered+priorDecorrelated)
		capped.law.Cap = seconds(most)
		if capped.log > best.log {
			best = capped
		}
	}
	return best
}

// knotsBelow are the bases below the least waits.
func (s *shape) knotsBelow() []float64 {
	knots, _ := s.earlyKnots()
	return slices.DeleteFunc(knots, func(x float64) bool { return x < leastBase || x > mostBase })
}

// gathered is where many of the greatest waits lie close together, nil for nowhere.
func gathered(columns []column) []float64 {
	var waits []float64
	for _, c := range columns {
		for _, p := range c.pairs {
			waits = append(waits, p.wait)
		}
	}
	slices.Sort(waits)
	best, place := 2, -1
	for i := len(waits) / 2; i < len(waits); i++ {
		near := 0
		for j := i; j < len(waits) && waits[j] < waits[i]+0.01; j++ {
			near++
		}
		if near > best {
			best, place = near, i
		}
	}
	if place < 0 {
		return nil
	}
	return []float64{waits[place]}
}

// cappedDensity is the density of a wait that is drawn from a window first and capped then, so that many lie at the cap.
func cappedDensity(wait, floor float64, drawn window, most float64) [noiseLevels]float64 {
	below := newWindow(drawn.low, min(drawn.high, most))
	if drawn.high <= most {
		return below.density(wait, floor)
	}
	at := newWindow(most, most)
	if most <= drawn.low {
		return at.density(wait, floor)
	}
	share := (most - drawn.low) / (drawn.high - drawn.low)
	p, capped := below.density(wait, floor), at.density(wait, floor)
	for level := range p {
		p[level] = share*p[level] + (1-share)*capped[level]
	}
	return p
}
