package report

import (
	"fmt"
	"time"
)

// rateView is the attempts over time, and the phases above.
type rateView struct {
	Summary string
	Bars    []rateBar
	Top     string
	// Begin, Middle and End are the times below.
	Begin, Middle, End string
	Phases             []phaseView
}

type rateBar struct{ X, Y, Width, Height, Class string }

// phaseView is a phase: where it lies over the drawing, and in words.
type phaseView struct {
	X, Width           string
	Number, Name, When string
	Faults             string
	// Odd tells neighbours apart.
	Odd bool
}

func newRateView(c *Content) *rateView {
	t := c.Traffic
	if t == nil || t.Attempts == 0 || len(t.Rate) == 0 {
		return nil
	}
	most := 0
	for i := range t.Rate {
		most = max(most, t.Rate[i].total())
	}
	span := t.End.Sub(t.Begin)
	each := span / time.Duration(len(t.Rate))
	v := &rateView{
		Top:   number(most),
		Begin: "0", Middle: long(span / 2), End: long(span),
		Summary: fmt.Sprintf("%s attempts in %s; each bar stands for %s, the highest for %s attempts", number(t.Attempts), long(span), long(each), number(most)),
	}
	for i := range t.Rate {
		v.stack(&t.Rate[i], float64(i)/float64(len(t.Rate)), 1/float64(len(t.Rate)), float64(most))
	}
	for i := range c.Phases {
		v.phase(&c.Phases[i], i, t)
	}
	return v
}

// stack draws a part of the time, what succeeded at the bottom.
func (v *rateView) stack(b *RateBin, x, width, most float64) {
	y := 1.0
	for _, part := range []struct {
		class string
		count int
	}{{"success", b.Success}, {"soft", b.SoftError}, {"failed", b.Failed}, {"ours", b.Ours}} {
		if part.count == 0 {
			continue
		}
		height := max(float64(part.count)/most, 0.01)
		y = max(y-height, 0)
		v.Bars = append(v.Bars, rateBar{per(x), per(y), per(width * 0.86), per(height), part.class})
	}
}

func (v *rateView) phase(p *Phase, index int, t *Traffic) {
	view := phaseView{
		Number: fmt.Sprint(index + 1), Name: legible(p.Name), Odd: index%2 == 1, Faults: list(allLegible(p.Faults), briefly),
		When: long(max(p.Begin.Sub(t.Begin), 0)) + " to " + long(max(p.End.Sub(t.Begin), 0)), // It may begin before the first attempt.
	}
	if span := t.End.Sub(t.Begin); span > 0 {
		from := min(max(float64(p.Begin.Sub(t.Begin))/float64(span), 0), 1)
		to := min(max(float64(p.End.Sub(t.Begin))/float64(span), from), 1)
		view.X, view.Width = per(from), per(to-from)
	}
	v.Phases = append(v.Phases, view)
}
