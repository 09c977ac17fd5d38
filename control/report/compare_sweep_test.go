package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// matrixOf is a report on a sweep with a case that passed and this one.
func matrixOf(cells ...SweepCell) Content {
	c := Content{Sweep: &Sweep{Cells: append([]SweepCell{{Endpoint: "lookup", Fault: "404", Mode: "once", Result: verdict.Fail, Check: "final-not-retried"}}, cells...)}}
	c.Verdict = verdict.Report{Version: 1, Result: verdict.Fail}
	return c
}

func TestCompareLooksIntoSweeps(t *testing.T) {
	t.Parallel()
	once := SweepCell{Endpoint: "search", Fault: "503", Mode: "once", Result: verdict.Pass}
	twice := SweepCell{Endpoint: "search", Fault: "503", Mode: "twice", Result: verdict.Fail, Check: "backs-off", Summary: "It came back at once."}
	same, left, missed, passes := twice, twice, twice, twice
	same.State, left.State, missed.State, passes.Result = SweepSame, SweepLeft, SweepMissed, verdict.Pass
	for name, test := range map[string]struct {
		old, now Content
		want     verdict.Result
		where    func(Comparison) []Change
	}{
		"worse":                   {matrixOf(once, passes), matrixOf(once, twice), verdict.Fail, func(c Comparison) []Change { return c.Worse }},
		"fails and was as once":   {matrixOf(once, same), matrixOf(once, twice), verdict.Fail, func(c Comparison) []Change { return c.Worse }},
		"better":                  {matrixOf(once, twice), matrixOf(once, passes), verdict.Pass, func(c Comparison) []Change { return c.Better }},
		"as once now":             {matrixOf(once, twice), matrixOf(once, same), verdict.Pass, func(c Comparison) []Change { return c.Better }},
		"left out":                {matrixOf(once, passes), matrixOf(once, left), verdict.Inconclusive, func(c Comparison) []Change { return c.Unclear }},
		"not reached":             {matrixOf(once, passes), matrixOf(once, missed), verdict.Inconclusive, func(c Comparison) []Change { return c.Unclear }},
		"gone":                    {matrixOf(once, passes), matrixOf(once), verdict.Inconclusive, func(c Comparison) []Change { return c.Unclear }},
		"new and well":            {matrixOf(once), matrixOf(once, passes), verdict.Pass, func(c Comparison) []Change { return c.Added }},
		"a failure that was left": {matrixOf(once, left), matrixOf(once, twice), verdict.Fail, func(c Comparison) []Change { return c.Worse }},
	} {
		c := Compare(test.old, test.now)
		changes := test.where(c)
		if c.Result != test.want || len(changes) != 1 || changes[0].Case != "search 503 twice" {
			t.Errorf("%s: is %s with %+v", name, c.Result, changes)
		}
		if n := len(c.Worse) + len(c.Better) + len(c.Unclear) + len(c.Added); n != 1 {
			t.Errorf("%s: has %d changes, want 1", name, n)
		}
	}
	if c := Compare(matrixOf(once, twice), matrixOf(once, twice)); c.Result != verdict.Pass || len(c.Worse) > 0 {
		t.Errorf("alike: is %s with %+v", c.Result, c.Worse)
	}
}

func TestCompareNamesTheCase(t *testing.T) {
	t.Parallel()
	fails := SweepCell{Endpoint: "search", Fault: "503", Mode: "twice", Result: verdict.Fail, Check: "backs-off", Summary: "It came back at once."}
	c := Compare(matrixOf(), matrixOf(fails))
	var text, marked bytes.Buffer
	if err := CompareText(&text, c, TextOptions{Width: 100}); err != nil {
		t.Fatal(err)
	}
	if err := CompareMarkdown(&marked, c); err != nil {
		t.Fatal(err)
	}
	want := "search 503 twice: backs-off"
	for _, got := range []string{text.String(), marked.String()} {
		if !strings.Contains(got, want) || !strings.Contains(got, "It came back at once.") {
			t.Errorf("lacks the case %q (%s)", want, cmp.Diff(want, got))
		}
	}
}
