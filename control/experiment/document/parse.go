package document

import (
	"fmt"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"

	"github.com/groovechaos/groovechaos/control/experiment"
)

// keys are those by which an experiment is known from a configuration.
var keys = []string{"workload", "phases", "probes", "expect", "stop_when", "time_limit", "name"}

// Is reports whether a document is an experiment rather than a configuration.
func Is(d *config.Document) bool {
	for _, key := range keys {
		if d.Has(key) {
			return true
		}
	}
	return false
}

// Parse reads and validates an experiment. The name of the source is for messages alone. The error is a *config.Error
// that lists every problem with its line.
func Parse(name string, data []byte) (*experiment.Experiment, error) {
	document, err := config.ReadDocument(name, data)
	if err != nil {
		return nil, err
	}
	return Of(document)
}

// Of is Parse for a document whose syntax was read.
func Of(document *config.Document) (*experiment.Experiment, error) {
	f := blank()
	var e *experiment.Experiment
	err := document.Decode(&f, func() faults.Problems {
		var problems faults.Problems
		e, problems = f.experiment()
		return append(problems, Validate(e)...)
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// experiment turns a file into an experiment, and reports the keys that are given and say nothing.
func (f *file) experiment() (*experiment.Experiment, faults.Problems) {
	e := &experiment.Experiment{
		Name: f.Name, Seed: orElse(f.Seed, defaultSeed), Seeded: f.Seed != nil, SingleFlight: f.SingleFlight, TimeLimit: f.TimeLimit,
		Workload: f.Workload.workload(),
	}
	var problems faults.Problems
	for i := range f.Phases {
		phase, wrong := f.Phases[i].phase()
		e.Phases = append(e.Phases, phase)
		problems = append(problems, wrong.Prefix(fmt.Sprintf("phases[%d].", i))...)
	}
	for i := range f.Probes {
		e.Probes = append(e.Probes, f.Probes[i].probe())
	}
	expect, wrong := f.Expect.expect()
	e.Expect = expect
	problems = append(problems, wrong.Prefix("expect.")...)
	guard, wrong := f.StopWhen.guard()
	e.Guard = guard
	return e, append(problems, wrong.Prefix("stop_when.")...)
}

func (t *workloadTable) workload() experiment.Workload {
	w := experiment.Workload{Command: t.Command, Repeat: t.Repeat, Service: t.Service || t.Load != nil, Ready: t.Ready, Exit: experiment.Exit(t.Exit)}
	if l := t.Load; l != nil {
		w.Load = &experiment.Load{Request: l.request(), Rate: l.Rate, Concurrency: orElse(l.Concurrency, 1)}
	}
	return w
}

func (t *requestTable) request() experiment.Request {
	r := experiment.Request{URL: t.URL, Method: t.Method, Headers: t.Headers, Body: t.Body, Timeout: orElse(t.Timeout, defaultTimeout)}
	if r.Method == "" {
		r.Method = "GET"
	}
	return r
}

func (t *phaseTable) phase() (experiment.Phase, faults.Problems) {
	set, problems := config.FaultsOf("faults", t.Faults)
	p := experiment.Phase{Name: t.Name, Optional: t.Optional, Faults: set, Calls: orElse(t.Calls, 0), Idle: orElse(t.Idle, 0)}
	p.Duration = orElse(t.Duration, defaultDuration)
	if t.Duration == nil && t.Calls == nil {
		problems = append(problems, faults.Problem{Field: "duration", Text: `is missing, want how long the phase lasts, such as "30s", or calls`})
	}
	problems = append(problems, zeroProblems(map[string]bool{
		"calls": t.Calls != nil && *t.Calls == 0, "idle": t.Idle != nil && *t.Idle == 0,
	})...)
	if t.Ramp != nil {
		p.Ramp = &experiment.Ramp{From: float64(t.Ramp.From), To: float64(t.Ramp.To), Every: orElse(t.Ramp.Every, defaultEvery)}
	}
	return p, problems
}

// zeroProblems reports keys that are given and whose zero would be taken for not given.
func zeroProblems(zero map[string]bool) faults.Problems {
	var problems faults.Problems
	for _, key := range sorted(zero) {
		if zero[key] {
			problems = append(problems, faults.Problem{Field: key, Text: "is 0, want more than 0, or no such key"})
		}
	}
	return problems
}

func (t *probeTable) probe() experiment.Probe {
	w := t.Want
	return experiment.Probe{
		Request: t.request(), Name: t.Name, Every: orElse(t.Every, defaultEvery), Phases: t.Phases, Upstream: t.Upstream,
		Want: experiment.Want{Status: w.Status, Contains: w.Contains, Lacks: w.Lacks, JSON: w.JSON, Headers: w.Headers, Within: orElse(w.Within, 0)},
		Told: experiment.Told(t.Told),
	}
}

// Words of expect.verdict.
const (
	verdictPass = "pass"
	verdictAny  = "any"
)

func (t *expectTable) expect() (experiment.Expect, faults.Problems) {
	policy, problems := config.PolicyOf(t.Policies)
	x := experiment.Expect{Verdict: t.Verdict != verdictAny, Checks: t.Checks, Policy: policy}
	if t.Verdict != verdictPass && t.Verdict != verdictAny {
		problems = append(problems, faults.Problem{Field: "verdict", Text: config.Suggest(t.Verdict, []string{verdictPass, verdictAny})})
	}
	for _, f := range t.Findings {
		finding := experiment.FindingExpectation{Check: f.Check, Client: f.Client}
		for _, r := range f.Results {
			finding.Results = append(finding.Results, verdict.Result(r))
		}
		if len(finding.Results) == 0 {
			finding.Results = []verdict.Result{verdict.Pass}
		}
		x.Findings = append(x.Findings, finding)
	}
	for _, p := range t.Probes {
		x.Probes = append(x.Probes, experiment.ProbeExpectation{Probe: p.Probe, Phase: p.Phase, Share: float64(orElse(p.Share, 1)), P99: orElse(p.P99, 0)})
	}
	return x, problems
}

func (t *stopWhenTable) guard() (experiment.Guard, faults.Problems) {
	zero := zeroProblems(map[string]bool{
		"probe_failures": t.ProbeFailures != nil && *t.ProbeFailures == 0,
		"error_share":    t.ErrorShare != nil && *t.ErrorShare == 0,
		"latency":        t.Latency != nil && *t.Latency == 0,
		"amplification":  t.Amplification != nil && *t.Amplification == 0,
	})
	return experiment.Guard{
		ProbeFailures: orElse(t.ProbeFailures, 0), ErrorShare: float64(orElse(t.ErrorShare, 0)), Latency: orElse(t.Latency, 0),
		Amplification: orElse(t.Amplification, 0), NoBrake: !t.Brake, Window: t.Window, Least: t.Least,
	}, zero
}

func orElse[T any](given *T, otherwise T) T {
	if given == nil {
		return otherwise
	}
	return *given
}
