package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

const (
	// textFindings bounds the findings that have lines of their own, textTail the lines of what a workload printed.
	textFindings, textTail = 60, 6
	// mostPlaces bounds the faults on endpoints that a finding names.
	mostPlaces = 40
)

// SweepText writes a sweep for people: the result, the matrix, then what speaks against the caller. The matrix does not wrap, but is cut
// into blocks of endpoints that fit the width.
func SweepText(w io.Writer, c Content, o TextOptions) error {
	p := newPage(o)
	p.result(c.Verdict.Result, c.headline())
	for _, reason := range c.Verdict.Reasons {
		p.item(plain, "  -", 4, clean(reason))
	}
	if c.Sweep != nil && len(c.Sweep.Cells) > 0 {
		p.sweepMatrix(c.Sweep)
		p.sweepFindings(c.Sweep.found(), o.Verbose)
		for _, note := range c.Sweep.Notes {
			p.item(dim, "note:", 6, clean(note))
		}
	}
	for _, note := range c.Verdict.Notes {
		p.item(dim, "note:", 6, clean(note))
	}
	if c.Coverage != nil && c.Coverage.Of > 0 {
		p.item(plain, "coverage", 10, fmt.Sprintf("%s (%d of %d)", percent(c.Coverage.Share), c.Coverage.Covered, c.Coverage.Of))
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// sweepMatrix writes the grid, and what its marks mean.
func (p *page) sweepMatrix(s *Sweep) {
	g := newSweepGrid(s)
	name := 0
	for _, row := range g.Rows {
		name = max(name, cells(row.Name))
	}
	for from := 0; from < len(g.Columns); {
		to, used := from, name
		for to < len(g.Columns) && (to == from || used+2+columnWidth(g, to) <= p.width) {
			used += 2 + columnWidth(g, to)
			to++
		}
		p.WriteString("\n")
		p.block(g, name, from, to)
		from = to
	}
	if g.Left > 0 {
		p.item(dim, "", 2, fmt.Sprintf("and %d more faults", g.Left))
	}
	p.WriteString("\n")
	p.item(dim, "", 2, legendOf(s, g))
	p.WriteString("\n")
}

func columnWidth(g *sweepGrid, at int) int { return max(cells(g.Columns[at]), len(g.Modes)) }

// block writes the columns from one to another.
func (p *page) block(g *sweepGrid, name, from, to int) {
	head := []string{strings.Repeat(" ", name)}
	for at := from; at < to; at++ {
		head = append(head, padded(g.Columns[at], columnWidth(g, at)))
	}
	p.WriteString(p.paint(dim, strings.TrimRight(strings.Join(head, "  "), " ")) + "\n")
	for _, row := range g.Rows {
		line := []string{padded(row.Name, name)}
		for at := from; at < to; at++ {
			line = append(line, p.marks(row.Places[at])+strings.Repeat(" ", max(columnWidth(g, at)-len(row.Places[at]), 0)))
		}
		p.WriteString(strings.TrimRight(strings.Join(line, "  "), " ") + "\n")
	}
}

// marks are those of one place, painted.
func (p *page) marks(place []sweepMark) string {
	var b strings.Builder
	for _, m := range place {
		b.WriteString(p.paint(styleOf(m.Class), padded(m.Symbol, 1)))
	}
	return b.String()
}

func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(width-cells(text), 0))
}

// styleOf paints a mark as its result.
func styleOf(class string) style {
	if s, ok := styles[verdict.Result(class)]; ok {
		return s
	}
	return dim
}

// Order says which mode stands where: nothing where there is but one way.
func (g *sweepGrid) Order() []string {
	switch len(g.Modes) {
	case 0:
		return nil
	case 1:
		return g.Modes
	default:
		return []string{strings.Join(g.Modes, ", ") + " from left to right"}
	}
}

// legendOf says what the places and the marks stand for.
func legendOf(s *Sweep, g *sweepGrid) string {
	var parts []string
	parts = append(parts, g.Order()...)
	for _, m := range s.legend() {
		parts = append(parts, m.Symbol+" "+m.Word)
	}
	return strings.Join(parts, "; ")
}

// sweepFindings lists what is no pass.
func (p *page) sweepFindings(list []sweepFinding, verbose bool) {
	most := textFindings
	if verbose {
		most = len(list)
	}
	for _, f := range list[:min(most, len(list))] {
		p.item(styles[f.Result], symbols[f.Result]+" "+f.title(), 4, "")
		p.item(plain, "", 4, clean(f.Summary))
		p.item(dim, "", 4, f.where(mostPlaces))
		for _, line := range tailLines(f.Tail, verbose) {
			p.item(dim, "    |", 6, line)
		}
	}
	if left := len(list) - most; left > 0 {
		p.item(dim, "", 2, fmt.Sprintf("and %d more, which --verbose shows", left))
	}
	if len(list) > 0 {
		p.WriteString("\n")
	}
}

// title names what failed: a check, or the result.
func (f *sweepFinding) title() string {
	if f.Check == "" {
		return string(f.Result)
	}
	return clean(f.Check)
}

// tailLines are the last lines of what a workload printed, fit to be read.
func tailLines(tail string, verbose bool) []string {
	var lines []string
	for line := range strings.Lines(tail) {
		if line = clean(strings.TrimRight(line, "\r\n")); strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	if !verbose {
		lines = lines[max(0, len(lines)-textTail):]
	}
	return lines
}
