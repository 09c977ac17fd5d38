package experiment_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// judged is a report on clients with one finding each on backs-off.
func judged(whole verdict.Result, results map[string]verdict.Result) verdict.Report {
	r := verdict.Report{Result: whole}
	for client, result := range results {
		r.Clients = append(r.Clients, verdict.Verdict{Client: client, Findings: []verdict.Finding{{Check: "backs-off", Result: result, Summary: "so it is"}}})
	}
	return r
}

func answers(phase string, right, wrong int) []experiment.Answer {
	var list []experiment.Answer
	for range right {
		list = append(list, experiment.Answer{Probe: "front", Phase: phase, Right: true, Took: time.Second})
	}
	for range wrong {
		list = append(list, experiment.Answer{Probe: "front", Phase: phase, Wrong: []string{"status is 500"}, Took: 3 * time.Second})
	}
	return list
}

func TestConclude(t *testing.T) {
	t.Parallel()
	backsOff := func(client string, results ...verdict.Result) experiment.Expect {
		return experiment.Expect{Findings: []experiment.FindingExpectation{{Check: "backs-off", Client: client, Results: results}}}
	}
	front := func(phase string, share float64, p99 time.Duration) experiment.Expect {
		return experiment.Expect{Probes: []experiment.ProbeExpectation{{Probe: "front", Phase: phase, Share: share, P99: p99}}}
	}
	type results = map[string]verdict.Result
	half := judged(verdict.Pass, results{"a": verdict.Pass})
	half.Clients = append(half.Clients, verdict.Verdict{Client: "b", Findings: []verdict.Finding{{Check: "backs-off", Result: verdict.Inconclusive, Exposed: 3, Summary: "so it seems"}}})
	finished := experiment.End{State: experiment.StateFinished}
	tests := map[string]struct {
		expect  experiment.Expect
		end     experiment.End
		report  verdict.Report
		answers []experiment.Answer
		want    verdict.Result
		says    string
	}{
		"a pass":                                   {experiment.Expect{Verdict: true}, finished, judged(verdict.Pass, nil), nil, verdict.Pass, ""},
		"a verdict that fails":                     {experiment.Expect{Verdict: true}, finished, judged(verdict.Fail, nil), nil, verdict.Fail, ""},
		"a verdict that fails and may":             {experiment.Expect{}, finished, judged(verdict.Fail, nil), nil, verdict.Pass, ""},
		"a verdict that is open":                   {experiment.Expect{Verdict: true}, finished, judged(verdict.Inconclusive, nil), nil, verdict.Inconclusive, ""},
		"a finding as it must be":                  {backsOff("", verdict.Pass), finished, judged(verdict.Pass, results{"a": verdict.Pass}), nil, verdict.Pass, "it is pass"},
		"a finding that may be two":                {backsOff("", verdict.Pass, verdict.Warn), finished, judged(verdict.Pass, results{"a": verdict.Warn}), nil, verdict.Pass, "it is warn"},
		"a finding that is another":                {backsOff("", verdict.Pass), finished, judged(verdict.Pass, results{"a": verdict.Pass, "b": verdict.Warn}), nil, verdict.Fail, "it is warn: so it is"},
		"a finding of somebody else":               {backsOff("a*", verdict.Pass), finished, judged(verdict.Pass, results{"a1": verdict.Pass, "b": verdict.Warn}), nil, verdict.Pass, "it is pass"},
		"a finding of nobody":                      {backsOff("c*", verdict.Pass), finished, judged(verdict.Pass, results{"a": verdict.Pass}), nil, verdict.Inconclusive, "it was not judged"},
		"a finding that is open":                   {backsOff("", verdict.Pass), finished, judged(verdict.Pass, results{"a": verdict.Inconclusive}), nil, verdict.Inconclusive, "too little was seen"},
		"a finding that is open for one of two":    {backsOff("", verdict.Pass), finished, half, nil, verdict.Inconclusive, "too little was seen: so it seems"},
		"a finding for which nothing happened":     {backsOff("", verdict.Pass), finished, judged(verdict.Pass, results{"a": verdict.Pass, "b": verdict.Inconclusive}), nil, verdict.Pass, "it is pass"},
		"a fault that never struck":                {experiment.Expect{}, finished, verdict.Report{Result: verdict.Pass, Faults: []verdict.FaultUse{{Name: "a", Fired: 1}, {Name: "b"}}}, nil, verdict.Inconclusive, ""},
		"probes that are right to the share":       {front("", 0.55, 0), finished, judged(verdict.Pass, nil), answers("x", 55, 45), verdict.Pass, "55 of 100 were right"},
		"probes that are right":                    {front("", 1, 0), finished, judged(verdict.Pass, nil), answers("x", 20, 0), verdict.Pass, "20 of 20 were right"},
		"probes that are wrong":                    {front("", 1, 0), finished, judged(verdict.Pass, nil), answers("x", 20, 1), verdict.Fail, "20 of 21 were right, 99 % within 3s, first: status is 500"},
		"probes that are right mostly":             {front("", 0.95, 0), finished, judged(verdict.Pass, nil), answers("x", 20, 1), verdict.Pass, "20 of 21"},
		"probes that are slow":                     {front("", 0, time.Second), finished, judged(verdict.Pass, nil), answers("x", 20, 1), verdict.Fail, "99 % within 3s"},
		"probes of another phase":                  {front("y", 1, 0), finished, judged(verdict.Pass, nil), answers("x", 0, 5), verdict.Inconclusive, "it was never sent"},
		"a phase that was not reached":             {experiment.Expect{Verdict: true}, experiment.End{State: experiment.StateFinished, Notes: []experiment.Note{{Text: "not reached"}}}, judged(verdict.Pass, nil), nil, verdict.Inconclusive, "not reached"},
		"a command that ended badly":               {experiment.Expect{Verdict: true}, experiment.End{State: experiment.StateFinished, Notes: []experiment.Note{{Text: "exit status 1", Unmet: true}}}, judged(verdict.Pass, nil), nil, verdict.Fail, "exit status 1"},
		"a run that was stopped":                   {experiment.Expect{Verdict: true}, experiment.End{State: experiment.StateStopped, Reason: "smoke"}, judged(verdict.Pass, nil), nil, verdict.Inconclusive, "the run was stopped: smoke"},
		"a run that was stopped and failed before": {experiment.Expect{Verdict: true}, experiment.End{State: experiment.StateStopped, Reason: "smoke"}, judged(verdict.Fail, nil), nil, verdict.Fail, "the run was stopped: smoke"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := experiment.Experiment{Expect: test.expect}
			c := e.Conclude(test.end, test.report, test.answers)
			said := strings.Join(c.Reasons, "\n")
			for _, m := range c.Met {
				said += m.Figure
			}
			if failed := strings.Contains(name, "a command that ended badly"); failed != (len(c.Failures) == 1) {
				t.Errorf("%q fail it", c.Failures)
			}
			if c.Result != test.want || !strings.Contains(said, test.says) {
				t.Errorf("it is %s: %q, want %s: %q", c.Result, said, test.want, test.says)
			}
		})
	}
}

// Attempts of two processes, and those for two requests of a run, are of different calls; those of one are as they were.
func TestApart(t *testing.T) {
	t.Parallel()
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	attempts := []observe.Attempt{
		{Time: at(1), CallID: "a", Trace: "feedf00d01"},
		{Time: at(2), CallID: "a", Trace: "feedf00d01"},
		{Time: at(3), CallID: "a", Trace: "feedf00d02"},
		{Time: at(11), CallID: "a", Trace: "0123"},
		{Time: at(12), CallID: "a"},
		{Time: at(21), CallID: "a"},
	}
	before := slices.Clone(attempts)
	k := experiment.Apart{Starts: []time.Time{at(0), at(10), at(20)}, Prefix: "feedf00d"}
	var groups []int
	seen := map[uint64]int{}
	for a := range k.Tell(attempts) {
		if _, ok := seen[a.Fingerprint()]; !ok {
			seen[a.Fingerprint()] = len(seen)
		}
		groups = append(groups, seen[a.Fingerprint()])
		if want := a.Time.Before(at(10)); (a.CallID == "a") != want {
			t.Errorf("at %v the id is %q", a.Time, a.CallID)
		}
	}
	if want := []int{0, 0, 1, 2, 2, 3}; !slices.Equal(groups, want) {
		t.Errorf("groups are %v, want %v", groups, want)
	}
	if diff := cmp.Diff(before, attempts); diff != "" {
		t.Error("the attempts themselves were changed")
	}
}

// An outcome names the call of the process that has told it, by its id or by an idempotency key.
func TestOutcomesOfProcessesAreApart(t *testing.T) {
	t.Parallel()
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	key := observe.KeyDigest("key")
	attempts := []observe.Attempt{
		{Time: at(1), Method: "GET", Sequence: 1, CallID: "a"},
		{Time: at(11), Method: "GET", Sequence: 2, CallID: "a"},
		{Time: at(2), Method: "GET", Sequence: 3, CallID: key, IdempotencyKey: key},
		{Time: at(12), Method: "GET", Sequence: 4, CallID: key, IdempotencyKey: key},
	}
	k := experiment.Apart{Starts: []time.Time{at(0), at(10)}}
	var calls []observe.Call
	for a := range k.Tell(attempts) {
		calls = append(calls, observe.Call{Method: "GET", Attempts: []*observe.Attempt{a}})
	}
	outcomes := []observe.Outcome{{Time: at(5), CallID: "a"}, {Time: at(15), CallID: "a"}, {Time: at(5), CallID: "key"}, {Time: at(15), CallID: "key"}}
	for i, tied := range observe.Attribute(k.Told(outcomes, attempts), calls) {
		if tied.Call != i {
			t.Errorf("outcome %d is about call %d (%s), want %d", i, tied.Call, tied.Doubt, i)
		}
	}
	if outcomes[1].CallID != "a" {
		t.Error("the outcomes themselves were changed")
	}
}
