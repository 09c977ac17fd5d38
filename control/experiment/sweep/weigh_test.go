package sweep

import (
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// peace is the workload of the cases below.
const peace = "search=200 lookup=200 add=200"

func TestWeigh(t *testing.T) {
	t.Parallel()
	type run struct {
		exit  int
		story string
	}
	tests := map[string]struct {
		id, peace string
		runs      []run
		want      verdict.Result
		check     string
		summary   string
	}{
		"503 once, came back": {
			id: "search/503/once", runs: []run{{0, "search=503* search=200 lookup=200 add=200"}},
			want: verdict.Pass, summary: "came again and succeeded: 1 request",
		},
		"503 once, gave up and failed twice over": {
			id: "search/503/once", runs: []run{{1, "search=503*"}, {1, "search=503*"}},
			want: verdict.Fail, check: CheckExit, summary: "the command ended with exit status 1",
		},
		"503 once, failed in one run of two": {
			id: "search/503/once", runs: []run{{1, "search=503*"}, {0, "search=503* search=200 lookup=200 add=200"}},
			want: verdict.Inconclusive, check: CheckExit, summary: "in 1 of 2 runs",
		},
		"503 once, gave up and said nothing": {
			id: "search/503/once", runs: []run{{0, "search=503* lookup=200 add=200"}},
			want: verdict.Inconclusive, summary: "or hide the failure",
		},
		"503 once, and the request again after it had succeeded: another test may have made it": {
			id: "search/503/once", runs: []run{{0, "search=503* search=200 +1s search=200 lookup=200 add=200"}}, want: verdict.Pass,
		},
		"500 once, gave up and failed: sound callers differ": {
			id: "search/500/once", runs: []run{{1, "search=500*"}, {1, "search=500*"}},
			want: verdict.Warn, check: CheckExit,
		},
		"500 once, gave up and went on": {
			id: "search/500/once", runs: []run{{0, "search=500* lookup=200 add=200"}}, want: verdict.Info,
		},
		"503 always, tried and gave up": {
			id: "search/503/always", runs: []run{{1, "search=503* +1s search=503* +2s search=503* +4s search=503*"}},
			want: verdict.Pass, summary: "came again 3 times, then gave up",
		},
		"503 always, without a pause": {
			id: "search/503/always", runs: []run{{1, strings.Repeat("search=503* +-194ms ", 20)}},
			want: verdict.Fail, check: "backs-off",
		},
		"400 once, left alone": {
			id: "search/400/once", runs: []run{{1, "search=400*"}}, want: verdict.Pass, summary: "did not come again",
		},
		"400 always, repeated": {
			id: "search/400/always", runs: []run{{1, "search=400* +1s search=400* +2s search=400* +4s search=400*"}},
			want: verdict.Fail, check: "final-not-retried",
		},
		"400 once, sent again once: too little": {
			id: "search/400/once", runs: []run{{0, "search=400* search=200 lookup=200 add=200"}},
			want: verdict.Inconclusive, summary: "came again once",
		},
		"400, but the whole of it was done again": {
			id: "lookup/400/always", runs: []run{{1, "search=200 lookup=400* +1s search=200 lookup=400* +2s search=200 lookup=400*"}},
			want: verdict.Inconclusive,
		},
		"a write, left alone after 502": {
			id: "collection.add/502/once", runs: []run{{1, "search=200 lookup=200 add=502*"}}, want: verdict.Pass, summary: "did not come again",
		},
		"a write, repeated after 500": {
			id: "collection.add/500/always", runs: []run{{0, "search=200 lookup=200 add=500* +0s add=500* +1s add=500* +3s add=200"}},
			want: verdict.Fail, check: "write-not-repeated",
		},
		"a write, repeated after its answer was lost": {
			id: "collection.add/lost-answer/always", runs: []run{{0, "search=200 lookup=200 add=lost* +0s add=lost* +1s add=lost* +3s add=lost*"}},
			want: verdict.Fail, check: "write-not-repeated",
		},
		"a write, repeated after 503: a warning": {
			id: "collection.add/503/once", runs: []run{{0, "search=200 lookup=200 add=503* add=200"}},
			want: verdict.Warn, check: "write-not-repeated",
		},
		"a write, late": {
			id: "collection.add/latency/once", runs: []run{{1, "search=200 lookup=200 add=200*"}}, want: verdict.Info, summary: "did not wait",
		},
		"a late answer, waited for": {
			id: "search/latency/always", runs: []run{{0, "search=200* lookup=200 add=200"}}, want: verdict.Pass, summary: "waited for 1 request",
		},
		"a truncated answer, asked for again": {
			id: "search/truncate/once", runs: []run{{0, "search=cut* search=200 lookup=200 add=200"}}, want: verdict.Pass,
		},
		"a truncated answer, taken for whole": {
			id: "search/truncate/once", runs: []run{{0, "search=cut* lookup=200 add=200"}}, want: verdict.Info,
		},
		"a soft error says nothing on the wire": {
			id: "search/soft-error/once", runs: []run{{0, "search=soft* lookup=200 add=200"}}, want: verdict.Info, summary: "only an outcome or a probe",
		},
		"an expired token, sent again as it was": {
			id: "search/401-expired-token/always", runs: []run{{1, "search=401* +0s search=401* +1s search=401* +3s search=401*"}},
			want: verdict.Fail, check: "unauthorized-not-hammered",
		},
		"not reached": {
			id: "search/503/once", runs: []run{{0, "lookup=200 add=200"}}, want: verdict.Inconclusive, summary: "nothing came to the endpoint",
		},
		"not reached by what came": {
			id: "search/truncate/once", runs: []run{{0, peace}}, want: verdict.Inconclusive, summary: "none of 1 attempt",
		},
		"requests that are others in each run": {
			id: "search/400/once", peace: "search=200", runs: []run{{1, "other=400* +1s other=400*"}}, want: verdict.Inconclusive, summary: "cannot be told",
		},
		"the same request twice in peace, cut off by a failure": {
			id: "search/400/always", peace: "search=200 lookup=200 search=200", runs: []run{{1, "search=400*"}}, want: verdict.Pass,
		},
		"the same request twice in peace, sent twice at once": {
			id: "search/400/always", peace: "search=200 lookup=200 search=200", runs: []run{{1, "search=400* +0s search=400*"}}, want: verdict.Inconclusive,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story := test.peace
			if story == "" {
				story = peace
			}
			bar := Bar{Habits: habits(t, story), Fault: struckBy, Limit: time.Minute}
			var s sequence
			var runs []Ran
			for _, r := range test.runs {
				runs = append(runs, s.ran(t, r.exit, r.story))
			}
			cell := bar.Weigh(caseOf(t, test.id), runs)
			if cell.Result != test.want || cell.Check != test.check || !strings.Contains(cell.Summary, test.summary) {
				t.Errorf("it is %s %q: %s; want %s %q: … %s …", cell.Result, cell.Check, cell.Summary, test.want, test.check, test.summary)
			}
		})
	}
}

// Who does not end fails where the time was given on purpose; some callers wait long.
func TestWeighHung(t *testing.T) {
	t.Parallel()
	for strict, want := range map[bool]verdict.Result{true: verdict.Fail, false: verdict.Inconclusive} {
		var s sequence
		r := s.ran(t, 0, "search=reset*")
		r.Hung = true
		bar := Bar{Habits: habits(t, peace), Fault: struckBy, Limit: time.Minute, Strict: strict}
		cell := bar.Weigh(caseOf(t, "search/hang/once"), []Ran{r})
		if cell.Result != want || cell.Check != CheckTime || !cell.Hung || !cell.Settled() {
			t.Errorf("strict %v: it is %s %q, want %s %q", strict, cell.Result, cell.Check, want, CheckTime)
		}
	}
}

// What the workload does in peace too is not held against it: here it asks four times for what is not there.
func TestWeighForgivesWhatIsNotForTheFault(t *testing.T) {
	t.Parallel()
	story := "lookup=404 +1s lookup=404 +2s lookup=404 search=200"
	bar := Bar{Habits: habits(t, story), Fault: struckBy}
	var s sequence
	r := s.ran(t, 0, "lookup=404 +1s lookup=404 +2s lookup=404 search=503* search=200")
	for i := range 3 {
		r.Attempts[i].CallID, r.Attempts[i].CallIDHeader = "id", observe.CallHeader
	}
	cell := bar.Weigh(caseOf(t, "search/503/once"), []Ran{r})
	if cell.Result != verdict.Pass {
		t.Errorf("it is %s %q: %s, want a pass", cell.Result, cell.Check, cell.Summary)
	}
}

// A verdict of attempts that were forgotten, or not recorded in time, is none.
func TestWeighWantsAllAttempts(t *testing.T) {
	t.Parallel()
	bar := Bar{Habits: habits(t, peace), Fault: struckBy}
	var s sequence
	dropped := s.ran(t, 0, "search=503* search=200 lookup=200 add=200")
	dropped.Dropped = 1
	late := s.ran(t, 0, "lookup=200 add=200")
	late.Fired = 1
	for name, r := range map[string]Ran{"dropped": dropped, "late": late} {
		if cell := bar.Weigh(caseOf(t, "search/503/once"), []Ran{r}); cell.Result != verdict.Inconclusive {
			t.Errorf("%s: it is %s: %s, want inconclusive", name, cell.Result, cell.Summary)
		}
	}
}

// What two runs send alike are two calls, whether the workload names them or not, and none of the attempts that are given is changed.
func TestRunsAreToldApart(t *testing.T) {
	t.Parallel()
	h := habits(t, "search=200 +0s search=200 lookup=200")
	var s sequence
	runs := []Ran{s.ran(t, 0, "search=400* lookup=200"), s.ran(t, 0, "search=400* lookup=200")}
	for i := range runs {
		runs[i].Attempts[0].RequestID = "r"
	}
	c := caseOf(t, "search/400/once")
	var seen []observe.Attempt
	for a := range h.named(&c, runs, struckBy) {
		seen = append(seen, *a)
	}
	if seen[0].Fingerprint() == seen[2].Fingerprint() || seen[0].RequestID == seen[2].RequestID {
		t.Error("the same request of two runs looks alike")
	}
	if seen[1].CallID == "" || seen[1].CallID == seen[3].CallID || seen[0].CallID != "" {
		t.Errorf("calls are named %q, %q and %q, want two names for what is sent once in peace, and none for what is sent twice", seen[1].CallID, seen[3].CallID, seen[0].CallID)
	}
	if runs[1].Attempts[0].RequestID != "r" || runs[1].Attempts[1].CallID != "" {
		t.Error("what was given is changed")
	}
}

// What a caller tells its user of a call fits the call of the same run.
func TestOutcomesFitTheirRun(t *testing.T) {
	t.Parallel()
	var s sequence
	runs := []Ran{s.ran(t, 0, "search=503* lookup=200 add=200"), s.ran(t, 0, "search=503* lookup=200 add=200")}
	for i := range runs {
		runs[i].Attempts[0].CallID, runs[i].Attempts[0].CallIDHeader = "id", observe.CallHeader
		runs[i].Outcomes = []observe.Outcome{{CallID: "id", Kind: observe.OutcomeSuccess}}
	}
	w := weighing{bar: &Bar{Habits: habits(t, peace), Fault: struckBy}, runs: runs, cell: Cell{Case: caseOf(t, "search/503/once")}}
	j := w.journal()
	var ids []string
	for a := range j.Attempts {
		if a.CallIDHeader == observe.CallHeader && a.Endpoint == "search" {
			ids = append(ids, a.CallID)
		}
	}
	if len(ids) != 2 || ids[0] == ids[1] || j.Outcomes[0].CallID != ids[0] || j.Outcomes[1].CallID != ids[1] {
		t.Errorf("outcomes are of %q and %q, the calls are %q", j.Outcomes[0].CallID, j.Outcomes[1].CallID, ids)
	}
	if runs[1].Outcomes[0].CallID != "id" {
		t.Error("what was given is changed")
	}
}

// A body that comes slowly, one that nobody can read, and what an answer says of when to come back.
func TestWeighOtherBodiesAndWaits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		id     string
		exit   int
		hung   bool
		story  string
		told   string
		want   verdict.Result
		wanted string
	}{
		"a slow body, waited for":            {id: "search/throttle/once", story: "search=slow* lookup=200 add=200", want: verdict.Pass, wanted: "waited for 1 request"},
		"a slow body, given up":              {id: "search/throttle/once", exit: 1, story: "search=slow*", want: verdict.Warn, wanted: "exit status 1"},
		"no JSON, asked for again":           {id: "search/corrupt-json/once", story: "search=cut* search=200 lookup=200 add=200", want: verdict.Pass, wanted: "came again and succeeded"},
		"no JSON of a write, left alone":     {id: "collection.add/corrupt-json/once", exit: 1, story: "search=200 lookup=200 add=cut*", want: verdict.Pass, wanted: "did not come again"},
		"told to wait, and waited":           {id: "search/503-seconds/once", told: "2", story: "search=503* +1900ms search=200 lookup=200 add=200", want: verdict.Pass, wanted: "came again and succeeded"},
		"told to wait, and came early":       {id: "search/503-seconds/once", told: "2", story: "search=503* +1700ms search=200 lookup=200 add=200", want: verdict.Inconclusive, wanted: "came again after 1.895s"},
		"told to stay away, and gave up":     {id: "search/503-long/once", exit: 1, told: "3600", story: "search=503*", want: verdict.Pass, wanted: "gave up and did not come again"},
		"told to stay away, and still waits": {id: "search/503-long/once", hung: true, told: "3600", story: "search=503*", want: verdict.Pass, wanted: "still waited when it was stopped"},
		"told to stay away, and came early":  {id: "search/503-long/once", told: "3600", story: "search=503* search=200 lookup=200 add=200", want: verdict.Warn, wanted: "told to wait 3600.00 s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bar := Bar{Habits: habits(t, peace), Fault: struckBy, Limit: time.Minute}
			var s sequence
			r := s.ran(t, test.exit, test.story)
			r.Hung = test.hung
			for i := range r.Attempts {
				if strikes(&r.Attempts[i], struckBy) {
					r.Attempts[i].RetryAfter = test.told
				}
			}
			cell := bar.Weigh(caseOf(t, test.id), []Ran{r})
			if cell.Result != test.want || !strings.Contains(cell.Summary, test.wanted) || cell.Hung {
				t.Errorf("it is %s %q: %s; want %s: … %s …, and not hung", cell.Result, cell.Check, cell.Summary, test.want, test.wanted)
			}
		})
	}
}
