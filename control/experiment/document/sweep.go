package document

import (
	"fmt"
	"strings"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults"
)

// SweepOf reads of an experiment what a sweep of a service uses: its name, seed, service, probes and policies. The experiment has one
// phase, without faults, in which each probe is sent once. What a sweep has no use for is refused by its name. The error is a *config.Error.
func SweepOf(document *config.Document) (*experiment.Experiment, error) {
	f := blank()
	var e *experiment.Experiment
	err := document.Decode(&f, func() faults.Problems {
		problems := unfit(document, &f)
		f.Workload.Service, f.Phases = true, nil
		built, wrong := f.experiment()
		e = built
		e.Phases = []experiment.Phase{{Name: "sweep", Duration: e.TimeLimit, Rounds: 1}}
		problems = append(problems, wrong...)
		if len(e.Probes) == 0 {
			problems = append(problems, faults.Problem{Field: "probes", Text: "are missing, want one or more: a sweep drives a service by them"})
		}
		return append(problems, Validate(e)...)
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// unused are the keys that a sweep has no use for, with why.
var unused = []struct {
	path []string
	why  string
}{
	{[]string{"phases"}, "a sweep has its own faults, one at a time"},
	{[]string{"time_limit"}, "a sweep is bounded by --budget"},
	{[]string{"stop_when"}, "a sweep goes on to its end"},
	{[]string{"workload", "load"}, "a sweep sends nothing but probes"},
	{[]string{"workload", "repeat"}, "a service stays up"},
	{[]string{"workload", "exit"}, "a service stays up"},
	{[]string{"expect", "verdict"}, "a sweep comes to its worst cell"},
	{[]string{"expect", "checks"}, "a sweep leaves them to --only and --skip"},
	{[]string{"expect", "findings"}, "a sweep comes to its worst cell"},
	{[]string{"expect", "probes"}, "every probe must be right without faults"},
}

// unfit reports the keys that are given and that a sweep has no use for.
func unfit(document *config.Document, f *file) faults.Problems {
	var problems faults.Problems
	refuse := func(field, why string) {
		problems = append(problems, faults.Problem{Field: field, Text: "is of no use to a sweep: " + why})
	}
	for _, one := range unused {
		if document.Has(one.path...) {
			refuse(strings.Join(one.path, "."), one.why)
		}
	}
	if document.Has("workload", "service") && !f.Workload.Service {
		refuse("workload.service", "it drives nothing but a service")
	}
	for i := range f.Probes {
		if f.Probes[i].Every != nil {
			refuse(fmt.Sprintf("probes[%d].every", i), "it sends each probe once a round")
		}
		if len(f.Probes[i].Phases) > 0 {
			refuse(fmt.Sprintf("probes[%d].phases", i), "it has its own faults, one at a time")
		}
	}
	return problems
}
