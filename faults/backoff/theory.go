package backoff

import (
	"math"
	"slices"
)

// theory is a law with its figures, and the logarithm of how probable it is after the gaps: not normed. The zero law
// stands for none.
type theory struct {
	law Law
	log float64
}

// Logarithms of how probable each thing is before anything was seen.
var (
	priorImmediate = math.Log(0.1)
	priorCapped    = math.Log(0.3)
	priorUncapped  = math.Log(0.7)
	priorFree      = math.Log(0.02)
)

// growth is a curve with its factor, and how probable it is before anything was seen. What is seldom heard of wants more evidence.
type growth struct {
	curve  Curve
	factor float64
	prior  float64
}

// shown is the factor of the curves that have one.
func (g growth) shown() float64 {
	if g.curve == Constant || g.curve == Linear {
		return 0
	}
	return g.factor
}

// chance is a kind of jitter that scales with the wait, with its spread, and how probable it is before anything was seen.
type chance struct {
	jitter Jitter
	spread float64
	prior  float64
}

// chances are the kinds of jitter that scale with the wait. The spreads that libraries have by default come first.
var chances = [...]chance{
	{Full, 0, 1},
	{Equal, 0, 1},
	{Proportional, 0.2, 0.3},
	{Proportional, 0.25, 0.25},
	{Proportional, 0.5, 0.3},
	{Proportional, 0.1, 0.1},
	{Proportional, 0.15, 0.01},
	{Proportional, 0.3, 0.01},
	{Proportional, 0.4, 0.01},
	{Proportional, 0.6, 0.005},
	{Proportional, 0.75, 0.005},
}

// search weighs the theories of a sample, and leaves those that are far behind the best.
type search struct {
	found []theory
	best  float64
}

func (s *search) add(t theory) {
	if math.IsNaN(t.log) || math.IsInf(t.log, -1) {
		return
	}
	s.found = append(s.found, t)
	s.best = max(s.best, t.log)
}

// theories weighs every law that the gaps may follow.
func (s *sample) theories() []theory {
	if len(s.some) == 0 {
		return nil
	}
	found := search{best: math.Inf(-1)}
	for i := range s.some {
		s.some[i].weigh()
	}
	whole := view{search: &found, columns: s.some}
	whole.all()
	if later, ok := s.later(&found); ok {
		later.all()
	}
	return found.found
}

// later is the view that begins at the second retry, if the first may have come at once.
func (s *sample) later(found *search) (view, bool) {
	first := &s.some[0]
	if first.k != 1 || len(s.some) < 2 || first.quantile(0.25) >= instant.Seconds() || s.some[1].quantile(0.25) < instant.Seconds() {
		return view{}, false
	}
	v := view{search: found, columns: s.some[1:], shift: 1, immediate: true}
	v.extra = priorImmediate + first.within(0, 0)
	return v, true
}

// view is the gaps as a theory sees them: with an immediate first retry they begin at the second.
type view struct {
	search    *search
	columns   []column
	shift     int
	immediate bool
	// extra is the logarithm of the likelihood of what the view leaves out, and of the view itself.
	extra float64
}

// bar is the likelihood below which a theory of that prior is of no interest.
func (v *view) bar(prior float64) float64 { return v.search.best - mostLead - prior - v.extra }

// theory is a law with the base that the evidence says.
func (v *view) theory(l Law, e evidence, prior float64) theory {
	l.Base, l.Immediate = seconds(e.at), v.immediate
	return theory{law: l, log: e.log + prior + v.extra}
}

// units are what the waits of the columns are multiples of.
func (v *view) units(g growth) []float64 {
	units := make([]float64, len(v.columns))
	for i := range v.columns {
		units[i] = g.curve.unit(v.columns[i].k-v.shift, g.factor)
	}
	return units
}

// all adds every theory to the search, the usual ones first.
func (v *view) all() {
	steady, loose := v.growths()
	caps := v.flats()
	v.search.add(v.free())
	v.search.add(v.none())
	v.search.add(v.plain(growth{curve: Constant, factor: 1, prior: 1}))
	for _, g := range steady {
		v.withCaps(caps, func(w *view) theory { return w.plain(g) })
	}
	v.search.add(v.decorrelated())
	for _, g := range loose {
		v.withCaps(caps, func(w *view) theory { return w.additive(g) })
		for i := range chances {
			v.withCaps(caps, func(w *view) theory { return w.scaled(g, i) })
		}
	}
	for i := range chances {
		constant := growth{curve: Constant, factor: 1, prior: 0.1}
		if chances[i].jitter == Full {
			constant.prior = 1
		}
		v.search.add(v.scaled(constant, i))
	}
}

// none is the theory that nobody waits.
func (v *view) none() theory {
	e := evidence{log: likelihood(v.columns, v.bar(0), func(int) (low, high float64) { return 0, 0 })}
	if v.immediate {
		e = impossible
	}
	return v.theory(Law{Family: Family{NoDelay, NoJitter}}, e, 0)
}

// plain is the theory of a curve without jitter.
func (v *view) plain(g growth) theory {
	prior := math.Log(g.prior)
	sh := shape{columns: v.columns, units: v.units(g), low: 1, high: 1, bar: v.bar(prior)}
	return v.theory(Law{Family: Family{g.curve, NoJitter}, Factor: g.shown()}, sh.evidence(), prior)
}

// scaled is the theory of a curve with jitter that scales with it.
func (v *view) scaled(g growth, i int) theory {
	ch := chances[i]
	law := Law{Family: Family{g.curve, ch.jitter}, Factor: g.shown(), Spread: ch.spread}
	prior := math.Log(g.prior * ch.prior)
	bar := v.bar(prior)
	most := 0.0
	for j := range v.columns {
		most += v.columns[j].chances[i].peak
	}
	if most < bar {
		return v.theory(law, impossible, prior)
	}
	low, high := ch.jitter.window(ch.spread)
	sh := shape{columns: v.columns, units: v.units(g), low: low, high: high, bar: bar}
	return v.theory(law, sh.evidence(), prior)
}

// weigh takes down what the column says by itself.
func (c *column) weigh() {
	sh := shape{columns: []column{*c}, units: ones(1), low: 1, high: 1, bar: math.Inf(-1)}
	sh.columns[0].peak = 0
	c.point = sh.evidence()
	c.peak = max(c.point.peak, c.within(0, 0))
	for i, ch := range chances {
		sh.low, sh.high = ch.jitter.window(ch.spread)
		c.chances[i] = sh.evidence()
		// The knots of a theory may lie closer to the top than those here.
		c.chances[i].peak += knotSlack
		c.peak = max(c.peak, c.chances[i].peak)
	}
	c.peak += knotSlack
}

// knotSlack is by how much a likelihood may exceed the greatest that was seen at the knots.
const knotSlack = 2

// free is what every law must beat: waits of which each index has its own, or that have nothing in common at all.
func (v *view) free() theory {
	sum := priorFree
	for i := range v.columns {
		c := &v.columns[i]
		logs := []float64{c.point.log + math.Log(0.5), c.anything() + math.Log(0.05)}
		for j := range c.chances[:freeChances] {
			logs = append(logs, c.chances[j].log+math.Log(0.45/freeChances))
		}
		sum += logSum(logs)
	}
	return theory{log: sum + v.extra}
}

// freeChances are as many of the first chances as a column may have without a law.
const freeChances = 6

// anything is the logarithm of the likelihood of waits that may each be anything.
func (c *column) anything() float64 {
	sum := 0.0
	for i := range c.pairs {
		sum -= math.Log(strayWidth * (c.pairs[i].wait + early))
	}
	return sum
}

func ones(n int) []float64 { return slices.Repeat([]float64{1}, n) }
