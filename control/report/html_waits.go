package report

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// plotView is the waits of a client by the number of the retry, with the law that was found in them. The scale is logarithmic.
type plotView struct {
	Title, Sentence, Summary string
	// Named reports that the law is certain enough to have a name.
	Named bool
	// Grid are the lines of the scale, Indices the numbers below.
	Grid    []gridLine
	Indices []timeLabel
	// Bands are what the law gives, Medians its median, Dots the waits.
	Bands, Medians []box
	Dots           []point
	Rows           []waitRow
	// Left counts the later retries that there is no room for.
	Left int
}

// Bounds of the plots of a client: how many laws are drawn, and how many retries of each.
const mostPlots, mostPoints = 3, 16

type gridLine struct{ Y, Label string }

type box struct{ X, Y, Width, Height string }

type point struct{ X, Y string }

// waitRow is one index in figures.
type waitRow struct{ Index, Count, Least, Median, Greatest, Law string }

// logScale brings waits to places, the longest on top.
type logScale struct{ low, high float64 }

// leastWait is what waits of no time at all are drawn as.
const leastWait = 100 * time.Microsecond

func newLogScale(points []backoff.Point) logScale {
	s := logScale{math.Inf(1), math.Inf(-1)}
	widen := func(d time.Duration) {
		s.low, s.high = min(s.low, logOf(d)), max(s.high, logOf(d))
	}
	for _, p := range points {
		for _, wait := range p.Waits {
			widen(wait)
		}
		if p.High > 0 {
			widen(p.Low)
			widen(p.High)
		}
	}
	s.low, s.high = math.Floor(s.low+0.05), math.Ceil(s.high-0.05)
	if s.high <= s.low {
		s.high = s.low + 1
	}
	return s
}

func logOf(d time.Duration) float64 { return math.Log10(max(d, leastWait).Seconds()) }

// The drawing lies between these parts of the height and right of this part of the width, as the words of the scale need room.
const (
	plotTop, plotBottom = 0.05, 0.87
	plotLeft            = 0.14
)

func (s logScale) y(d time.Duration) float64 {
	share := (logOf(d) - s.low) / (s.high - s.low)
	return plotBottom - (plotBottom-plotTop)*min(max(share, 0), 1)
}

// newPlotView draws the waits behind a law, with so many dots in all as there is room for. It reports false if there are none.
func newPlotView(l *verdict.Law, room int) (plotView, bool) {
	points := l.Fit.Points
	if len(points) == 0 {
		return plotView{}, false
	}
	law := newLawView(l)
	left := max(len(points)-mostPoints, 0)
	points = points[:len(points)-left]
	v := plotView{Left: left, Title: "Waits, " + law.Label, Sentence: law.Sentence, Named: len(l.Fit.Laws) > 0}
	s := newLogScale(points)
	for e := s.low; e <= s.high; e++ {
		d := time.Duration(math.Pow(10, e) * float64(time.Second))
		v.Grid = append(v.Grid, gridLine{per(s.y(d)), power(e)})
	}
	column := (1 - plotLeft) / float64(len(points))
	for i := range points {
		v.add(&points[i], s, plotLeft+column*float64(i), column)
		v.dot(thinned(points[i].Waits, min(max(room/len(points), leastDots), mostDots)), s, plotLeft+column*(float64(i)+0.5), column)
	}
	v.Summary = fmt.Sprintf("Waits before %s: %s", plural(len(points), "retry index"), law.Sentence)
	if len(points) > 1 {
		v.Summary = fmt.Sprintf("Waits before retries %d to %d: %s", points[0].Index, points[len(points)-1].Index, law.Sentence)
	}
	return v, true
}

// add draws one index in its column.
func (v *plotView) add(p *backoff.Point, s logScale, left, width float64) {
	middle := left + width/2
	v.Indices = append(v.Indices, timeLabel{X: per(middle), Text: strconv.Itoa(p.Index)})
	row := waitRow{Index: strconv.Itoa(p.Index), Count: number(len(p.Waits)), Law: "–"}
	if p.High > 0 {
		top, bottom := s.y(p.High), s.y(p.Low)
		if bottom-top < 0.012 { // a law without jitter is a line
			top, bottom = top-0.006, top+0.006
		}
		v.Bands = append(v.Bands, box{per(left + width*0.12), per(top), per(width * 0.76), per(bottom - top)})
		v.Medians = append(v.Medians, box{X: per(left + width*0.12), Y: per(s.y(p.Median)), Width: per(left + width*0.88)})
		row.Law = long(p.Low)
		if p.High != p.Low {
			row.Law += " to " + long(p.High)
		}
	}
	if n := len(p.Waits); n > 0 {
		row.Least, row.Median, row.Greatest = long(p.Waits[0]), long(p.Waits[n/2]), long(p.Waits[n-1])
	}
	v.Rows = append(v.Rows, row)
}

// power writes a power of ten of seconds: "1 ms", "10 s".
func power(e float64) string {
	value, unit := math.Pow(10, e), "s"
	if e < 0 {
		value, unit = value*1000, "ms"
	}
	return strconv.FormatFloat(value, 'g', 6, 64) + " " + unit
}

// dot draws waits side by side in a fixed order, so that equal ones can be seen to be many.
func (v *plotView) dot(waits []time.Duration, s logScale, middle, width float64) {
	for i, wait := range waits {
		aside := (math.Mod(float64(i)*0.618, 1) - 0.5) * width * 0.5
		v.Dots = append(v.Dots, point{per(middle + aside), per(s.y(wait))})
	}
}

// Bounds of the waits of one retry that are drawn.
const leastDots, mostDots = 4, 24

// thinned leaves so many of rising waits, the least and the greatest among them.
func thinned(waits []time.Duration, most int) []time.Duration {
	if len(waits) <= most {
		return waits
	}
	kept := make([]time.Duration, most)
	for i := range kept {
		kept[i] = waits[i*(len(waits)-1)/(most-1)]
	}
	return kept
}
