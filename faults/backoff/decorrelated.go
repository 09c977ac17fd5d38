package backoff

import (
	"math"
	"slices"
)

// triple is the factor of decorrelated jitter.
const triple = 3.0

// walk is a law in which each wait hangs on the one before it.
type walk struct {
	columns []column
	shift   int
	most    float64
}

// given is the logarithm of the likelihood with the base.
func (w *walk) given(base float64) float64 {
	sum := 0.0
	for i := range w.columns {
		c := &w.columns[i]
		var t tally
		for _, p := range c.pairs {
			t.add(cappedDensity(p.wait, base, w.reach(c.k, p.before, base), w.most))
		}
		sum += t.sum()
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
	w := walk{columns: v.columns, shift: v.shift, most: math.Inf(1)}
	sh := shape{columns: v.columns, units: ones(len(v.columns)), low: 1, high: 1.0001}
	knots := sh.knotsBelow()
	law := Law{Family: Family{Decorrelated, NoJitter}, Factor: triple}
	best := v.theory(law, average(slices.Clone(knots), baseRange, w.given), priorUncapped)
	for _, most := range gathered(v.columns) {
		w.most = most
		capped := v.theory(law, average(slices.Clone(knots), baseRange, w.given), priorCapped-math.Log(10))
		capped.law.Cap = seconds(most)
		if capped.log > best.log {
			best = capped
		}
	}
	return best
}

// knotsBelow are the bases below the least waits.
func (s *shape) knotsBelow() []float64 {
	return slices.DeleteFunc(s.earlyKnots(), func(x float64) bool { return x < leastBase || x > mostBase })
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

// free is what every law must beat: waits of which each index has its own.
func (v *view) free() theory {
	sum := priorFree
	for i := range v.columns {
		one := view{columns: v.columns[i : i+1]}
		sh := shape{columns: one.columns, units: ones(1), low: 1, high: 1}
		logs := []float64{sh.evidence().log + math.Log(0.5)}
		for _, low := range []float64{0, 1.0 / 3, 0.5, 0.6, 0.8} {
			sh.low = low
			logs = append(logs, sh.evidence().log+math.Log(0.1))
		}
		sum += logSum(logs)
	}
	return theory{log: sum + v.extra}
}
