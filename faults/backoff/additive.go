package backoff

import (
	"math"
	"slices"
)

// Bounds of additive jitter in seconds, and the log of the range between them.
const (
	leastExtra, mostExtra = 0.045, 20.0
	extraRange            = 6.1
)

// sums is a law with additive jitter, without its base and its J.
type sums struct {
	columns []column
	units   []float64
	bar     float64
}

// given is the logarithm of the likelihood with both.
func (s *sums) given(base, extra float64) float64 {
	return likelihood(s.columns, s.bar, func(i int) (low, high float64) {
		e := base * s.units[i]
		return e, e + extra
	})
}

// extras are the J at which the likelihood may bend, for one base: where the window holds the greatest waits. A jitter beyond twice
// the base would not be said to be added to it.
func (s *sums) extras(base float64) []float64 {
	var rest [len(heights)]float64
	calm := math.Inf(1) // the top of the column that is the least late
	for i := range s.columns {
		calm = min(calm, s.columns[i].most()-base*s.units[i])
		for j, height := range heights {
			rest[j] = max(rest[j], s.columns[i].quantile(height)-base*s.units[i])
		}
	}
	most := min(mostExtra, 2*base)
	knots := append(make([]float64, 0, 16), leastExtra, most, calm, 1.1*calm, 1.05*rest[0], 1.2*rest[0], 1.5*rest[0])
	knots = append(knots, rest[:]...)
	return slices.DeleteFunc(knots, func(x float64) bool { return x < leastExtra || x > most })
}

// additive is the theory of a curve with additive jitter.
func (v *view) additive(g growth) theory {
	prior := math.Log(0.6 * g.prior)
	s := sums{columns: v.columns, units: v.units(g), bar: v.bar(prior)}
	extraAt := map[float64]float64{}
	whole := average(s.bases(), baseRange, func(base float64) float64 {
		e := average(s.extras(base), extraRange, func(extra float64) float64 { return s.given(base, extra) })
		extraAt[base] = e.at
		return e.log
	})
	law := Law{Family: Family{g.curve, Additive}, Factor: g.shown(), Extra: seconds(extraAt[whole.at])}
	return v.theory(law, whole, prior)
}

// bases are the bases at which the likelihood may bend: where the first waits would be too early, and below.
func (s *sums) bases() []float64 {
	bound := math.Inf(1)
	for i := range s.columns {
		bound = min(bound, (s.columns[i].lowest()+early)/s.units[i])
	}
	var knots []float64
	for _, share := range []float64{0, 0.005, 0.015, 0.03, 0.06, 0.1, 0.16, 0.25, 0.4, 0.6} {
		if base := bound * (1 - share); base >= leastBase && base <= mostBase {
			knots = append(knots, base)
		}
	}
	return knots
}

// cappedSum weighs the cap of a law with additive jitter.
func cappedSum(tail []column, extra, before, due float64) evidence {
	s := sums{columns: tail, units: ones(len(tail)), bar: math.Inf(-1)}
	bound := math.Inf(1)
	for i := range tail {
		bound = min(bound, tail[i].lowest()+early)
	}
	knots := []float64{before * 1.001, due * 0.999}
	for _, share := range []float64{0, 0.002, 0.005, 0.015, 0.03, 0.06, 0.12, 0.25} {
		if most := bound * (1 - share); most > before && most < due {
			knots = append(knots, most)
		}
	}
	return average(knots, math.Log(due/before), func(most float64) float64 { return s.given(most, extra) })
}
