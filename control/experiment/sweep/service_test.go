package sweep

import (
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// A service that is not well is asked again, each time later, until it is, or is gone, or there is no patience left.
func TestRecovery(t *testing.T) {
	t.Parallel()
	h := habits(t, peace)
	var s sequence
	well, wrong, busy, gone := s.ran(t, 0, peace), s.ran(t, 1, peace), s.ran(t, 0, peace+" search=200"), s.ran(t, 1, "")
	gone.Died = "exit status 1"
	ms := time.Millisecond
	tests := map[string]struct {
		rounds []Ran
		at     []time.Duration
		want   []time.Duration // the pauses, -1 for none
	}{
		"well at once":         {[]Ran{well}, []time.Duration{0}, []time.Duration{-1}},
		"wrong, then well":     {[]Ran{wrong, wrong, well}, []time.Duration{0, 100 * ms, 300 * ms}, []time.Duration{100 * ms, 200 * ms, -1}},
		"something comes late": {[]Ran{busy, well}, []time.Duration{0, 100 * ms}, []time.Duration{100 * ms, -1}},
		"gone":                 {[]Ran{gone}, []time.Duration{0}, []time.Duration{-1}},
		"no patience is left":  {[]Ran{wrong, wrong}, []time.Duration{time.Second, 5 * time.Second}, []time.Duration{100 * ms, -1}},
		"pauses are bounded": {
			[]Ran{wrong, wrong, wrong, wrong, wrong, wrong}, make([]time.Duration, 6), []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, time.Second, time.Second},
		},
	}
	for name, test := range tests {
		r := NewRecovery(h, 5*time.Second)
		var got []time.Duration
		for i := range test.rounds {
			pause, again := r.Take(&test.rounds[i], test.at[i])
			if !again {
				pause = -1
			}
			got = append(got, pause)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: pauses are %v, want %v", name, got, test.want)
		}
	}
}

func TestPatienceIsThatOfThePolicy(t *testing.T) {
	t.Parallel()
	for want, p := range map[time.Duration]verdict.Policy{
		33 * time.Second: {{Checks: []string{"jitters"}, Limits: verdict.Limits{Recovery: time.Hour}}},
		8 * time.Second:  {{Limits: verdict.Limits{Recovery: 5 * time.Second}}, {Checks: []string{checkRecovers}, Severity: verdict.SeverityWarn}},
	} {
		if got := Patience(p); got != want {
			t.Errorf("it is %v, want %v", got, want)
		}
	}
}

// serviceBar is what cells of a service are held against that passes its traces on, or does not.
func serviceBar(t *testing.T, tied bool) *Bar {
	t.Helper()
	h := habits(t, peace)
	h.Tied = tied
	return &Bar{Habits: h, Fault: struckBy, Limit: time.Minute, Service: true}
}

func TestWeighService(t *testing.T) {
	t.Parallel()
	const repeated = "search=400* +1s search=400* +2s search=400* +4s search=400*"
	tests := map[string]struct {
		id     string
		tied   bool
		runs   []string
		change func(runs []Ran)
		want   verdict.Result
		check  string
	}{
		"who repeats what is final": {"search/400/always", true, []string{repeated}, nil, verdict.Fail, "final-not-retried"},
		"without a trace once may be another case's": {
			"search/400/always", false, []string{repeated}, nil, verdict.Inconclusive, "final-not-retried",
		},
		"without a trace twice is its own": {"search/400/always", false, []string{repeated, repeated}, nil, verdict.Fail, "final-not-retried"},
		"without a trace in one of two is not": {
			"search/400/always", false, []string{repeated, "search=400*"}, nil, verdict.Inconclusive, "final-not-retried",
		},
		"a write sent again, which no test is run again for": {
			"collection.add/lost-answer/once", true, []string{"search=200 lookup=200 add=lost* add=200"}, nil, verdict.Fail, "write-not-repeated",
		},
		"who gives up what passes": {
			"search/503/once", true, []string{"search=503*"}, func(runs []Ran) { runs[0].Exit, runs[0].ExitText = 1, "the probe p was wrong" }, verdict.Fail, CheckProbe,
		},
		"who ends in each run": {
			"search/400/once", true,
			[]string{"search=400*", "search=400*"},
			func(runs []Ran) { runs[0].Died, runs[1].Died = "exit status 1", "exit status 1" },
			verdict.Fail, CheckExit,
		},
		"who ends in one of two": {
			"search/400/once", true, []string{"search=400*", "search=400*"}, func(runs []Ran) { runs[0].Died = "exit status 1" }, verdict.Inconclusive, CheckExit,
		},
		"who is well afterwards": {
			"search/400/once", true, []string{"search=400*"}, func(runs []Ran) { runs[0].After = []Ran{{Exit: 1, Since: time.Hour}, {}} }, verdict.Pass, "",
		},
		"who sends it when the fault is gone": {
			"search/400/once", true,
			[]string{"search=400*"},
			func(runs []Ran) { runs[0].After = []Ran{{Attempts: slices.Repeat(runs[0].Attempts[:1], 2)}, {}} }, verdict.Inconclusive, "",
		},
		"who fails for longer than allowed": {
			"search/400/once", true,
			[]string{"search=400*"},
			func(runs []Ran) {
				runs[0].After = []Ran{{Exit: 1, Since: 31 * time.Second}, {Exit: 1, Since: 33 * time.Second}}
			}, verdict.Fail, checkRecovers,
		},
		"who fails, and was not watched for so long": {
			"search/400/once", true,
			[]string{"search=400*"},
			func(runs []Ran) {
				runs[0].After = []Ran{{Exit: 1, Since: 29 * time.Second}, {Exit: 1, Since: 31 * time.Second}}
			}, verdict.Inconclusive, checkRecovers,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s sequence
			var runs []Ran
			for _, story := range test.runs {
				runs = append(runs, s.ran(t, 0, story))
			}
			if test.change != nil {
				test.change(runs)
			}
			cell := serviceBar(t, test.tied).Weigh(caseOf(t, test.id), runs)
			if cell.Result != test.want || cell.Check != test.check {
				t.Errorf("it is %s %q: %s; want %s %q", cell.Result, cell.Check, cell.Summary, test.want, test.check)
			}
		})
	}
}

// The verdict of the judge on what a user was told passes a fault of which the wire says nothing.
func TestWeighWhatAUserWasTold(t *testing.T) {
	t.Parallel()
	for kind, want := range map[observe.OutcomeKind]verdict.Result{observe.OutcomePartial: verdict.Pass, observe.OutcomeSuccess: verdict.Fail} {
		var s sequence
		r := s.ran(t, 0, "search=soft* lookup=200 add=200")
		r.Traces = []string{"0af7651916cd43dd8448eb211c80319c"}
		r.Attempts[0].Trace = r.Traces[0]
		r.Outcomes = []observe.Outcome{{Trace: r.Traces[0], Kind: kind, Status: 200, Time: r.Attempts[0].Time.Add(time.Second)}}
		cell := serviceBar(t, true).Weigh(caseOf(t, "search/soft-error/once"), []Ran{r})
		if cell.Result != want || want == verdict.Fail && cell.Check != "soft-error-noticed" {
			t.Errorf("told of %s it is %s %q: %s; want %s", kind, cell.Result, cell.Check, cell.Summary, want)
		}
	}
}

// A service passes traces on if all that it sends has one of the round's, but for tokens.
func TestTied(t *testing.T) {
	t.Parallel()
	var s sequence
	r := s.ran(t, 0, "token=200 search=200 lookup=200")
	r.Traces = []string{"a", "b"}
	r.Attempts[1].Trace, r.Attempts[2].Trace = "a", "b"
	if !r.tied() {
		t.Error("it is not tied, want it to be")
	}
	r.Attempts[2].Trace = "c"
	if r.tied() || (&Ran{}).tied() {
		t.Error("it is tied with another's trace, or without any")
	}
}

// What a service calls only at its start is named, in the order of the contract.
func TestWithout(t *testing.T) {
	t.Parallel()
	h := habits(t, peace)
	if got := h.Without(map[string]int{"token": 1, "search": 2, "genres": 1, "": 3}); !slices.Equal(got, []string{"genres", "token"}) {
		t.Errorf("it is %q, want genres and token", got)
	}
}
