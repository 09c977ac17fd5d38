package backoff

import (
	"math"
	"slices"
)

// theory is a law with its figures, and the logarithm of how probable it is before and after the gaps: not normed.
type theory struct {
	law Law
	log float64
}

// view is the gaps as a theory sees them: with an immediate first retry they begin at the second.
type view struct {
	columns   []column
	shift     int
	immediate bool
	// extra is the logarithm of the likelihood of what the view leaves out, and of the view itself.
	extra float64
}

// Logarithms of how probable each thing is before anything was seen. The laws of the catalogue share the most of it; what is seldom
// heard of has less, so that it wants more evidence.
var (
	priorImmediate = math.Log(0.1)
	priorCapped    = math.Log(0.3)
	priorUncapped  = math.Log(0.7)
	priorFree      = math.Log(0.02)
)

// growth is a curve with its factor.
type growth struct {
	curve  Curve
	factor float64
	prior  float64
}

// chance is a kind of jitter with its spread.
type chance struct {
	jitter Jitter
	spread float64
	prior  float64
}

// chances are the kinds of jitter that scale with the wait. The spreads that libraries have by default come first.
var chances = []chance{
	{Full, 0, 1},
	{Equal, 0, 1},
	{Proportional, 0.2, 0.3},
	{Proportional, 0.25, 0.25},
	{Proportional, 0.5, 0.3},
	{Proportional, 0.1, 0.1},
	{Proportional, 0.15, 0.01},
	{Proportional, 0.3, 0.02},
	{Proportional, 0.4, 0.01},
	{Proportional, 0.6, 0.005},
	{Proportional, 0.75, 0.005},
}

// theories weighs every law that the gaps may follow.
func (s *sample) theories() []theory {
	if len(s.some) == 0 {
		return nil
	}
	whole := view{columns: s.some}
	found := append(whole.still(), whole.moving()...)
	if later, ok := s.later(); ok {
		found = append(found, later.still()...)
		found = append(found, later.moving()...)
	}
	return found
}

// later is the view that begins at the second retry, if the first may have come at once.
func (s *sample) later() (view, bool) {
	first := &s.some[0]
	if first.k != 1 || len(s.some) < 2 || first.quantile(0.25) >= instant.Seconds() || s.some[1].quantile(0.25) < instant.Seconds() {
		return view{}, false
	}
	v := view{columns: slices.Clone(s.some[1:]), shift: 1, immediate: true}
	v.extra = priorImmediate + first.within(0, 0)
	return v, true
}

// add appends a theory to those that were found.
func (v *view) theory(l Law, e evidence, prior float64) theory {
	l.Base, l.Immediate = seconds(e.at), v.immediate
	return theory{law: l, log: e.log + prior + v.extra}
}

// units are what the waits of the columns are multiples of.
func (v *view) units(g growth) []float64 {
	units := make([]float64, len(v.columns))
	for i, c := range v.columns {
		units[i] = g.curve.unit(c.k-v.shift, g.factor)
	}
	return units
}

// still are the theories that do not grow.
func (v *view) still() []theory {
	var found []theory
	if !v.immediate {
		sum := 0.0
		for i := range v.columns {
			sum += v.columns[i].within(0, 0)
		}
		found = append(found, v.theory(Law{Family: Family{NoDelay, NoJitter}}, evidence{log: sum}, 0))
	}
	constant := growth{curve: Constant, factor: 1, prior: 1}
	found = append(found, v.plain(constant))
	for _, ch := range chances {
		if ch.jitter != Full {
			ch.prior *= 0.5
		}
		found = append(found, v.scaled(constant, ch))
	}
	return found
}

// plain is the theory of a curve without jitter.
func (v *view) plain(g growth) theory {
	sh := shape{columns: v.columns, units: v.units(g), low: 1, high: 1}
	return v.theory(Law{Family: Family{g.curve, NoJitter}, Factor: g.shown()}, sh.evidence(), math.Log(g.prior))
}

// scaled is the theory of a curve with jitter that scales with it.
func (v *view) scaled(g growth, ch chance) theory {
	low, high := ch.jitter.window(ch.spread)
	sh := shape{columns: v.columns, units: v.units(g), low: low, high: high}
	law := Law{Family: Family{g.curve, ch.jitter}, Factor: g.shown(), Spread: ch.spread}
	return v.theory(law, sh.evidence(), math.Log(g.prior*ch.prior))
}

// shown is the factor of the curves that have one.
func (g growth) shown() float64 {
	if g.curve == Constant || g.curve == Linear {
		return 0
	}
	return g.factor
}
