package document

import (
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/experiment"
)

func parse(t *testing.T, text string) *experiment.Experiment {
	t.Helper()
	e, err := Parse("test.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const soundPhase = "[[phases]]\nname = \"a\"\nduration = \"1s\"\n"

func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"nothing":                     {"", "x.toml: phases are missing, want one or more, each headed by [[phases]]"},
		"a misspelt key":              {soundPhase + "durations = \"1s\"\n", "x.toml:4: phases[0].durations is not a known key, did you mean duration?"},
		"a misspelt table":            {soundPhase + "[workloud]\n", "x.toml:4: workloud is not a known key, did you mean workload?"},
		"a phase of no length":        {"[[phases]]\nname = \"a\"\nduration = \"0s\"\n", "x.toml:3: phases[0].duration is 0s, want 1ms to 168h0m0s"},
		"a phase without an end":      {"[[phases]]\nname = \"a\"\n", `x.toml:1: phases[0].duration is missing, want how long the phase lasts, such as "30s", or calls`},
		"a phase of no calls":         {"[[phases]]\nname = \"a\"\ncalls = 0\n", "x.toml:3: phases[0].calls is 0, want more than 0, or no such key"},
		"phases of one name":          {soundPhase + soundPhase, `x.toml:5: phases[1].name is "a", which phases[0] has already`},
		"a fault that is wrong":       {soundPhase + "[[phases.faults]]\nname = \"f\"\nshare = 1.2\nanswer.status = 503\n", "x.toml:6: phases[0].faults[0].share is 1.2, want 0 to 1"},
		"a fault that says nothing":   {soundPhase + "[[phases.faults]]\nname = \"f\"\nfirst = 0\nanswer.status = 503\n", "x.toml:6: phases[0].faults[0].first is 0, want 1 or more, or no such key"},
		"a name too long together":    {"[[phases]]\nname = \"" + strings.Repeat("p", 31) + "\"\nduration = \"1s\"\n[[phases.faults]]\nname = \"" + strings.Repeat("f", 32) + "\"\nanswer.status = 503\n", "x.toml:5: phases[0].faults[0].name is too long: with the phase's it has more than 63 characters"},
		"a ramp of a counting fault":  {"[[phases]]\nname = \"a\"\nduration = \"9s\"\nramp = { from = 0, to = 1 }\n[[phases.faults]]\nname = \"f\"\nfirst = 3\nanswer.status = 503\n", "x.toml:4: phases[0].ramp moves shares, and faults[0] fires by counting"},
		"a ramp beyond all":           {"[[phases]]\nname = \"a\"\nduration = \"9s\"\nramp = { from = 0, to = 1.5 }\n[[phases.faults]]\nname = \"f\"\nanswer.status = 503\n", "x.toml:4: phases[0].ramp.to is 1.5, want 0 to 1"},
		"a ramp of nothing":           {"[[phases]]\nname = \"a\"\nduration = \"9s\"\nramp = { from = 0, to = 1 }\n", "x.toml:4: phases[0].ramp has no fault to move"},
		"a check that does not exist": {soundPhase + "[expect]\nchecks = [\"back-off\"]\n", "x.toml:5: expect.checks[0] is \"back-off\", did you mean backs-off?"},
		"a finding of no check":       {soundPhase + "[[expect.findings]]\ncheck = \"no-such\"\n", "x.toml:5: expect.findings[0].check is \"no-such\", want one of "},
		"a result that is none":       {soundPhase + "[[expect.findings]]\ncheck = \"grows\"\nresults = [\"passed\"]\n", "x.toml:6: expect.findings[0].results[0] is \"passed\", did you mean pass?"},
		"a policy that is wrong":      {soundPhase + "[[expect.policies]]\nseverity = \"fatal\"\n", "x.toml:5: expect.policies[0].severity is \"fatal\""},
		"a verdict that is none":      {soundPhase + "[expect]\nverdict = \"passed\"\n", "x.toml:5: expect.verdict is \"passed\", did you mean pass?"},
		"a probe of an unknown phase": {soundPhase + "[[probes]]\nname = \"p\"\nurl = \"http://127.0.0.1:1/\"\nphases = [\"b\"]\n", "x.toml:7: probes[0].phases[0] is \"b\", did you mean a?"},
		"a probe without a URL":       {soundPhase + "[[probes]]\nname = \"p\"\n", "x.toml:4: probes[0].url is missing"},
		"a URL with a password":       {soundPhase + "[[probes]]\nname = \"p\"\nurl = \"http://u:secret@h/\"\n", "x.toml:6: probes[0].url is no URL"},
		"a path that is none":         {soundPhase + "[[probes]]\nname = \"p\"\nurl = \"http://127.0.0.1:1/\"\nwant.json = { \"items\" = \"*\" }\n", "x.toml:7: probes[0].want.json is \"items\", want a JSONPath (RFC 9535)"},
		"an upstream that is none":    {soundPhase + "[[probes]]\nname = \"p\"\nurl = \"http://127.0.0.1:1/\"\nupstream = \"/x\"\n", "x.toml:7: probes[0].upstream is \"/x\", want a method and a target"},
		"an expectation of no probe":  {soundPhase + "[[expect.probes]]\nprobe = \"p\"\n", "x.toml:5: expect.probes[0].probe is \"p\""},
		"a load too big":              {soundPhase + "[workload.load]\nurl = \"http://127.0.0.1:1/\"\nconcurrency = 5000\n", "x.toml:6: workload.load.concurrency is 5000, want 1 to 1000"},
		"a rate that is no number":    {soundPhase + "[workload.load]\nurl = \"http://127.0.0.1:1/\"\nrate = nan\n", "x.toml:6: workload.load.rate is NaN, want 0 to 10000 requests a second"},
		"a service that is repeated":  {soundPhase + "[workload]\nservice = true\nrepeat = true\n", "x.toml:6: workload.repeat does not go with a command that serves to the end"},
		"an exit that is none":        {soundPhase + "[workload]\nexit = \"null\"\n", "x.toml:5: workload.exit is \"null\", want one of zero, unfaulted, any"},
		"a guardrail of nothing":      {soundPhase + "[stop_when]\nlatency = \"0s\"\n", "x.toml:5: stop_when.latency is 0, want more than 0, or no such key"},
		"a share that is no number":   {soundPhase + "[stop_when]\nerror_share = nan\n", "x.toml:5: stop_when.error_share is NaN, want 0 to 1"},
		"no time at all":              {"time_limit = \"0s\"\n" + soundPhase, "x.toml:1: time_limit is 0s, want 1ns to 168h0m0s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("x.toml", []byte(test.text))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got\n%v\nwant one problem:\n%s", err, test.want)
			}
		})
	}
}

func TestWhatIsNotGiven(t *testing.T) {
	t.Parallel()
	e := parse(t, soundPhase+"[[probes]]\nname = \"p\"\nurl = \"http://127.0.0.1:1/\"\n[[expect.findings]]\ncheck = \"grows\"\n[[expect.probes]]\nprobe = \"p\"\n")
	if e.Name != "experiment" || e.Seed != 1 || e.TimeLimit != time.Hour || e.Workload.Exit != experiment.ExitZero || !e.Expect.Verdict {
		t.Errorf("got %+v", e)
	}
	if p := e.Probes[0]; p.Method != "GET" || p.Every != time.Second || p.Timeout != 30*time.Second {
		t.Errorf("probe: got %+v", p)
	}
	if x := e.Expect; len(x.Findings[0].Results) != 1 || x.Probes[0].Share != 1 {
		t.Errorf("expect: got %+v", x)
	}
	if e.Guard.NoBrake || e.Guard.Window != 10*time.Second || e.Guard.Least != 20 {
		t.Errorf("guard: got %+v", e.Guard)
	}
}

// A fault outlives its phase by no more than the margin, whatever it says itself.
func TestPlacedFaultsEnd(t *testing.T) {
	t.Parallel()
	e := parse(t, soundPhase+"[[phases.faults]]\nname = \"f\"\nttl = \"1h\"\nanswer.status = 503\n[[phases.faults]]\nname = \"g\"\nttl = \"1s\"\nbreak = { how = \"reset\", at = \"before\" }\nshare = 0\n[[phases.faults]]\nname = \"h\"\ndelay.fixed = \"1s\"\n")
	for i, want := range []time.Duration{11 * time.Second, time.Second, 11 * time.Second} {
		if got := e.Phases[0].Placed()[i]; got.TTL != want || !strings.HasPrefix(got.Name, "a.") {
			t.Errorf("%s lives %v, want a.* %v", got.Name, got.TTL, want)
		}
	}
	if name := e.Phases[0].Faults[0].Name; name != "f" {
		t.Errorf("the experiment's own fault is called %s now", name)
	}
}

func TestExperimentsAreKnownFromConfigurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": false, "[[faults]]\nname = \"a\"": false, soundPhase: true, "[workload]\n": true, "name = \"x\"": true, "[expect]": true,
	} {
		d, err := config.ReadDocument("x", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := Is(d); got != want {
			t.Errorf("%q is an experiment: %v, want %v", text, got, want)
		}
	}
}
