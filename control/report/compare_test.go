package report

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// saying is a report on one client with one finding.
func saying(check string, r verdict.Result) Content {
	f := verdict.Finding{Check: check, Result: r, Exposed: 3, Summary: check + " is " + string(r)}
	if r == "" {
		f.Result, f.Exposed = verdict.Inconclusive, 0 // nothing happened
	}
	result := verdict.Pass
	if r == verdict.Fail || f.Result == verdict.Inconclusive {
		result = f.Result
	}
	return Content{Verdict: verdict.Report{Version: 1, Result: result, Clients: []verdict.Verdict{{Client: "c", Result: result, Findings: []verdict.Finding{f}}}}}
}

func TestCompareWeighs(t *testing.T) {
	t.Parallel()
	const none = verdict.Result("")
	for _, test := range []struct {
		old, now verdict.Result
		where    string
		want     verdict.Result
	}{
		{verdict.Pass, verdict.Fail, "worse", verdict.Fail},
		{verdict.Pass, verdict.Warn, "worse", verdict.Fail},
		{verdict.Info, verdict.Warn, "worse", verdict.Fail},
		{verdict.Warn, verdict.Fail, "worse", verdict.Fail},
		{none, verdict.Fail, "worse", verdict.Fail},
		{none, verdict.Warn, "worse", verdict.Fail},
		{verdict.Inconclusive, verdict.Fail, "worse", verdict.Fail},
		{verdict.Fail, verdict.Pass, "better", verdict.Pass},
		{verdict.Fail, verdict.Warn, "better", verdict.Pass},
		{verdict.Warn, verdict.Info, "better", verdict.Pass},
		{verdict.Inconclusive, verdict.Pass, "better", verdict.Pass},
		{none, verdict.Pass, "added", verdict.Pass},
		{verdict.Pass, none, "unclear", verdict.Inconclusive},
		{verdict.Pass, verdict.Inconclusive, "unclear", verdict.Inconclusive},
		// What is not seen to fail any more is not mended by that.
		{verdict.Fail, none, "unclear", verdict.Inconclusive},
		{verdict.Fail, verdict.Inconclusive, "unclear", verdict.Inconclusive},
		{verdict.Fail, verdict.Fail, "", verdict.Pass},
		{verdict.Pass, verdict.Info, "", verdict.Pass},
		{none, none, "", verdict.Pass},
		{none, verdict.Inconclusive, "", verdict.Pass},
	} {
		c := Compare(saying("backs-off", test.old), saying("backs-off", test.now))
		got := map[string]int{"worse": len(c.Worse), "better": len(c.Better), "added": len(c.Added), "unclear": len(c.Unclear)}
		for where, n := range got {
			if want := map[bool]int{true: 1}[where == test.where]; n != want {
				t.Errorf("%q → %q: %d %s, want %d", test.old, test.now, n, where, want)
			}
		}
		if c.Result != test.want {
			t.Errorf("%q → %q: result is %s, want %s", test.old, test.now, c.Result, test.want)
		}
	}
}

func TestCompareDoesNotMindWhatNeverFails(t *testing.T) {
	t.Parallel()
	if !verdict.Mild("jitters") {
		t.Fatal("jitters can fail, want a check that cannot")
	}
	now := saying("jitters", "")
	now.Verdict.Result = verdict.Pass
	c := Compare(saying("jitters", verdict.Pass), now)
	if len(c.Unclear) != 1 || c.Result != verdict.Pass {
		t.Errorf("result is %s with %d unclear, want pass with 1", c.Result, len(c.Unclear))
	}
}

// A mild finding that is not known any more explains no report that is open.
func TestCompareTellsAnOpenReportBesideAMildChange(t *testing.T) {
	t.Parallel()
	was, now := saying("jitters", verdict.Pass), saying("jitters", "")
	was.Verdict.Result, now.Verdict.Result = verdict.Pass, verdict.Inconclusive
	now.Verdict.Reasons = []string{"fault \"down\" never matched"}
	c := Compare(was, now)
	if len(c.Unclear) != 2 || c.Unclear[1].Check != "" || c.Result != verdict.Inconclusive {
		t.Errorf("result is %s with %+v, want inconclusive with the report's own", c.Result, c.Unclear)
	}
}

func TestCompareTheSame(t *testing.T) {
	t.Parallel()
	for name, r := range reports {
		c := Compare(Content{Verdict: r}, Content{Verdict: r})
		if len(c.groups()) > 0 || c.Result != verdict.Pass {
			t.Errorf("%s: %s, %s, want no change", name, c.tally(), c.Result)
		}
	}
}

func TestCompareBringsClientsTogether(t *testing.T) {
	t.Parallel()
	named := func(names ...string) Content {
		var c Content
		for _, name := range names {
			c.Verdict.Clients = append(c.Verdict.Clients, verdict.Verdict{Client: name, Result: verdict.Pass, Findings: []verdict.Finding{{Check: "backs-off", Result: verdict.Pass, Exposed: 1}}})
		}
		c.Verdict.Result = verdict.Pass
		return c
	}
	pass := verdict.Pass
	for name, test := range map[string]struct {
		old, now Content
		want     []ClientChange
		unclear  int
	}{
		"the same":           {named("a", "b"), named("b", "a"), []ClientChange{{"a", "", pass, pass}, {"b", "", pass, pass}}, 0},
		"one that was gone":  {named("a", "b"), named("a"), []ClientChange{{"a", "", pass, pass}, {"b", "", pass, ""}}, 1},
		"one that is new":    {named("a"), named("a", "b"), []ClientChange{{"a", "", pass, pass}, {"b", "", "", pass}}, 0},
		"one that is called": {named("a", "x"), named("a", "y"), []ClientChange{{"a", "", pass, pass}, {"y", "x", pass, pass}}, 0},
		"two that may be":    {named("x", "y"), named("v", "w"), []ClientChange{{"v", "", "", pass}, {"w", "", "", pass}, {"x", "", pass, ""}, {"y", "", pass, ""}}, 2},
	} {
		c := Compare(test.old, test.now)
		if diff := cmp.Diff(test.want, c.Clients); diff != "" {
			t.Errorf("%s: clients (-want +got):\n%s", name, diff)
		}
		if len(c.Unclear) != test.unclear {
			t.Errorf("%s: %d unclear, want %d", name, len(c.Unclear), test.unclear)
		}
	}
}

// A command that failed, or a fault that never fired, is in no finding.
func TestCompareTellsOfTheReportAsAWhole(t *testing.T) {
	t.Parallel()
	old, now := saying("backs-off", verdict.Pass), saying("backs-off", verdict.Pass)
	now.Verdict.Result, now.Verdict.Reasons = verdict.Fail, []string{"the command ended with exit status 5"}
	if c := Compare(old, now); c.Result != verdict.Fail || len(c.Worse) != 1 || !strings.Contains(c.Worse[0].Summary, "status 5") {
		t.Errorf("%+v, want worse because of the command", c)
	}
	now.Verdict.Result = verdict.Inconclusive
	if c := Compare(old, now); c.Result != verdict.Inconclusive || len(c.Unclear) != 1 {
		t.Errorf("%+v, want unclear", c)
	}
}

func TestCompareCoverage(t *testing.T) {
	t.Parallel()
	matrix := func(met ...string) *coverage.Matrix {
		m := &coverage.Matrix{Endpoints: []coverage.Endpoint{{Endpoint: "search"}}, Tally: coverage.Tally{Covered: len(met), Of: 4, Share: float64(len(met)) / 4}}
		for _, name := range met {
			m.Endpoints[0].Errors = append(m.Endpoints[0].Errors, coverage.Cell{Error: coverage.Error{Kind: coverage.KindStatus, Name: name}, Attempts: 1})
		}
		return m
	}
	old, now := saying("backs-off", verdict.Pass), saying("backs-off", verdict.Pass)
	old.Coverage, now.Coverage = matrix("503", "500"), matrix("503", "429", "404")
	c := Compare(old, now)
	if diff := cmp.Diff(&CoverageChange{Old: coverage.Tally{Covered: 2, Of: 4, Share: 0.5}, New: coverage.Tally{Covered: 3, Of: 4, Share: 0.75}, Lost: []string{"search 500"}, Gained: []string{"search 404", "search 429"}}, c.Coverage); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
	if c.Result != verdict.Pass {
		t.Errorf("result is %s, want pass: coverage weighs nothing", c.Result)
	}
}

// apart are two reports between which everything changed.
func apart() Comparison {
	before, after := full(), full()
	before.Verdict = mixed
	before.Verdict.Clients = slices.Clone(mixed.Clients)
	after.Verdict = verdict.Report{Version: 1, Result: verdict.Fail, Clients: []verdict.Verdict{careful, lawful, hammer}}
	after.Verdict.Clients[2].Findings = []verdict.Finding{
		{Check: "backs-off", Result: verdict.Pass, Exposed: 3, Summary: "The least of 11 gaps was 512 ms."},
		{Check: "transient-retried", Status: 503, Result: verdict.Fail, Exposed: 4, Summary: "4 of 4 were given up.", Advice: "Try again."},
		{Check: "body-kept", Status: 500, Result: verdict.Inconclusive, Exposed: 1, Missing: "1 more"},
	}
	before.Verdict.Clients[2].Laws = []verdict.Law{{Sentence: "no delay", Fit: unseen}}
	after.Verdict.Clients[0].Laws = []verdict.Law{{Sentence: "constant 1 s", Fit: unseen}}
	after.Coverage = &coverage.Matrix{Tally: coverage.Tally{Of: 10}}
	return Compare(before, after)
}

func TestCompareForms(t *testing.T) {
	t.Parallel()
	h := evilContent(evil)
	for name, c := range map[string]Comparison{"apart": apart(), "hostile": Compare(saying("backs-off", verdict.Pass), h), "same": Compare(h, h)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, "compare-"+name+".txt", func(w io.Writer) error { return CompareText(w, c, TextOptions{}) })
			golden(t, "compare-"+name+".md", func(w io.Writer) error { return CompareMarkdown(w, c) })
			document := golden(t, "compare-"+name+".json", func(w io.Writer) error { return CompareJSON(w, c) })
			if strings.Contains(document, "null") {
				t.Errorf("null in the document:\n%s", document)
			}
			var back Comparison
			if err := json.Unmarshal([]byte(document), &back); err != nil || back.Result != c.Result || len(back.Worse) != len(c.Worse) {
				t.Errorf("read back as %+v, %v", back, err)
			}
		})
	}
}

func TestReadDocument(t *testing.T) {
	t.Parallel()
	c := full()
	var b bytes.Buffer
	if err := Document(&b, c); err != nil {
		t.Fatal(err)
	}
	got, err := ReadDocument(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole(c.Verdict), got.Verdict); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(c.Coverage, got.Coverage); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		"":                                       "is no report",
		"{}":                                     "has no version",
		`{"kind":"journal","version":2}`:         "has no version or no result",
		`{"version":2,"result":"pass"}`:          "is of version 2, want 1",
		`{"version":1,"result":"pass"} {}`:       "is no report",
		`{"version":1,"result":"pass","new": 1}`: "",
	} {
		_, err := ReadDocument(strings.NewReader(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error is %v, want %q", text, err, want)
		}
	}
}
