package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/coverage"
)

// gridView is a matrix: a row for each error or fault, a column for each endpoint.
type gridView struct {
	Title   string
	Tally   string
	Columns []string
	Rows    []gridRow
	// Never names the rows that nobody met, where they are too many to stand as such.
	Never string
	// Left counts the rows that there is no room for.
	Left int
}

type gridRow struct {
	Name  string
	Cells []gridCell
}

// Words are the parts of the name between its underscores, where a narrow page may break it.
func (r gridRow) Words() []string { return strings.Split(r.Name, "_") }

// gridCell is one place of a matrix. Class is "" where there is nothing to say.
type gridCell struct{ Text, Class, Title string }

// coverageView is a matrix for each kind of error.
type coverageView struct {
	Share, Basis string
	Grids        []gridView
	Notes        []string
}

// kindTitles are the kinds as people call them.
var kindTitles = map[coverage.Kind]string{
	coverage.KindStatus: "Status codes", coverage.KindErrorCode: "Error codes",
	coverage.KindSoftError: "Soft errors: 200 with an error inside", coverage.KindTransport: "Trouble on the way",
}

func newCoverageView(m *coverage.Matrix) *coverageView {
	if m == nil {
		return nil
	}
	v := &coverageView{Basis: legible(m.Basis)}
	if m.Of > 0 {
		v.Share = fmt.Sprintf("%s (%d of %d)", percent(m.Share), m.Covered, m.Of)
	}
	for _, kind := range coverage.Kinds() {
		if tally := m.Kind(kind); tally.Of > 0 {
			v.Grids = append(v.Grids, newKindGrid(m, kind, tally))
		}
	}
	v.Notes = coverageNotes(m)
	return v
}

func coverageNotes(m *coverage.Matrix) []string {
	var notes []string
	for i := range m.Endpoints {
		for _, cell := range m.Endpoints[i].Beyond[:min(3, len(m.Endpoints[i].Beyond))] {
			notes = append(notes, fmt.Sprintf("%s also met %s, which the contract does not list for it.", legible(m.Endpoints[i].Endpoint), legible(cell.Name)))
		}
	}
	if m.Outside > 0 {
		notes = append(notes, "Left out as it is about nothing in the contract: "+attempts(m.Outside)+".")
	}
	if m.Ours > 0 {
		notes = append(notes, "Left out as the proxy's own failure: "+attempts(m.Ours)+".")
	}
	return notes
}

func attempts(n uint64) string { return number(n) + " " + noun(int(min(n, 2)), "attempt") }

// newKindGrid is the matrix of one kind. Error codes that nobody met are named below.
func newKindGrid(m *coverage.Matrix, kind coverage.Kind, tally coverage.Tally) gridView {
	g := gridView{
		Title: kindTitles[kind], Tally: fmt.Sprintf("%s (%d of %d)", percent(tally.Share), tally.Covered, tally.Of),
	}
	rows := map[string]int{}
	for i := range m.Endpoints {
		g.Columns = append(g.Columns, legible(m.Endpoints[i].Endpoint))
		for _, cell := range m.Endpoints[i].Errors {
			if cell.Kind != kind {
				continue
			}
			at, known := rows[cell.Name]
			if !known {
				at = len(g.Rows)
				rows[cell.Name] = at
				g.Rows = append(g.Rows, gridRow{Name: legible(cell.Name), Cells: make([]gridCell, len(m.Endpoints))})
			}
			g.Rows[at].Cells[i] = coverageCell(&cell)
		}
	}
	switch kind {
	case coverage.KindStatus:
		slices.SortFunc(g.Rows, func(a, b gridRow) int { return strings.Compare(a.Name, b.Name) })
	case coverage.KindErrorCode:
		g.foldNever()
	case coverage.KindSoftError, coverage.KindTransport:
	}
	return g
}

// foldNever takes the rows that nobody met out of the matrix, and names them.
func (g *gridView) foldNever() {
	var never []string
	g.Rows = slices.DeleteFunc(g.Rows, func(row gridRow) bool {
		if row.met() {
			return false
		}
		never = append(never, row.Name)
		return true
	})
	g.Never = strings.Join(never, ", ")
}

// met reports that the error was met on some endpoint.
func (r *gridRow) met() bool {
	return slices.ContainsFunc(r.Cells, func(c gridCell) bool { return c.Class == "met" })
}

func coverageCell(cell *coverage.Cell) gridCell {
	if cell.Attempts == 0 {
		return gridCell{Text: "–", Class: "never", Title: "not met"}
	}
	return gridCell{Text: number(cell.Attempts), Class: "met", Title: "met by " + attempts(cell.Attempts)}
}
