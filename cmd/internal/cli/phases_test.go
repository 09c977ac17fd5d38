package cli

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
)

// Somebody who looks at a run that takes long sees what it waits for, and how long it may.
func TestPhases(t *testing.T) {
	t.Parallel()
	command := experiment.Workload{Command: []string{"x"}}
	running := func(phase string) runner.Status {
		return runner.Status{State: experiment.StateRunning, Phase: phase, Calls: 3, Attempts: 4}
	}
	for name, test := range map[string]struct {
		phases   []string
		workload experiment.Workload
		seen     []runner.Status
		want     string
	}{
		"a command that goes on after the phases": {
			[]string{"calm", "busy"},
			command,
			[]runner.Status{running("calm"), running("busy"), running("")},
			"  0.0 s  phase 1 of 2: calm (3 calls, 4 attempts)\n 10.0 s  phase 2 of 2: busy (3 calls, 4 attempts)\n" +
				" 20.0 s  the phases are over: waiting for the command to end, which is stopped after 1h0m0s (3 calls, 4 attempts)\n" +
				" 30.0 s  waiting for the command to end: 3 calls, 4 attempts; it is stopped after 1h0m0s\n",
		},
		"one that is repeated ends soon": {
			[]string{"calm", "busy"},
			experiment.Workload{Command: []string{"x"}, Repeat: true},
			[]runner.Status{running("busy"), running("")},
			"  0.0 s  phase 2 of 2: busy (3 calls, 4 attempts)\n",
		},
		"a plain configuration": {
			[]string{"run"},
			command,
			[]runner.Status{running("run"), running("run"), running("run"), running("run")},
			" 30.0 s  waiting for the command to end: 3 calls, 4 attempts; it is stopped after 1h0m0s\n",
		},
		"a long phase": {
			[]string{"calm", "busy"},
			command,
			[]runner.Status{running("calm"), running("calm"), running("calm"), running("calm")},
			"  0.0 s  phase 1 of 2: calm (3 calls, 4 attempts)\n 30.0 s  still in phase calm: 3 calls, 4 attempts; it is stopped after 1h0m0s\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out strings.Builder
				e := &experiment.Experiment{Workload: test.workload, TimeLimit: time.Hour}
				for _, phase := range test.phases {
					e.Phases = append(e.Phases, experiment.Phase{Name: phase})
				}
				p := (&root{Streams: Streams{Err: &out}}).newPhases(e, stillPause)
				for _, s := range test.seen {
					p.watch(s)
					time.Sleep(10 * time.Second)
					synctest.Wait()
				}
				p.end()
				if got := out.String(); got != test.want {
					t.Errorf("it wrote\n%swant\n%s", got, test.want)
				}
			})
		})
	}
}
