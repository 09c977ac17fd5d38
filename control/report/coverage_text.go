package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/groovechaos/groovechaos/faults/coverage"
)

// CoverageText writes m for people: the share, then the errors in rows and the endpoints in columns. Error codes that nobody met are
// named together.
func CoverageText(w io.Writer, m *coverage.Matrix, o TextOptions) error {
	p := &page{width: o.Width, color: o.Color}
	if p.width == 0 {
		p.width = 80
	}
	p.width = max(p.width, 40)
	p.item(bold, "coverage", 10, fmt.Sprintf("%s (%d of %d)", percent(m.Share), m.Covered, m.Of))
	p.item(plain, "", 10, clean(m.Basis))
	for _, kind := range coverage.Kinds() {
		if tally := m.Kind(kind); tally.Of > 0 {
			p.WriteString("\n")
			p.kind(newKindGrid(m, kind, tally))
		}
	}
	for i, note := range coverageNotes(m) {
		if i == 0 {
			p.WriteString("\n")
		}
		p.item(dim, "note:", 6, note)
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// kind writes the matrix of one kind.
func (p *page) kind(g gridView) {
	p.item(bold, fmt.Sprintf("%s: %s", g.Title, g.Tally), 0, "")
	p.matrix(&g)
	if g.Never != "" {
		p.item(dim, "  –", 4, "never met: "+g.Never)
	}
}

// matrix writes rows and columns. Columns that have no room stand in a table of their own below.
func (p *page) matrix(g *gridView) {
	first := 0
	for _, row := range g.Rows {
		first = max(first, cells(row.Name))
	}
	for from := 0; from < len(g.Columns) && len(g.Rows) > 0; {
		to, used := from, 2+first
		for to < len(g.Columns) && (to == from || used+2+cells(g.Columns[to]) <= p.width) {
			used += 2 + cells(g.Columns[to])
			to++
		}
		p.columns(g, first, from, to)
		from = to
	}
}

// columns writes the rows with some of the columns.
func (p *page) columns(g *gridView, first, from, to int) {
	line := func(s style, name string, values []string) {
		var text strings.Builder
		text.WriteString("  " + name + strings.Repeat(" ", first-cells(name)))
		for i, value := range values {
			text.WriteString("  " + strings.Repeat(" ", max(cells(g.Columns[from+i])-cells(value), 0)) + value)
		}
		p.WriteString(p.paint(s, strings.TrimRight(text.String(), " ")) + "\n")
	}
	line(dim, "", g.Columns[from:to])
	for _, row := range g.Rows {
		values := make([]string, 0, to-from)
		for _, c := range row.Cells[from:to] {
			values = append(values, c.Text)
		}
		s := plain
		if !row.met() {
			s = dim
		}
		line(s, row.Name, values)
	}
}
