package document

import (
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/experiment"
)

const soundProbe = "[[probes]]\nname = \"p\"\nurl = \"http://127.0.0.1:1/\"\n"

func sweepOf(t *testing.T, text string) (*experiment.Experiment, error) {
	t.Helper()
	d, err := config.ReadDocument("x.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return SweepOf(d)
}

func TestWhatASweepHasNoUseForIsRefusedByName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"no probe":               {"name = \"x\"\n", "x.toml: probes are missing, want one or more: a sweep drives a service by them"},
		"phases":                 {soundProbe + soundPhase, "x.toml:4: phases is of no use to a sweep: a sweep has its own faults, one at a time"},
		"a time limit":           {"time_limit = \"1m\"\n" + soundProbe, "x.toml:1: time_limit is of no use to a sweep: a sweep is bounded by --budget"},
		"guardrails":             {soundProbe + "[stop_when]\nleast = 3\n", "x.toml:4: stop_when is of no use to a sweep"},
		"a load":                 {soundProbe + "[workload.load]\nurl = \"http://127.0.0.1:1/\"\n", "x.toml:4: workload.load is of no use to a sweep: a sweep sends nothing but probes"},
		"a command again":        {soundProbe + "[workload]\nrepeat = false\n", "x.toml:5: workload.repeat is of no use to a sweep"},
		"no service":             {soundProbe + "[workload]\nservice = false\n", "x.toml:5: workload.service is of no use to a sweep: it drives nothing but a service"},
		"an exit":                {soundProbe + "[workload]\nexit = \"any\"\n", "x.toml:5: workload.exit is of no use to a sweep"},
		"a verdict":              {soundProbe + "[expect]\nverdict = \"any\"\n", "x.toml:5: expect.verdict is of no use to a sweep"},
		"a schedule":             {soundProbe + "every = \"1s\"\n", "x.toml:4: probes[0].every is of no use to a sweep: it sends each probe once a round"},
		"a probe's phase":        {soundProbe + "phases = [\"sweep\"]\n", "x.toml:4: probes[0].phases is of no use to a sweep"},
		"an unknown key":         {soundProbe + "wants = 1\n", "x.toml:4: probes[0].wants is not a known key, did you mean want?"},
		"what is wrong anywhere": {"[[probes]]\nname = \"p\"\nurl = \"ftp://h/\"\n", "x.toml:3: probes[0].url is no URL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := sweepOf(t, test.text)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got\n%v\nwant one problem:\n%s", err, test.want)
			}
		})
	}
}

func TestWhatASweepReads(t *testing.T) {
	t.Parallel()
	e, err := sweepOf(t, "seed = 7\n[workload]\ncommand = [\"serve\"]\nservice = true\nready = \"http://127.0.0.1:1/health\"\n"+soundProbe+
		"timeout = \"2s\"\nwant.status = [200]\ntold.error = \"$.error\"\n[[expect.policies]]\nchecks = [\"jitters\"]\nseverity = \"off\"\n")
	if err != nil {
		t.Fatal(err)
	}
	p := e.Probes[0]
	if e.Seed != 7 || e.Workload.Command[0] != "serve" || !e.Workload.Service || e.Workload.Ready == "" || len(e.Expect.Policy) != 1 ||
		p.Timeout != 2*time.Second || p.Want.Status[0] != 200 || p.Told.Error != "$.error" {
		t.Errorf("got %+v", e)
	}
	if len(e.Phases) != 1 || e.Phases[0].Rounds != 1 || len(e.Phases[0].Faults) != 0 {
		t.Errorf("phases are %+v, want one of one round without faults", e.Phases)
	}
}
