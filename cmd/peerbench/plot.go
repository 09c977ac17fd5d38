package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Measures of the plot, in pixels.
const (
	plotWidth  = 960
	plotLeft   = 300
	plotRight  = 150
	plotRow    = 22
	plotTitle  = 34
	plotHeader = 64
)

// plot is a chart of the CPU ratios as SVG: a row for each peer of each
// scenario, on a logarithmic scale on which 1 is as much as the peer.
func (d *document) plot() string {
	low, high := d.bounds()
	x := func(ratio float64) float64 {
		return plotLeft + (plotWidth-plotLeft-plotRight)*math.Log(ratio/low)/math.Log(high/low)
	}
	var rows strings.Builder
	y := plotHeader
	for _, r := range d.Scenarios {
		y += plotTitle
		fmt.Fprintf(&rows, `<text x="16" y="%d" class="title">%s: %s</text>`+"\n", y-8, r.Name, html.EscapeString(r.Title))
		for _, line := range r.asides() {
			y += plotRow
			fmt.Fprintf(&rows, `<text x="32" y="%d" class="aside">%s</text>`+"\n", y-6, html.EscapeString(line))
		}
		for _, row := range r.Rows {
			if row.Peer != ours && row.CPURatio.Count > 0 && row.Peer != direct {
				y += plotRow
				plotBar(&rows, &row, y-plotRow/2, x)
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, plotHead, plotWidth, y+16, plotWidth, y+16, html.EscapeString(d.place()))
	for _, mark := range []float64{0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50} {
		if mark >= low && mark <= high {
			plotMark(&b, mark, x(mark), y)
		}
	}
	return b.String() + rows.String() + "</svg>\n"
}

const plotHead = `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">
<style>
svg { background: #ffffff; font: 13px sans-serif; fill: #1f2933 }
.title { font-weight: 600 }
.small { font-size: 11px; fill: #52606d }
.title, .aside { stroke: #ffffff; stroke-width: 6px; paint-order: stroke }
.grid { stroke: #d5dbe1 }
.one { stroke: #1f2933 }
.range { stroke: #7b8794 }
.box { fill: #9fb3c8 }
.less { fill: #0b6e4f }
.more { fill: #b44d12 }
</style>
<text x="16" y="22" class="title">CPU per request, groovechaos / peer: median, quartiles, extremes; left of 1 groovechaos takes less</text>
<text x="16" y="40" class="small">%s</text>
`

func plotMark(b *strings.Builder, mark, x float64, bottom int) {
	class := "grid"
	if mark == 1 {
		class = "one"
	}
	fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" class="%s"/><text x="%.1f" y="%d" text-anchor="middle" class="small">%g</text>`+"\n",
		x, plotHeader, x, bottom, class, x, plotHeader-6, mark)
}

func plotBar(b *strings.Builder, row *row, y int, x func(float64) float64) {
	s, class := row.CPURatio, "less"
	if s.Median > 1 {
		class = "more"
	}
	fmt.Fprintf(b, `<text x="32" y="%d">%s</text>`, y+4, html.EscapeString(row.Peer))
	fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" class="range"/>`, x(s.Min), y, x(s.Max), y)
	fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="8" class="box"/>`, x(s.Q1), y-4, x(s.Q3)-x(s.Q1))
	fmt.Fprintf(b, `<circle cx="%.1f" cy="%d" r="5" class="%s"/>`, x(s.Median), y, class)
	fmt.Fprintf(b, `<text x="%d" y="%d" class="small">%s</text>`+"\n", plotWidth-plotRight+12, y+4, ratio(s))
}

// bounds are the ends of the scale: some room around everything that is drawn.
func (d *document) bounds() (low, high float64) {
	low, high = 0.5, 2
	for _, r := range d.Scenarios {
		for _, row := range r.Rows {
			if row.Peer != direct && row.CPURatio.Count > 0 && row.CPURatio.Min > 0 {
				low, high = min(low, row.CPURatio.Min/1.1), max(high, row.CPURatio.Max*1.1)
			}
		}
	}
	return low, high
}

// asides are the lines that stand in place of the rows: why there are none, or
// what became of the goals.
func (r *report) asides() []string {
	if r.Unavailable != "" {
		return []string{r.Unavailable}
	}
	if len(r.Rows) > 0 {
		return nil
	}
	var said []string
	for _, o := range r.Outcomes {
		said = append(said, o.Goal+": "+o.figure())
	}
	return said
}

// place is the machine in one line.
func (d *document) place() string {
	return fmt.Sprintf("%s, %d cores, Linux %s; %d rounds of %d s", d.Machine.CPU, d.Machine.Cores, d.Machine.Kernel, d.Rounds, d.Seconds)
}
