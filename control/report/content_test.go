package report

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// start is when the tape begins.
var start = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// tape makes attempts by hand.
type tape struct{ attempts []observe.Attempt }

// answered appends an attempt of a client, and returns it to be changed.
func (t *tape) answered(client, target string, at time.Duration, status int) *observe.Attempt {
	n := uint64(len(t.attempts) + 1)
	a := observe.Attempt{
		Sequence: n, Time: start.Add(at), Received: at, Answered: at + 5*time.Millisecond, Conn: n, ConnUse: 1,
		Client: client, Endpoint: groove.Search, Method: "GET", Target: target, BodyComplete: true, Counter: observe.NoCounter,
		Status: status, Class: groove.ClassSuccess, Origin: observe.OriginUpstream, End: observe.EndComplete, Forwarded: true, UpstreamStatus: 200,
	}
	if status >= 400 {
		a.Class, a.Origin, a.Fault, a.Forwarded, a.UpstreamStatus = groove.ClassFailure, observe.OriginInjected, "down", false, 0
	}
	t.attempts = append(t.attempts, a)
	return &t.attempts[n-1]
}

// baseline is 12 calls in peace.
func (t *tape) baseline(client string) {
	for i := range 12 {
		t.answered(client, fmt.Sprintf("/1/content/music/search?q=calm%d", i), time.Duration(i)*500*time.Millisecond, 200)
	}
}

// storm is calls that fail again and again, with waits that double.
func (t *tape) storm(client string, calls int, from, base time.Duration) {
	for i := range calls {
		at := from + time.Duration(i)*20*time.Second
		wait := base
		for k := range 4 {
			a := t.answered(client, fmt.Sprintf("/1/content/music/search?q=storm%d", i), at, 503)
			if k == 3 {
				*a = *t.mend(a)
			}
			at += 5*time.Millisecond + wait
			wait *= 2
		}
	}
}

// mend makes an attempt a success.
func (t *tape) mend(a *observe.Attempt) *observe.Attempt {
	b := *a
	b.Status, b.Class, b.Origin, b.Fault, b.Forwarded, b.UpstreamStatus = 200, groove.ClassSuccess, observe.OriginUpstream, "", true, 200
	return &b
}

// all gives the attempts in order of arrival, each as a copy.
func (t *tape) all() iter.Seq[*observe.Attempt] {
	return func(yield func(*observe.Attempt) bool) {
		for _, a := range slices.SortedFunc(slices.Values(t.attempts), func(a, b observe.Attempt) int { return int(a.Received - b.Received) }) {
			if !yield(&a) {
				return
			}
		}
	}
}

// judge is the verdict on the tape, with all that Collect knows.
func (t *tape) judge(o CollectOptions) Content {
	r := verdict.Judge(verdict.Journal{Attempts: t.all(), Ended: o.Ended}, verdict.Options{})
	return Collect(r, t.all(), o)
}

// play is a tape with one client that waits, one that hammers, and trouble of all kinds.
func play() *tape {
	var t tape
	for _, client := range []string{"patient", "hasty"} {
		t.baseline(client)
	}
	t.storm("patient", 5, 10*time.Second, 300*time.Millisecond)
	t.storm("hasty", 5, 12*time.Second, time.Millisecond)
	write := t.answered("hasty", "/1/content/music/collection/add", 2*time.Minute, 0)
	write.Method, write.Endpoint, write.Break, write.BreakAt = "POST", groove.CollectionAdd, faults.BreakReset, faults.BreakAfter
	write.Class, write.Origin, write.End, write.Fault, write.BodyDigest, write.BodyLength = groove.ClassFailure, observe.OriginInjected, observe.EndBroken, "lost", "9f", 40
	soft := t.answered("hasty", "/1/content/music/search?q=soft", 121*time.Second, 200)
	soft.Class, soft.ErrorCode, soft.SpoiledBy = groove.ClassSoftError, groove.CodeCatalogInvalidData, []string{"partial"}
	asked := t.answered("patient", "/1/content/music/search?q=asked", 122*time.Second, 429)
	asked.RetryAfter, asked.ErrorCode = "2", groove.CodeTooManyRequests
	t.answered("patient", "/1/content/music/search?q=asked", 124100*time.Millisecond, 200)
	ours := t.answered("patient", "/1/content/music/search?q=ours", 126*time.Second, 502)
	ours.Origin, ours.Fault = observe.OriginOurs, ""
	return &t
}

// full is a Content in which nothing is left out.
func full() Content {
	c := play().judge(CollectOptions{Ended: true})
	c.Title = "Nightly"
	c.Verdict.Faults = []verdict.FaultUse{{Name: "down", Matched: 90, Fired: 30}, {Name: "lost", Matched: 1, Fired: 1}, {Name: "idle", Matched: 4}}
	c.Verdict.Notes = []string{"3 attempts came twice and counted once"}
	c.Phases = []Phase{
		{Name: "baseline", Begin: start, End: start.Add(8 * time.Second)},
		{Name: "storm", Begin: start.Add(8 * time.Second), End: start.Add(118 * time.Second), Faults: []string{"down"}},
		{Name: "rest", Begin: start.Add(118 * time.Second), End: start.Add(126 * time.Second), Faults: []string{"lost", "partial"}},
	}
	c.Expectations = []Assessment{{Name: "backs-off", Result: verdict.Fail, Summary: "hasty came back after 1 ms"}, {Name: "rate", Result: verdict.Pass, Summary: "at most 9 a second"}}
	c.Probes = []Assessment{{Name: "front page", Result: verdict.Warn, Summary: "4 of 5 within 300 ms"}}
	c.Sweep = &Sweep{
		Cells: []SweepCell{
			{Endpoint: groove.Search, Fault: "503", Mode: "once", Result: verdict.Pass, Summary: "came back once"},
			{Endpoint: groove.Search, Fault: "503", Mode: "always", Result: verdict.Fail, Summary: "11 attempts"},
			{Endpoint: groove.CollectionAdd, Fault: "503", Mode: "once", Result: verdict.Inconclusive, Summary: "no call was made"},
			{Endpoint: groove.CollectionAdd, Fault: "reset", Result: verdict.Warn, Summary: "one write"},
		},
		Notes: []string{"2 cases that are alike were merged"},
	}
	return c
}

func TestCollect(t *testing.T) {
	t.Parallel()
	c := play().judge(CollectOptions{Ended: true})
	tr := c.Traffic
	if len(tr.Clients) != 2 || tr.Clients[0].Client != "hasty" || tr.Clients[1].Client != "patient" {
		t.Fatalf("clients are %v, want hasty and patient", tr.Clients)
	}
	attempts, rated, tries := 0, RateBin{}, 0
	for i := range tr.Clients {
		attempts += tr.Clients[i].Attempts
		for _, n := range tr.Clients[i].Tries {
			tries += n
		}
	}
	for i := range tr.Rate {
		rated.Success, rated.SoftError = rated.Success+tr.Rate[i].Success, rated.SoftError+tr.Rate[i].SoftError
		rated.Failed, rated.Ours = rated.Failed+tr.Rate[i].Failed, rated.Ours+tr.Rate[i].Ours
	}
	if want := len(play().attempts); attempts != want || tr.Attempts != want || rated.total() != want {
		t.Errorf("%d attempts by client, %d in all and %d over time, want %d", attempts, tr.Attempts, rated.total(), want)
	}
	if tries != tr.Calls || tr.Calls == 0 {
		t.Errorf("%d calls by how many attempts they made, want all %d", tries, tr.Calls)
	}
	if rated.SoftError != 1 || rated.Ours != 1 || rated.Failed != 2*5*3+1+1 {
		t.Errorf("attempts over time are %+v, want 1 soft error, 1 of ours and 32 failures", rated)
	}
	if !tr.Begin.Equal(start) || !tr.End.Equal(start.Add(126*time.Second)) {
		t.Errorf("seen from %v to %v, want %v and 126 s", tr.Begin, tr.End, start)
	}
	// search: 429, 503, TOO_MANY_REQUESTS, CATALOG_INVALID_DATA; collection.add: lost_answer, reset.
	if c.Coverage.Covered != 6 {
		t.Errorf("%d errors are covered, want 6", c.Coverage.Covered)
	}
}

// The calls that a finding against a client rests on must be shown, or it is a claim.
func TestCollectKeepsEvidence(t *testing.T) {
	t.Parallel()
	c := play().judge(CollectOptions{Ended: true})
	for _, v := range c.Verdict.Clients {
		at := slices.IndexFunc(c.Traffic.Clients, func(one ClientTraffic) bool { return one.Client == v.Client })
		shown := map[string][]string{}
		for _, line := range c.Traffic.Clients[at].Timelines {
			shown[line.Call.ID] = line.Evidence
		}
		failed := 0
		for _, f := range v.Findings {
			if f.Result != verdict.Fail {
				continue
			}
			failed++
			for _, id := range f.Calls[:min(perFinding, len(f.Calls))] {
				if !slices.Contains(shown[id], f.Check) {
					t.Errorf("%s: call %s is not shown for %s", v.Client, id, f.Check)
				}
			}
		}
		if v.Client == "hasty" && failed == 0 {
			t.Error("hasty has no finding that fails, want backs-off")
		}
	}
}

func TestCollectOneClient(t *testing.T) {
	t.Parallel()
	all, one := play().judge(CollectOptions{Ended: true}), play().judge(CollectOptions{Ended: true, Client: "patient"})
	if len(one.Traffic.Clients) != 1 || one.Traffic.Attempts >= all.Traffic.Attempts || one.Traffic.Attempts == 0 {
		t.Errorf("%d clients and %d attempts of %d, want 1 and some", len(one.Traffic.Clients), one.Traffic.Attempts, all.Traffic.Attempts)
	}
	for _, e := range one.Coverage.Endpoints {
		if e.Endpoint == groove.CollectionAdd {
			t.Error("collection.add is covered, which only the other client used")
		}
	}
}

func TestCollectNothing(t *testing.T) {
	t.Parallel()
	c := Collect(verdict.Report{}, verdict.Of(nil), CollectOptions{})
	if c.Traffic.Attempts != 0 || c.Traffic.Calls != 0 || c.Coverage.Of != 0 {
		t.Errorf("collected %+v of nothing", c.Traffic)
	}
}

// Examples are few, whatever there is to choose from, and the same ones each time.
func TestExamplesAreBounded(t *testing.T) {
	t.Parallel()
	var long tape
	long.baseline("c")
	long.storm("c", 400, 10*time.Second, 300*time.Millisecond)
	first, second := long.judge(CollectOptions{Ended: true}), long.judge(CollectOptions{Ended: true})
	lines := first.Traffic.Clients[0].Timelines
	if n := len(lines); n == 0 || n > mostEvidence+mostExamples {
		t.Errorf("%d timelines, want some and at most %d", n, mostEvidence+mostExamples)
	}
	for i := range lines {
		if lines[i].Call.ID != second.Traffic.Clients[0].Timelines[i].Call.ID {
			t.Errorf("timeline %d is call %s, then %s", i, lines[i].Call.ID, second.Traffic.Clients[0].Timelines[i].Call.ID)
		}
	}
}
