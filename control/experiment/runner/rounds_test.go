package runner

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults"
)

// Rounds send each probe so often, in turn, on connections of their own, while the fault is in force, and end the run with their answers.
func TestRounds(t *testing.T) {
	t.Parallel()
	p := newPlace()
	var mu sync.Mutex
	var asked, from []string
	url := door(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked, from = append(asked, r.URL.Path), append(from, r.RemoteAddr)
		if names := p.inForce(t); !slices.Equal(names, []string{"case.down"}) {
			t.Errorf("in force is %q, want case.down", names)
		}
		if r.URL.Path == "/b" {
			w.WriteHeader(http.StatusTeapot)
		}
	})
	probe := func(name string) experiment.Probe {
		return experiment.Probe{Name: name, Request: experiment.Request{URL: url + "/" + name, Method: http.MethodGet, Timeout: 10 * time.Second}}
	}
	down := faults.Fault{Name: "down", Answer: &faults.Answer{Status: 503}}
	r := newRun(t, Options{Site: p.Site, Experiment: &experiment.Experiment{
		TimeLimit: time.Minute, Probes: []experiment.Probe{probe("a"), probe("b")},
		Phases: []experiment.Phase{{Name: "case", Duration: time.Minute, Rounds: 2, Faults: []faults.Fault{down}}},
		Guard:  experiment.Guard{Window: time.Second, Least: 1},
	}})
	end := r.Do(t.Context())
	if want := []string{"/a", "/b", "/a", "/b"}; !slices.Equal(asked, want) || end.State != experiment.StateFinished || end.Phases[0].Why != "rounds" {
		t.Errorf("asked %q and %s by %q, want %q, finished by rounds", asked, end.State, end.Phases[0].Why, want)
	}
	if slices.Sort(from); len(slices.Compact(from)) != 4 {
		t.Errorf("asked from %q, want four connections", from)
	}
	answers := r.Answers()
	if len(answers) != 4 || !answers[0].Right || answers[1].Right || answers[1].Status != http.StatusTeapot {
		t.Errorf("answers are %+v, want that of b to be wrong", answers)
	}
	outcomes, _ := p.Outcomes.All()
	if len(outcomes) != 4 {
		t.Errorf("%d outcomes were told, want 4", len(outcomes))
	}
}
