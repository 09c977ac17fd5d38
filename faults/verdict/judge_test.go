package verdict

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestJudgeConcludes(t *testing.T) {
	t.Parallel()
	hammers := op{tries: fails(503, ms, ms, ms)}
	never := op{tries: fails(503)}
	healthy := newTape(3)
	patient := newTape(10).times(5, op{tries: append(fails(503, second, 2*second), try{after: 4 * second, status: 200})})
	tests := map[string]struct {
		calls   []observe.Call
		faults  []FaultUse
		checks  []string
		want    Result
		clients []Result
		reasons []string
	}{
		"nothing seen":              {nil, nil, nil, Inconclusive, nil, []string{"no attempts were seen"}},
		"nothing went wrong":        {healthy.calls, nil, nil, Inconclusive, []Result{Inconclusive}, []string{"no client met a failure that a check is about"}},
		"all is well":               {patient.calls, nil, nil, Pass, []Result{Pass}, nil},
		"a client fails":            {newTape(10).times(3, hammers).calls, nil, nil, Fail, []Result{Fail}, nil},
		"too little seen":           {newTape(10).add(never).calls, nil, nil, Inconclusive, []Result{Inconclusive}, nil},
		"what is asked for is seen": {patient.calls, nil, []string{"transient-retried", "backs-off"}, Pass, []Result{Pass}, nil},
		"what is asked for is not":  {patient.calls, nil, []string{"body-kept", "backs-off"}, Inconclusive, []Result{Inconclusive}, []string{"body-kept was asked for, and nothing happened that it is about"}},
		"too little of what is not asked for": {
			newTape(10).add(never).times(2, op{tries: fails(404)}).calls, nil,
			[]string{"final-not-retried"},
			Pass,
			[]Result{Pass},
			nil,
		},
		"a failure of what is not asked for": {newTape(10).times(3, hammers).calls, nil, []string{"final-not-retried"}, Fail, []Result{Fail}, []string{"final-not-retried was asked for"}},
		"an unknown check":                   {patient.calls, nil, []string{"backs-of"}, Inconclusive, []Result{Pass}, []string{`unknown check "backs-of"`}},
		"a fault that fired":                 {patient.calls, []FaultUse{{Name: "x", Matched: 9, Fired: 2}}, nil, Pass, []Result{Pass}, nil},
		"a fault that never fired":           {patient.calls, []FaultUse{{Name: "x", Matched: 12}}, nil, Inconclusive, []Result{Pass}, []string{`fault "x" matched 12 exchanges and never fired`}},
		"a fault that matched once":          {patient.calls, []FaultUse{{Name: "x", Matched: 1}}, nil, Inconclusive, []Result{Pass}, []string{`fault "x" matched 1 exchange and never fired`}},
		"a fault that never matched":         {patient.calls, []FaultUse{{Name: "x"}}, nil, Inconclusive, []Result{Pass}, []string{`fault "x" never matched`}},
		"a failure and an idle fault":        {newTape(10).times(3, hammers).calls, []FaultUse{{Name: "x"}}, nil, Fail, []Result{Fail}, []string{`fault "x" never matched`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := judgeCalls(tt.calls, tt.faults, Options{Checks: tt.checks})
			if report.Result != tt.want {
				t.Errorf("result is %s, want %s", report.Result, tt.want)
			}
			var clients []Result
			for _, v := range report.Clients {
				clients = append(clients, v.Result)
			}
			if diff := cmp.Diff(tt.clients, clients); diff != "" {
				t.Errorf("clients (-want +got):\n%s", diff)
			}
			if len(report.Reasons) != len(tt.reasons) {
				t.Fatalf("reasons are %q, want %q", report.Reasons, tt.reasons)
			}
			for i, want := range tt.reasons {
				if !strings.HasPrefix(report.Reasons[i], want) {
					t.Errorf("reason is %q, want it to begin %q", report.Reasons[i], want)
				}
			}
		})
	}
}

// A client that met no failure says nothing about those that did.
func TestJudgeTakesTheWorstOfThoseExposed(t *testing.T) {
	t.Parallel()
	calls := newTape(10).times(5, op{tries: fails(503, second, 2*second)}).calls
	idle := newTape(3)
	for _, c := range idle.calls {
		c.Client = "idle"
		c.Attempts = slices.Clone(c.Attempts)
		calls = append(calls, c)
	}
	report := judgeCalls(calls, nil, Options{Checks: []string{"backs-off"}})
	if report.Result != Pass {
		t.Errorf("result is %s, want pass: %v", report.Result, report.Reasons)
	}
	if got := []string{report.Clients[0].Client, report.Clients[1].Client}; !slices.Equal(got, []string{"caller", "idle"}) {
		t.Errorf("clients are %v, want them by name", got)
	}
	if report.Clients[1].Result != Inconclusive {
		t.Errorf("a client that met nothing is %s, want inconclusive", report.Clients[1].Result)
	}
}

func TestJudgeCounts(t *testing.T) {
	t.Parallel()
	var attempts []observe.Attempt
	for _, c := range newTape(10).add(op{tries: fails(503, ms, ms, ms)}).calls {
		attempts = append(attempts, flat(&c)...)
	}
	report := Judge(Journal{Attempts: Of(attempts), Ended: true}, Options{})
	v := report.Clients[0]
	if v.Calls != 11 || v.Attempts != 14 {
		t.Errorf("saw %d calls and %d attempts, want 11 and 14", v.Calls, v.Attempts)
	}
	if report.Version != ReportVersion {
		t.Errorf("version is %d, want %d", report.Version, ReportVersion)
	}
}

func TestFindingsKeepTheOrderOfTheCatalogue(t *testing.T) {
	t.Parallel()
	report := judgeCalls(newTape(10).add(op{tries: fails(500, ms)}).add(op{tries: fails(503, ms)}).calls, nil, Options{})
	var got []string
	for _, f := range report.Clients[0].Findings {
		got = append(got, f.Check)
	}
	want := []string{"transient-retried"} // twice, for two statuses
	for _, c := range Checks() {
		if !c.together {
			want = append(want, c.Name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if first, second := report.Clients[0].Findings[0].Status, report.Clients[0].Findings[1].Status; first != 503 || second != 500 {
		t.Errorf("statuses are %d, %d, want 503, 500", first, second)
	}
}

func TestEvidenceIsBounded(t *testing.T) {
	t.Parallel()
	p := newTape(10).times(3*MaxEvidence, op{tries: fails(503, ms, ms, ms)})
	f := p.findings(t, "backs-off")[0]
	if len(f.Calls) != MaxEvidence || len(f.Attempts) != MaxEvidence || f.Exposed != 3*MaxEvidence {
		t.Errorf("evidence is %d calls and %d attempts of %d, want %d of each of %d", len(f.Calls), len(f.Attempts), f.Exposed, MaxEvidence, 3*MaxEvidence)
	}
	if f.Calls[0] != "11" || f.Attempts[0] != 11 {
		t.Errorf("evidence begins with call %s and attempt %d, want 11", f.Calls[0], f.Attempts[0])
	}
}

func TestEvidenceNamesTheWeakestGrouping(t *testing.T) {
	t.Parallel()
	hammer := op{tries: fails(503, ms, ms, ms)}
	p := newTape(10).add(hammer.as(observe.GroupingExplicit)).times(2, hammer)
	if f := p.findings(t, "backs-off")[0]; f.Grouping != observe.GroupingInferred {
		t.Errorf("grouping is %s, want inferred", f.Grouping)
	}
}

// The report is a document that others read.
func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(Judge(Journal{}, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"version":1,"result":"inconclusive","reasons":["no attempts were seen"],"clients":[]}`
	if string(got) != want {
		t.Errorf("report is %s, want %s", got, want)
	}
}

// BenchmarkJudge judges 100 000 attempts of four clients, one in five of which failed.
func BenchmarkJudge(b *testing.B) {
	var attempts []observe.Attempt
	for n := range 4 {
		p := newTape(0)
		p.client = "client " + string(rune('a'+n))
		for len(attempts) < (n+1)*25_000 {
			o := op{tries: []try{{status: 200}}}
			if len(p.calls)%10 == 0 {
				o.tries = append(fails(503, second, 2*second), try{after: 4 * second, status: 200})
			}
			p.add(o)
			c := p.calls[len(p.calls)-1]
			attempts = append(attempts, flat(&c)...)
		}
	}
	for i := range attempts {
		attempts[i].Sequence = uint64(i + 1)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := Judge(Journal{Attempts: Of(attempts), Ended: true}, Options{}); len(r.Clients) != 4 {
			b.Fatalf("judged %d clients, want 4", len(r.Clients))
		}
	}
	b.ReportMetric(float64(len(attempts))*float64(b.N)/b.Elapsed().Seconds(), "attempts/s")
}
