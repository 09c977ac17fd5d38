package backoff

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// defaultLead is the lead at which a family is named alone.
const defaultLead = 4.6

// mostLead is where Fit.Lead ends.
const mostLead = 12

func seconds(s float64) time.Duration { return clamp(s * float64(time.Second)) }

// standing is a family, its likeliest law, and the logarithm of how probable the family is.
type standing struct {
	family Family
	best   theory
	log    float64
}

func classify(g *Gaps, o Options) Fit {
	s := newSample(g.kept)
	fit := Fit{
		Laws: []Law{}, Grows: Unknown, Jitters: Unknown,
		Calls: s.calls, Gaps: s.gaps, LeftOut: g.leftOut, GivesUpAfter: g.givesUpAfter(),
	}
	fit.LeftOut.Stalls = s.stalls
	lead := o.Lead
	if !(lead > 0) { // also what is not a number
		lead = defaultLead
	}
	standings := rank(s.theories())
	fit.name(standings, lead)
	fit.Measured = measure(s.all, fit.Best)
	fit.answer(standings, s.all, lead)
	fit.Points = points(s.all, fit.Best)
	return fit
}

// rank gathers theories by family, the likeliest first. Those without a law are a family too.
func rank(theories []theory) []standing {
	var ranked []standing
	logs := map[Family][]float64{}
	for _, t := range theories {
		if math.IsInf(t.log, -1) || math.IsNaN(t.log) {
			continue
		}
		f := t.law.kin()
		i := slices.IndexFunc(ranked, func(s standing) bool { return s.family == f })
		if i < 0 {
			i = len(ranked)
			ranked = append(ranked, standing{family: f, best: t})
		}
		if t.log > ranked[i].best.log {
			ranked[i].best = t
		}
		logs[f] = append(logs[f], t.log)
	}
	for i := range ranked {
		ranked[i].log = logSum(logs[ranked[i].family])
	}
	slices.SortStableFunc(ranked, func(a, b standing) int { return cmp.Compare(b.log, a.log) })
	return ranked
}

// name names the family that leads, or the two that do. If what leads is no law, nothing is named.
func (f *Fit) name(ranked []standing, lead float64) {
	if i := slices.IndexFunc(ranked, func(s standing) bool { return s.family != lawless }); i >= 0 {
		best := ranked[i].best.law
		f.Best = &best
	}
	for named := 1; named <= 2 && named <= len(ranked); named++ {
		if ranked[named-1].family == lawless {
			return
		}
		over := float64(mostLead)
		if named < len(ranked) {
			over = min(over, ranked[named-1].log-ranked[named].log)
		}
		if over < lead {
			continue
		}
		for _, s := range ranked[:named] {
			f.Laws = append(f.Laws, s.best.law)
		}
		f.Lead = over
		return
	}
}

// answer says whether the waits grow and whether chance has a part in them.
func (f *Fit) answer(ranked []standing, columns []column, lead float64) {
	if len(ranked) > 0 && ranked[0].family == lawless {
		return
	}
	f.Grows = weigh(ranked, lead, func(f Family) bool { return f.Curve.grows() })
	f.Jitters = weigh(ranked, lead, Family.jittered)
	switch narrow := narrowSpread(columns); {
	case narrow && f.Jitters == Yes:
		f.Jitters = Unknown
	case narrow:
		f.Jitters = No
	}
	f.CapSeen = len(f.Laws) > 0
	for _, l := range f.Laws {
		f.CapSeen = f.CapSeen && l.Cap > 0
	}
}

const (
	// leastSpread is how many gaps of an index a spread wants.
	leastSpread = 7
	// spreadFloor in seconds and spreadShare of the median are what timers alone spread waits by.
	spreadFloor, spreadShare = 0.045, 0.03
)

// narrowSpread reports that at every index with gaps enough, of which there is one, p90 − min is no more than timers do.
func narrowSpread(columns []column) bool {
	seen := false
	for i := range columns {
		c := &columns[i]
		if len(c.pairs) < leastSpread {
			continue
		}
		seen = true
		if c.quantile(0.9)-c.lowest() > max(spreadFloor, spreadShare*c.middle()) {
			return false
		}
	}
	return seen
}

// weigh answers a question about the family by the families' probabilities.
func weigh(ranked []standing, lead float64, ask func(Family) bool) Answer {
	var yes, no []float64
	for _, s := range ranked {
		switch {
		case s.family == lawless:
		case ask(s.family):
			yes = append(yes, s.log)
		default:
			no = append(no, s.log)
		}
	}
	switch over := logSum(yes) - logSum(no); {
	case over >= lead:
		return Yes
	case over <= -lead:
		return No
	}
	return Unknown
}

// measure takes the figures that need no law.
func measure(columns []column, best *Law) Measured {
	growing := columns
	if best != nil && best.Immediate {
		growing = columns[1:]
	}
	m := Measured{Factor: growthFactor(growing, (*column).lowest)}
	var ratios []float64
	for i := range columns {
		c := &columns[i]
		m.Spread = max(m.Spread, seconds(c.quantile(0.9)-c.lowest()))
		if len(c.pairs) >= 3 && c.most() > 0 {
			ratios = append(ratios, c.lowest()/c.most())
		}
	}
	if len(ratios) > 0 {
		slices.Sort(ratios)
		m.Ratio = ratios[len(ratios)/2]
	}
	return m
}

// mostWaits is how many waits a Point has.
const mostWaits = 64

// points are the gaps by index with what the law gives.
func points(columns []column, law *Law) []Point {
	ps := make([]Point, 0, len(columns))
	for i := range columns {
		c := &columns[i]
		p := Point{Index: c.k}
		step := max(1, float64(len(c.pairs)-1)/(mostWaits-1))
		for at := 0.0; int(at+0.5) < len(c.pairs); at += step {
			p.Waits = append(p.Waits, seconds(c.pairs[int(at+0.5)].wait))
		}
		if law != nil {
			p.Low, p.Median, p.High = law.band(c.k)
		}
		ps = append(ps, p)
	}
	return ps
}
