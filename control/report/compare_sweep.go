package report

import "github.com/groovechaos/groovechaos/faults/verdict"

// sweeps compares the cells of two sweeps, nil where there was none.
func (c *Comparison) sweeps(before, after *Sweep) {
	old, now := before.cases(), after.cases()
	for _, one := range now.order {
		c.weigh(Change{Case: one}, old.findings[one], now.findings[one])
	}
	for _, one := range old.order {
		if _, there := now.findings[one]; !there {
			c.weigh(Change{Case: one}, old.findings[one], nil)
		}
	}
}

// sweepCases are the cells of a sweep as findings, by their names.
type sweepCases struct {
	order    []string
	findings map[string]*verdict.Finding
}

// cases names what the sweep found out. What could not differ from the case in mode "once" is what that came to.
func (s *Sweep) cases() sweepCases {
	cases := sweepCases{findings: map[string]*verdict.Finding{}}
	if s == nil {
		return cases
	}
	for i := range s.Cells {
		cell := s.Cells[i]
		name := cell.name()
		if cell.State.known() == SweepSame {
			if once := cases.findings[cell.named("once")]; once != nil {
				cases.add(name, once)
			}
			continue
		}
		cases.add(name, cell.finding())
	}
	return cases
}

func (c *sweepCases) add(name string, f *verdict.Finding) {
	if _, there := c.findings[name]; !there {
		c.order = append(c.order, name)
	}
	c.findings[name] = f
}

// name says which case it is: "search 503 twice".
func (c *SweepCell) name() string { return c.named(c.Mode) }

func (c *SweepCell) named(mode string) string {
	name := c.Endpoint + " " + c.Fault
	if mode != "" {
		name += " " + mode
	}
	return name
}

// finding is the cell as a finding, inconclusive where it says nothing of the caller.
func (c *SweepCell) finding() *verdict.Finding {
	f := &verdict.Finding{Check: c.Check, Result: known(c.Result), Summary: c.Summary, Endpoints: []string{c.Endpoint}}
	if state := c.State.known(); state == SweepLeft || state == SweepMissed {
		f.Result = verdict.Inconclusive
	}
	return f
}
