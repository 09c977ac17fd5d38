package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
)

// phases tells a person which phase of an experiment is under way, and from time to time that it still is. An experiment of
// one phase begins without a word.
type phases struct {
	*progress
	names map[string]int
	// limit is when the run is stopped, patient reports that its command is waited for until then.
	limit   time.Duration
	patient bool
	quit    chan struct{}
	group   sync.WaitGroup

	mu     sync.Mutex
	latest runner.Status
	shown  string
}

// stillPause is the time between two lines that say that the run goes on.
const stillPause = 30 * time.Second

func (r *root) newPhases(e *experiment.Experiment, pause time.Duration) *phases {
	w := &e.Workload
	p := &phases{
		progress: r.newProgress(), names: map[string]int{}, quit: make(chan struct{}),
		limit: e.TimeLimit, patient: w.Command != nil && !w.Repeat && !w.Service,
	}
	for i := range e.Phases {
		p.names[e.Phases[i].Name] = i + 1
	}
	// What the command prints would tear a line that is written anew.
	p.live = false
	p.group.Go(func() { p.remind(pause) })
	return p
}

// watch is told how far the run is.
func (p *phases) watch(s runner.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latest = s
	if len(p.names) < 2 || s.Phase == p.shown {
		return
	}
	p.shown = s.Phase
	seen := fmt.Sprintf("%s, %s", plural(s.Calls, "call"), plural(s.Attempts, "attempt"))
	switch {
	case s.Phase != "":
		p.step(fmt.Sprintf("phase %d of %d: %s (%s)", p.names[s.Phase], len(p.names), s.Phase, seen))
	case s.State == experiment.StateRunning && p.patient:
		p.step(fmt.Sprintf("the phases are over: waiting for the command to end, which is stopped after %v (%s)", p.limit, seen))
	}
}

// remind says from time to time what is waited for.
func (p *phases) remind(pause time.Duration) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-p.quit:
			return
		case <-ticker.C:
			p.still()
		}
	}
}

func (p *phases) still() {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &p.latest
	what := "waiting for the command to end"
	switch {
	case s.State != "" && s.State != experiment.StateRunning:
		return
	case len(p.names) > 1 && s.Phase != "":
		what = "still in phase " + s.Phase
	}
	p.step(fmt.Sprintf("%s: %s, %s; it is stopped after %v", what, plural(s.Calls, "call"), plural(s.Attempts, "attempt"), p.limit))
}

// end says nothing any more.
func (p *phases) end() {
	close(p.quit)
	p.group.Wait()
	p.progress.end()
}
