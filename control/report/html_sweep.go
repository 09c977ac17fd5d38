package report

import "strings"

// sweepView is a sweep as the template has it.
type sweepView struct {
	*sweepGrid

	Legend []mark
	Found  []sweepFoundView
	// Unshown counts the findings that there is no room for.
	Unshown int
	Notes   []string
}

type sweepFoundView struct {
	Mark                       mark
	Title, Summary, Where, End string
}

// mostFound bounds the findings of a sweep on a page.
const mostFound = 100

func newSweepView(s *Sweep) *sweepView {
	v := &sweepView{sweepGrid: newSweepGrid(s), Legend: s.legend(), Notes: allLegible(s.Notes)}
	found := s.found()
	for _, f := range found[:min(mostFound, len(found))] {
		v.Found = append(v.Found, sweepFoundView{newMark(f.Result), f.title(), legible(f.Summary), legible(f.where(mostPlaces)), endOf(f.Tail)})
	}
	v.Unshown = len(found) - len(v.Found)
	return v
}

// endOf is the end of what a workload printed, line by line.
func endOf(tail string) string {
	lines := tailLines(tail, true)
	for i := range lines {
		lines[i] = legible(lines[i])
	}
	return strings.Join(lines, "\n")
}
