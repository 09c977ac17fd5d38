package document

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/theory/jsonpath"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"

	"github.com/groovechaos/groovechaos/control/experiment"
)

// problems collects what is wrong.
type problems struct{ list faults.Problems }

func (p *problems) add(field, format string, args ...any) {
	p.list = append(p.list, faults.Problem{Field: field, Text: fmt.Sprintf(format, args...)})
}

// span wants a duration from least to MaxDuration.
func (p *problems) span(field string, d, least time.Duration) {
	if d < least || d > experiment.MaxDuration {
		p.add(field, "is %v, want %v to %v", d, least, experiment.MaxDuration)
	}
}

// among wants a word of a closed set.
func (p *problems) among(field, word string, known []string) {
	if !slices.Contains(known, word) {
		p.list = append(p.list, faults.Problem{Field: field, Text: config.Suggest(word, known)})
	}
}

// path wants a JSONPath, or none.
func (p *problems) path(field, path string) {
	if path == "" {
		return
	}
	if _, err := jsonpath.Parse(path); err != nil {
		p.add(field, "is %.80q, want a JSONPath (RFC 9535): %v", path, err)
	}
}

// Validate returns what is wrong with e, by fields such as "phases[1].faults[0].share".
func Validate(e *experiment.Experiment) faults.Problems {
	var p problems
	p.name("name", e.Name)
	p.span("time_limit", e.TimeLimit, time.Nanosecond)
	p.workload(&e.Workload)
	p.phases(e.Phases)
	p.probes(e)
	p.expect(e)
	p.guard(&e.Guard)
	return p.list
}

// nameForm leaves room for the name of a fault behind that of a phase.
var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,30}$`)

func (p *problems) name(field, name string) {
	if !nameForm.MatchString(name) {
		p.add(field, "is %.80q, want 1 to 31 lower-case letters, digits, dots, hyphens and underscores, first a letter or digit", name)
	}
}

func (p *problems) workload(w *experiment.Workload) {
	if w.Repeat && w.Service {
		p.add("workload.repeat", "does not go with a command that serves to the end")
	}
	if w.Ready != "" {
		p.address("workload.ready", w.Ready)
	}
	if len(w.Command) > 0 && w.Command[0] == "" {
		p.add("workload.command", "names no program")
	}
	p.among("workload.exit", string(w.Exit), []string{string(experiment.ExitZero), string(experiment.ExitUnfaulted), string(experiment.ExitAny)})
	if l := w.Load; l != nil {
		p.request("workload.load.", &l.Request)
		if !(l.Rate >= 0 && l.Rate <= experiment.MaxRate) {
			p.add("workload.load.rate", "is %v, want 0 to %d requests a second", l.Rate, experiment.MaxRate)
		}
		if l.Concurrency < 1 || l.Concurrency > experiment.MaxConcurrency {
			p.add("workload.load.concurrency", "is %d, want 1 to %d", l.Concurrency, experiment.MaxConcurrency)
		}
	}
}

func (p *problems) phases(phases []experiment.Phase) {
	if len(phases) == 0 {
		p.add("phases", "are missing, want one or more, each headed by [[phases]]")
	}
	if len(phases) > experiment.MaxPhases {
		p.add("phases", "are %d, want at most %d", len(phases), experiment.MaxPhases)
	}
	seen := map[string]int{}
	for i := range phases {
		at := fmt.Sprintf("phases[%d].", i)
		if first, ok := seen[phases[i].Name]; ok {
			p.add(at+"name", "is %q, which phases[%d] has already", phases[i].Name, first)
		} else {
			seen[phases[i].Name] = i
		}
		p.phase(at, &phases[i])
	}
}

func (p *problems) phase(at string, phase *experiment.Phase) {
	p.name(at+"name", phase.Name)
	p.span(at+"duration", phase.Duration, time.Millisecond)
	p.span(at+"idle", phase.Idle, 0)
	if phase.Calls < 0 {
		p.add(at+"calls", "is %d, want 1 or more", phase.Calls)
	}
	review := faults.Validate(phase.Faults)
	p.list = append(p.list, review.Problems.Prefix(at)...)
	for i := range phase.Faults {
		if len(phase.FaultName(phase.Faults[i].Name)) > 63 {
			p.add(fmt.Sprintf("%sfaults[%d].name", at, i), "is too long: with the phase's it has more than 63 characters")
		}
	}
	if phase.Ramp != nil {
		p.ramp(at+"ramp", phase)
	}
}

func (p *problems) ramp(at string, phase *experiment.Phase) {
	r, before := phase.Ramp, len(p.list)
	for _, end := range []struct {
		field string
		share float64
	}{{"from", r.From}, {"to", r.To}} {
		if !(end.share >= 0 && end.share <= 1) {
			p.add(at+"."+end.field, "is %v, want 0 to 1", end.share)
		}
	}
	if r.Every < experiment.ShortestStep || r.Every > phase.Duration {
		p.add(at+".every", "is %v, want %v to the phase's duration", r.Every, experiment.ShortestStep)
	}
	if len(phase.Faults) == 0 {
		p.add(at, "has no fault to move")
	}
	for i := range phase.Faults {
		if t := phase.Faults[i].Trigger; t.First > 0 || t.Every > 0 || t.Quota != nil {
			p.add(at, "moves shares, and faults[%d] fires by counting", i)
		}
	}
	if len(p.list) == before {
		p.highest(at, phase)
	}
}

// highest wants shares that do not add up to too much where a ramp is highest.
func (p *problems) highest(at string, phase *experiment.Phase) {
	share := max(phase.Ramp.From, phase.Ramp.To)
	moved := slices.Clone(phase.Faults)
	for i := range moved {
		moved[i].Trigger.Share = &share
	}
	review := faults.Validate(moved)
	if len(review.Problems) > 0 && len(faults.Validate(phase.Faults).Problems) == 0 {
		p.add(at, "moves the shares to where %s", review.Problems[0])
	}
}

func phaseNames(e *experiment.Experiment) []string {
	names := make([]string, len(e.Phases))
	for i := range e.Phases {
		names[i] = e.Phases[i].Name
	}
	return names
}

func probeNames(e *experiment.Experiment) []string {
	names := make([]string, len(e.Probes))
	for i := range e.Probes {
		names[i] = e.Probes[i].Name
	}
	return names
}

func checkNames() []string {
	var names []string
	for _, check := range verdict.Checks() {
		names = append(names, check.Name)
	}
	return names
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
