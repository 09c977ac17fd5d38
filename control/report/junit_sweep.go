package report

import (
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// fails reports that a cell which ran fails.
func (s *Sweep) fails() bool {
	return slices.ContainsFunc(s.Cells, func(c SweepCell) bool { return c.State.known() == SweepRan && known(c.Result) == verdict.Fail })
}

// sweepSuites are the suites of the endpoints, in the order of the cells. What was not run for being as once has no case.
func sweepSuites(s *Sweep) []suite {
	var list []suite
	for i := range s.Cells {
		c := &s.Cells[i]
		if c.State.known() == SweepSame {
			continue
		}
		name := "sweep " + clean(c.Endpoint)
		at := slices.IndexFunc(list, func(one suite) bool { return one.Name == name })
		if at < 0 {
			at = len(list)
			list = append(list, suite{Name: name})
		}
		one := sweepCase(c)
		one.Class = name
		list[at].Cases = append(list[at].Cases, one)
	}
	return list
}

func sweepCase(c *SweepCell) testCase {
	f := verdict.Finding{Result: c.Result, Summary: c.Summary, Exposed: 1}
	if c.State.known() == SweepLeft || c.State.known() == SweepMissed {
		f.Result = verdict.Inconclusive
	}
	one := caseOf(f)
	one.Name = strings.TrimSuffix(clean(c.Fault)+" "+clean(c.Mode), " ")
	if c.Check != "" && one.Failure != nil {
		one.Failure.Message = clean(c.Check) + ": " + one.Failure.Message
	}
	if tail := strings.Join(tailLines(c.Tail, true), "\n"); tail != "" {
		one.Output += tail + "\n"
	}
	return one
}
