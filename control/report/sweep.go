package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Sweep is a matrix of endpoints and faults, each tried by itself.
type Sweep struct {
	// Cells are in the order in which rows and columns are to stand.
	Cells []SweepCell `json:"cells"`
	// Notes say what was merged, left out or not reached.
	Notes []string `json:"notes,omitempty"`
	// Peace is how long the workload takes without faults, Took how long the sweep took; 0 for not known.
	Peace time.Duration `json:"peace_ns,omitempty"`
	Took  time.Duration `json:"took_ns,omitempty"`
}

// SweepCell is what one fault did on one endpoint.
type SweepCell struct {
	Endpoint string `json:"endpoint"`
	// Fault names what was injected, Mode how often ("once", "twice", "always"); "" for the only way.
	Fault string `json:"fault"`
	Mode  string `json:"mode,omitempty"`
	// Merged names what the fault stands for beside itself.
	Merged []string `json:"merged,omitempty"`
	// State is what became of the case, "" for SweepRan.
	State  SweepState     `json:"state,omitempty"`
	Result verdict.Result `json:"result"`
	// Check names what failed or warned: a check, "exit-status" or "time-limit"; "" for nothing.
	Check string `json:"check,omitempty"`
	// Summary says why, at best in the words of the worst finding.
	Summary string `json:"summary"`
	// Hung reports that the workload did not end, Exit how it ended otherwise, "" for well.
	Hung bool   `json:"hung,omitempty"`
	Exit string `json:"exit,omitempty"`
	// Runs counts how often the workload ran, Attempts what came to the endpoint, Struck what of it the fault struck.
	Runs     int `json:"runs,omitempty"`
	Attempts int `json:"attempts,omitempty"`
	Struck   int `json:"struck,omitempty"`
	// Tail is the end of what the workload printed.
	Tail string `json:"tail,omitempty"`
	// Took is how long the case took.
	Took time.Duration `json:"took_ns,omitempty"`
}

// SweepState says what became of a case.
type SweepState string

// The states. They are a closed set.
const (
	SweepRan SweepState = "ran"
	// SweepSame is for a case that could not differ from the one in mode "once", or one with another Retry-After, SweepLeft for one that there was no time for,
	// SweepMissed for one that ran and did not reach what it is about.
	SweepSame   SweepState = "same"
	SweepLeft   SweepState = "left_out"
	SweepMissed SweepState = "not_reached"
)

// known is the state, SweepRan for "" and for what is none.
func (s SweepState) known() SweepState {
	switch s {
	case SweepSame, SweepLeft, SweepMissed:
		return s
	case SweepRan:
	}
	return SweepRan
}

// mark is how a cell is shown.
func (c *SweepCell) mark() mark {
	switch c.State.known() {
	case SweepSame:
		return mark{"=", c.likeness(), "same"}
	case SweepLeft:
		return mark{"·", "not run", "left"}
	case SweepMissed:
		return mark{"○", "not reached", "inconclusive"}
	case SweepRan:
	}
	return newMark(c.Result)
}

// likeness says what a cell that was not run is like: the same fault once, or a fault that strikes but once with its Retry-After in seconds.
func (c *SweepCell) likeness() string {
	if c.Mode == "once" {
		return "as with seconds"
	}
	return "as once"
}

// tally counts cells: "48 cases: 3 fail, 45 pass; 96 as once, 2 not run".
func (s *Sweep) tally() string {
	results, states, forms := make(map[verdict.Result]int), make(map[SweepState]int), 0
	for i := range s.Cells {
		c := &s.Cells[i]
		states[c.State.known()]++
		if c.State.known() == SweepRan {
			results[known(c.Result)]++
		}
		if c.State.known() == SweepSame && c.Mode == "once" {
			states[SweepSame]--
			forms++
		}
	}
	ran := states[SweepRan] + states[SweepMissed]
	var parts, more []string
	for _, result := range badToGood {
		if n := results[result]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, result))
		}
	}
	for _, one := range []struct {
		state SweepState
		words string
		to    *[]string
	}{{SweepMissed, "not reached", &parts}, {SweepSame, "as once", &more}, {SweepLeft, "not run", &more}} {
		if n := states[one.state]; n > 0 {
			*one.to = append(*one.to, fmt.Sprintf("%d %s", n, one.words))
		}
	}
	if forms > 0 {
		more = append(more, fmt.Sprintf("%d as with seconds", forms))
	}
	text := plural(ran, "case") + " run"
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if len(more) > 0 {
		text += "; " + strings.Join(more, ", ")
	}
	return text
}

// headline counts what the result of c rests on: the cells of a sweep, or clients.
func (c *Content) headline() string {
	if c.Sweep != nil && len(c.Verdict.Clients) == 0 {
		return c.Sweep.tally()
	}
	return tally(c.Verdict.Clients)
}

// sweepFinding is what some cells have in common.
type sweepFinding struct {
	Result verdict.Result
	// Check is "" for none; Summary and Tail, the end of what the workload printed, are those of the first cell.
	Check, Summary, Tail string
	cells                []*SweepCell
}

// found are the cells that speak against the caller or leave something open, the worst first; those of one check stand together,
// and without one those that say the same.
func (s *Sweep) found() []sweepFinding {
	var list []sweepFinding
	for i := range s.Cells {
		c := &s.Cells[i]
		state, result := c.State.known(), known(c.Result)
		if state == SweepSame || state == SweepLeft || result == verdict.Pass || result == verdict.Info {
			continue
		}
		alike := func(f sweepFinding) bool {
			return f.Result == result && f.Check == c.Check && (c.Check != "" || f.Summary == c.Summary)
		}
		at := slices.IndexFunc(list, alike)
		if at < 0 {
			at = len(list)
			list = append(list, sweepFinding{Result: result, Check: c.Check, Summary: c.Summary, Tail: c.Tail})
		}
		list[at].cells = append(list[at].cells, c)
	}
	slices.SortStableFunc(list, func(a, b sweepFinding) int {
		return slices.Index(badToGood, a.Result) - slices.Index(badToGood, b.Result)
	})
	return list
}

// where names the cells of a finding, at most so many: "search/503 once, twice".
func (f *sweepFinding) where(most int) string {
	var list []string
	modes := map[string][]string{}
	for _, c := range f.cells {
		name := clean(c.Endpoint) + "/" + clean(c.Fault)
		if modes[name] == nil {
			list = append(list, name)
		}
		modes[name] = append(modes[name], clean(c.Mode))
	}
	for i, name := range list {
		list[i] = strings.TrimSpace(name + " " + strings.Join(modes[name], ", "))
	}
	if left := len(list) - most; left > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(list[:most], "; "), left)
	}
	return strings.Join(list, "; ")
}

// sweepGrid is a sweep as it is shown: a row for each fault, a column for each endpoint, a mark for each mode.
type sweepGrid struct {
	Columns []string
	Rows    []sweepRow
	// Modes are those that any cell has, in the order of the marks.
	Modes []string
	// Left counts the rows that there is no room for.
	Left int
}

// Heads are the parts of each column's name, after whose dots a page may break it.
func (g *sweepGrid) Heads() [][]string {
	heads := make([][]string, len(g.Columns))
	for i, name := range g.Columns {
		heads[i] = strings.SplitAfter(name, ".")
	}
	return heads
}

type sweepRow struct {
	Name string
	// Places has a mark for each mode on each endpoint, without a symbol where nothing was planned; none where that is so for all.
	Places [][]sweepMark
}

// Words are the parts of the name, where a narrow page may break it.
func (r sweepRow) Words() []string { return gridRow{Name: r.Name}.Words() }

type sweepMark struct {
	mark

	Mode, Title string
}

// mostSweepRows bounds the rows of a sweep: with every error code by itself there are 52.
const mostSweepRows = 60

func newSweepGrid(s *Sweep) *sweepGrid {
	g := &sweepGrid{}
	columns, rows, left := map[string]int{}, map[string]int{}, map[string]bool{}
	for at, endpoint := range s.endpoints() {
		columns[endpoint] = at
		g.Columns = append(g.Columns, legible(endpoint))
	}
	for i := range s.Cells {
		if mode := legible(s.Cells[i].Mode); mode != "" && !slices.Contains(g.Modes, mode) {
			g.Modes = append(g.Modes, mode)
		}
	}
	for i := range s.Cells {
		c := &s.Cells[i]
		if !has(rows, c.Fault) && len(g.Rows) == mostSweepRows {
			left[c.Fault] = true
			continue
		}
		if !has(rows, c.Fault) {
			rows[c.Fault] = len(g.Rows)
			g.Rows = append(g.Rows, sweepRow{Name: legible(c.Fault), Places: make([][]sweepMark, len(columns))})
		}
		place := &g.Rows[rows[c.Fault]].Places[columns[c.Endpoint]]
		if *place == nil {
			*place = make([]sweepMark, max(len(g.Modes), 1))
		}
		(*place)[max(slices.Index(g.Modes, legible(c.Mode)), 0)] = newSweepMark(c)
	}
	g.Left = len(left)
	return g
}

// endpoints are those of the cells, in the order of the contract, and behind it in that of the cells.
func (s *Sweep) endpoints() []string {
	var list []string
	for i := range s.Cells {
		if !slices.Contains(list, s.Cells[i].Endpoint) {
			list = append(list, s.Cells[i].Endpoint)
		}
	}
	all := groove.Endpoints()
	place := func(name string) int {
		at := slices.IndexFunc(all, func(e groove.Endpoint) bool { return e.Name == name })
		if at < 0 {
			return len(all)
		}
		return at
	}
	slices.SortStableFunc(list, func(a, b string) int { return place(a) - place(b) })
	return list
}

func has(m map[string]int, key string) bool {
	_, there := m[key]
	return there
}

// longestTitle bounds what a mark says of itself, in characters.
const longestTitle = 60

func newSweepMark(c *SweepCell) sweepMark {
	m := sweepMark{mark: c.mark(), Mode: legible(c.Mode)}
	m.Title = m.Word
	if m.Mode != "" {
		m.Title = m.Mode + ": " + m.Word
	}
	if c.Check != "" {
		m.Title += ", " + clip(c.Check, longestTitle)
	}
	if m.Class != string(verdict.Pass) && m.Class != "same" && m.Class != "left" {
		m.Title += " – " + clip(c.Summary, longestTitle)
	}
	return m
}

// legend explains the marks of the cells there are.
func (s *Sweep) legend() []mark {
	var marks []mark
	for i := range s.Cells {
		if m := s.Cells[i].mark(); !slices.Contains(marks, m) {
			marks = append(marks, m)
		}
	}
	return marks
}
