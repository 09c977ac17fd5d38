package cli

import (
	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
	"github.com/groovechaos/groovechaos/control/report"
)

// narrate adds to a report what the run was: its name, its phases, and what had to hold, met or not.
func narrate(content *report.Content, run *runner.Run, met []experiment.Met) {
	e, status := run.Experiment(), run.Status()
	content.Title = e.Name
	for i, state := range status.Phases {
		if !state.Reached {
			continue
		}
		phase := report.Phase{Name: state.Name, Begin: status.Started.Add(state.Begin), End: status.Started.Add(state.End)}
		for j := range e.Phases[i].Faults {
			phase.Faults = append(phase.Faults, e.Phases[i].Faults[j].Name)
		}
		content.Phases = append(content.Phases, phase)
	}
	// Expectations of findings stand before those of probes.
	findings := min(len(e.Expect.Findings), len(met))
	content.Expectations, content.Probes = assess(met[:findings]), assess(met[findings:])
}

func assess(met []experiment.Met) []report.Assessment {
	list := make([]report.Assessment, len(met))
	for i, m := range met {
		list[i] = report.Assessment{Name: m.Expectation, Result: m.Result, Summary: m.Figure}
	}
	return list
}
