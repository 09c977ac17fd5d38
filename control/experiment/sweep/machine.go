package sweep

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Machine says which case is next. It is not safe for concurrent use.
type Machine struct {
	plan   *Plan
	budget time.Duration
	// cells are what came of cases, by their names; under those under way.
	cells map[string]Cell
	under map[string]bool
}

// NewMachine makes the machine of a plan, of which some cells may be known already. A budget of 0 is none.
func NewMachine(p *Plan, budget time.Duration, known []Cell) *Machine {
	m := &Machine{plan: p, budget: budget, cells: map[string]Cell{}, under: map[string]bool{}}
	planned := map[string]bool{}
	for i := range p.Cases {
		planned[p.Cases[i].ID()] = true
	}
	for i := range known {
		if planned[known[i].ID()] && known[i].State == StateRan {
			m.Take(known[i])
		}
	}
	return m
}

// Turn says what to do next.
type Turn int

// The turns. They are a closed set.
const (
	// TurnRun is for a case to be run, TurnWait for that the next rests on one under way, TurnOver for that nothing is left, or
	// nothing that there is time for.
	TurnRun Turn = iota
	TurnWait
	TurnOver
)

// Next begins a case, if there is one to be run when so much time has passed.
func (m *Machine) Next(elapsed time.Duration) (Case, Turn) {
	for i := range m.plan.Cases {
		c := m.plan.Cases[i]
		if m.begun(&c) || m.rests(&c) || m.budget > 0 && elapsed+m.Estimate(&c) > m.budget {
			continue
		}
		m.under[c.ID()] = true
		return c, TurnRun
	}
	if len(m.under) > 0 {
		return Case{}, TurnWait
	}
	return Case{}, TurnOver
}

func (m *Machine) begun(c *Case) bool {
	_, known := m.cells[c.ID()]
	return known || m.under[c.ID()]
}

// rests reports that a case waits for others that may answer it: in another mode for the one that strikes once, with a Retry-After that is
// a date or is long for the same answer without the field and with seconds.
func (m *Machine) rests(c *Case) bool {
	if c.Mode != Once {
		once := Case{Endpoint: c.Endpoint, Fault: c.Fault, Mode: Once}
		return m.planned(&once) && !m.known(&once)
	}
	ids := c.likeWithout()
	return slices.ContainsFunc(m.plan.Cases, func(one Case) bool { return slices.Contains(ids, one.ID()) && !m.known(&one) })
}

// likeWithout names the cases that say whether anything comes again at all after an answer with a Retry-After: those without the field and
// with seconds. None for any other fault.
func (c *Case) likeWithout() []string {
	if c.Fault.Told != ToldDate && c.Fault.Told != ToldLong {
		return nil
	}
	plain := c.Endpoint + "/" + strconv.Itoa(c.Fault.Status)
	return []string{plain + "/" + string(Once), plain + "-" + string(ToldSeconds) + "/" + string(Once)}
}

// settle takes down which cases with a Retry-After need not be run: for whom an answer is final that tells nothing, and that tells seconds,
// the form of the field is nothing.
func (m *Machine) settle() {
	final := func(id string) bool {
		cell, known := m.cells[id]
		return known && cell.alike() && !cell.Hung
	}
	for i := range m.plan.Cases {
		c := m.plan.Cases[i]
		ids := c.likeWithout()
		if len(ids) == 0 || m.begun(&c) || !final(ids[0]) || !final(ids[1]) {
			continue
		}
		same := m.cells[ids[1]]
		same.Case, same.State, same.Tail, same.Took, same.Runs = c, StateSame, "", 0, 0
		m.cells[c.ID()] = same
	}
}

func (m *Machine) planned(c *Case) bool {
	return slices.ContainsFunc(m.plan.Cases, func(one Case) bool { return one.ID() == c.ID() })
}

func (m *Machine) known(c *Case) bool {
	_, known := m.cells[c.ID()]
	return known
}

// Estimate guesses how long a case takes, at best by what the same fault took once.
func (m *Machine) Estimate(c *Case) time.Duration {
	once := Case{Endpoint: c.Endpoint, Fault: c.Fault, Mode: Once}
	return max(m.plan.Estimate(c), m.cells[once.ID()].Took)
}

// Take takes down what came of a case, and which others it answers.
func (m *Machine) Take(cell Cell) {
	delete(m.under, cell.ID())
	m.cells[cell.ID()] = cell
	defer m.settle()
	if cell.Mode != Once || !cell.alike() {
		return
	}
	for _, mode := range []Mode{Twice, Always} {
		same := cell
		same.Mode, same.State, same.Tail, same.Took, same.Runs = mode, StateSame, "", 0, 0
		if m.planned(&same.Case) && !m.known(&same.Case) {
			m.cells[same.ID()] = same
		}
	}
}

// Drop gives up a case under way.
func (m *Machine) Drop(c Case) { delete(m.under, c.ID()) }

// Known counts those of the cells that are of the plan.
func (m *Machine) Known(cells []Cell) int {
	n := 0
	for i := range cells {
		if m.planned(&cells[i].Case) {
			n++
		}
	}
	return n
}

// Left counts the cases that are still to be run, and guesses how long they take one after another.
func (m *Machine) Left() (cases int, guess time.Duration) {
	for i := range m.plan.Cases {
		if c := &m.plan.Cases[i]; !m.known(c) {
			cases++
			guess += m.Estimate(c)
		}
	}
	return cases, guess
}

// Cells are all cells of the plan in the order of reports: by fault, mode and endpoint. Those that were not run are left out by
// their state.
func (m *Machine) Cells() []Cell {
	cells := make([]Cell, len(m.plan.Cases))
	for i, c := range m.plan.Cases {
		cell, known := m.cells[c.ID()]
		if !known {
			cell = Cell{Case: c, State: StateLeft, Result: verdict.Inconclusive, Summary: "not run: there was no time left"}
		}
		cells[i] = cell
	}
	slices.SortStableFunc(cells, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Fault.place(), b.Fault.place()), cmp.Compare(a.Fault.Name, b.Fault.Name),
			cmp.Compare(slices.Index(Modes(), a.Mode), slices.Index(Modes(), b.Mode)), cmp.Compare(position(a.Endpoint), position(b.Endpoint)))
	})
	return cells
}

// place orders faults for people: answers by their status, then trouble on the way.
func (f *Fault) place() int {
	kinds := []Kind{KindAnswer, KindSoftError, KindSoftItems, KindLost, KindReset, KindHang, KindTruncate, KindCorrupt, KindLatency, KindThrottle}
	if f.Kind == KindAnswer {
		return f.Status
	}
	return 1000 + slices.Index(kinds, f.Kind)
}

func position(endpoint string) int {
	return slices.IndexFunc(groove.Endpoints(), func(e groove.Endpoint) bool { return e.Name == endpoint })
}

// Tally counts cells by what came of them.
type Tally struct {
	// Ran, Same and Left count them by their state, Unreached and Hung those that ran and did not reach, or did not end.
	Ran, Same, Left, Unreached, Hung int
	// Results counts those that ran by their result.
	Results map[verdict.Result]int
}

// TallyOf counts cells.
func TallyOf(cells []Cell) Tally {
	t := Tally{Results: make(map[verdict.Result]int)}
	for i := range cells {
		c := &cells[i]
		switch c.State {
		case StateRan:
			t.Ran++
			t.Results[c.Result]++
		case StateSame:
			t.Same++
		case StateLeft:
			t.Left++
		}
		if c.State == StateRan && !c.Reached {
			t.Unreached++
		}
		if c.State == StateRan && c.Hung {
			t.Hung++
		}
	}
	return t
}

// Result is what a sweep comes to: its worst cell, and inconclusive at best where cells were left out or nothing ran.
func (t *Tally) Result() verdict.Result {
	switch {
	case t.Results[verdict.Fail] > 0:
		return verdict.Fail
	case t.Results[verdict.Inconclusive] > 0 || t.Left > 0 || t.Ran == 0:
		return verdict.Inconclusive
	default:
		return verdict.Pass
	}
}
