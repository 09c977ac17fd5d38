package report

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// swept is the report of a sweep, with a cell of every sort.
func swept() Content {
	cell := func(endpoint, fault, mode string, r verdict.Result) SweepCell {
		return SweepCell{Endpoint: endpoint, Fault: fault, Mode: mode, Result: r, Summary: "1 request did not come again; the command ended well"}
	}
	bad := cell(groove.Lookup, "503", "once", verdict.Fail)
	bad.Check, bad.Exit, bad.Tail = "exit-status", "exit status 1", "ok 1 - genres\nnot ok 2 - lookup\n"
	bad.Summary = "the command ended with exit status 1 for a fault that passes at once and should be mended by a repeat: it did not come again"
	same := bad
	same.Mode, same.State, same.Tail = "twice", SweepSame, ""
	left := cell(groove.Lookup, "503", "always", verdict.Inconclusive)
	left.State, left.Summary = SweepLeft, "not run: there was no time left"
	missed := cell(groove.CollectionAdd, "truncate", "once", verdict.Inconclusive)
	missed.State, missed.Summary = SweepMissed, "not reached: nothing came to the endpoint this time"
	hung := cell(groove.CollectionAdd, "hang", "once", verdict.Fail)
	hung.Check, hung.Hung, hung.Summary = "time-limit", true, "hung: the command did not end within 5s and was stopped"
	again := bad
	again.Fault = "502"
	return Content{
		Title:   "Sweep of npm test",
		Verdict: verdict.Report{Version: 1, Result: verdict.Fail, Reasons: []string{"1 case was left out, as there was no time for it in the budget of 5m0s; --resume goes on"}},
		Sweep: &Sweep{
			Peace: 400 * time.Millisecond, Took: 90 * time.Second, Notes: []string{"reset stands for close"},
			Cells: []SweepCell{
				cell(groove.Search, "400", "once", verdict.Pass), cell(groove.Search, "503", "once", verdict.Pass), again, bad, same, left,
				cell(groove.Search, "soft-error", "once", verdict.Info), cell(groove.CollectionAdd, "429", "once", verdict.Warn), hung, missed,
			},
		},
	}
}

func TestSweepText(t *testing.T) {
	t.Parallel()
	golden(t, "sweep.txt", func(w io.Writer) error { return SweepText(w, swept(), TextOptions{}) })
	golden(t, "sweep-color.txt", func(w io.Writer) error {
		return SweepText(w, swept(), TextOptions{Color: true, Width: 40, Verbose: true})
	})
	golden(t, "sweep-nothing.txt", func(w io.Writer) error {
		return SweepText(w, Content{Verdict: verdict.Report{Result: verdict.Inconclusive, Reasons: []string{"no attempts were seen"}}, Sweep: &Sweep{}}, TextOptions{})
	})
}

func TestSweepTextOfHostileWords(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := SweepText(&b, evilContent("\x1b[31m\u202e\r\n\tx"), TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e\r\t") {
		t.Errorf("what came from the wire steers the terminal: %q", b.String())
	}
}

// A sweep in JUnit: a case for each cell that was meant to run, and the run as a whole.
func TestSweepJUnit(t *testing.T) {
	t.Parallel()
	document := golden(t, "sweep.xml", func(w io.Writer) error { return JUnitContent(w, swept()) })
	var d suites
	if err := xml.Unmarshal([]byte(document), &d); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range d.Suites {
		for _, c := range s.Cases {
			switch {
			case c.Failure != nil:
				got[s.Name+" / "+c.Name] = "failure"
			case c.Error != nil:
				got[s.Name+" / "+c.Name] = "error"
			case c.Skipped != nil:
				got[s.Name+" / "+c.Name] = "skipped"
			default:
				got[s.Name+" / "+c.Name] = "passed"
			}
		}
	}
	want := map[string]string{
		"groovechaos / enough was seen to judge": "error", "sweep search / 400 once": "passed", "sweep search / 503 once": "passed",
		"sweep lookup / 502 once": "failure", "sweep lookup / 503 once": "failure", "sweep lookup / 503 always": "skipped",
		"sweep search / soft-error once": "passed", "sweep collection.add / 429 once": "passed",
		"sweep collection.add / hang once": "failure", "sweep collection.add / truncate once": "skipped",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

// What is written in JSON is read again as it was.
func TestSweepInJSON(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Document(&b, swept()); err != nil {
		t.Fatal(err)
	}
	read, err := ReadDocument(&b)
	if err != nil {
		t.Fatal(err)
	}
	want := swept().Sweep
	for i := range want.Cells {
		want.Cells[i].State = want.Cells[i].State.known()
	}
	if diff := cmp.Diff(want, read.Sweep); diff != "" {
		t.Errorf("sweep (-written +read):\n%s", diff)
	}
}

// Marks stand in the place of their mode, though another endpoint has modes that this one lacks.
func TestSweepGridKeepsPlaces(t *testing.T) {
	t.Parallel()
	g := newSweepGrid(&Sweep{Cells: []SweepCell{
		{Endpoint: "a", Fault: "503", Mode: "once", Result: verdict.Pass},
		{Endpoint: "a", Fault: "503", Mode: "twice", Result: verdict.Pass},
		{Endpoint: "b", Fault: "503", Mode: "twice", Result: verdict.Fail},
	}})
	if got := g.Rows[0].Places[1]; got[0].Symbol != "" || got[1].Symbol != "✗" {
		t.Errorf("the marks of b are %+v, want none for once and a failure for twice", got)
	}
}

// TestSweepComesFirst holds the forms for people to one order: what was tried, then how much of the contract that is.
func TestSweepComesFirst(t *testing.T) {
	t.Parallel()
	forms := map[string]struct {
		write           func(io.Writer, Content) error
		sweep, coverage string
	}{
		"page":     {HTML, `id="sweep"`, `id="coverage"`},
		"Markdown": {Markdown, "### Sweep", "### Coverage"},
	}
	for name, form := range forms {
		var text strings.Builder
		if err := form.write(&text, full()); err != nil {
			t.Fatal(err)
		}
		sweep, coverage := strings.Index(text.String(), form.sweep), strings.Index(text.String(), form.coverage)
		if sweep < 0 || coverage < sweep {
			t.Errorf("%s: the sweep is at %d and the coverage at %d, want the sweep before it", name, sweep, coverage)
		}
	}
}
