package cli

import (
	"fmt"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
)

// phases tells a person which phase of an experiment is under way. An experiment of one phase tells nothing.
type phases struct {
	*progress
	names map[string]int
	shown string
}

func (r *root) newPhases(e *experiment.Experiment) *phases {
	p := &phases{progress: r.newProgress(), names: map[string]int{}}
	for i := range e.Phases {
		p.names[e.Phases[i].Name] = i + 1
	}
	// What the command prints would tear a line that is written anew.
	p.live = false
	return p
}

// watch is told how far the run is.
func (p *phases) watch(s runner.Status) {
	if len(p.names) < 2 || s.Phase == p.shown || s.Phase == "" {
		return
	}
	p.shown = s.Phase
	p.step(fmt.Sprintf("phase %d of %d: %s (%s, %s)", p.names[s.Phase], len(p.names), s.Phase, plural(s.Calls, "call"), plural(s.Attempts, "attempt")))
}
