package experiment_test

import (
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults"
)

// A phase of rounds ends with its own last answer, or when its time is over, and leaves its faults in force until then.
func TestRoundsEndAPhase(t *testing.T) {
	t.Parallel()
	rounds := func() *experiment.Machine {
		down := faults.Fault{Name: "down", Answer: &faults.Answer{Status: 503}}
		return experiment.NewMachine(&experiment.Experiment{TimeLimit: time.Hour, Phases: []experiment.Phase{
			{Name: "a", Duration: 10 * time.Second, Rounds: 1, Faults: []faults.Fault{down}}, {Name: "b", Duration: 10 * time.Second, Rounds: 2},
		}})
	}
	tests := map[string]struct {
		moments []moment
		want    []string
	}{
		"by their answers": {
			[]moment{{time.Second, []experiment.Event{experiment.Rounded{Phase: 0}}}, {3 * time.Second, []experiment.Event{experiment.Rounded{Phase: 1}}}},
			[]string{"0s launch", "0s enter 0 a.down", "1s leave 0", "1s enter 1", "3s leave 1", "3s halt", "3s finish finished"},
		},
		"by their time": {
			[]moment{{100 * time.Second, nil}},
			[]string{"0s launch", "0s enter 0 a.down", "10s leave 0", "10s enter 1", "20s leave 1", "20s halt", "20s finish finished"},
		},
		"not by those of an earlier phase": {
			[]moment{{11 * time.Second, []experiment.Event{experiment.Rounded{Phase: 0}}}, {100 * time.Second, nil}},
			[]string{"0s launch", "0s enter 0 a.down", "10s leave 0", "10s enter 1", "20s leave 1", "20s halt", "20s finish finished"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := rounds()
			if got := play(m, test.moments...); !slices.Equal(got, test.want) {
				t.Errorf("did %q, want %q", got, test.want)
			}
		})
	}
}
