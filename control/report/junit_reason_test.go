package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/control/report"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Two findings of one check, on endpoints with a policy of their own and on all others, have two names.
func TestFindingsOnEndpointsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	r := verdict.Report{Version: 1, Result: verdict.Fail, Clients: []verdict.Verdict{{Client: "c", Result: verdict.Fail, Findings: []verdict.Finding{
		{Check: "backs-off", Status: 503, Result: verdict.Fail, Summary: "at once", Exposed: 3},
		{Check: "backs-off", Status: 503, Endpoints: []string{"search", "lookup"}, Result: verdict.Fail, Summary: "at once", Exposed: 3},
	}}}}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"JUnit":    func(b *bytes.Buffer) error { return report.JUnit(b, r) },
		"text":     func(b *bytes.Buffer) error { return report.Text(b, r, report.TextOptions{Width: 120}) },
		"Markdown": func(b *bytes.Buffer) error { return report.Markdown(b, report.Content{Verdict: r}) },
		"HTML":     func(b *bytes.Buffer) error { return report.HTML(b, report.Content{Verdict: r}) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(strings.ReplaceAll(b.String(), "\\", ""), "503 on search, lookup"); got == 0 || name == "JUnit" && got != 1 {
			t.Errorf("%s names the finding on two endpoints %d times, in\n%s", name, got, &b)
		}
		if strings.Contains(b.String(), "lookup on search") {
			t.Errorf("%s names the endpoints twice", name)
		}
	}
}

// What failed beside a finding that fails is no lack of evidence.
func TestJUnitTellsWhatFailedBesideAFinding(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := verdict.Report{
		Version: 1, Result: verdict.Fail, Reasons: []string{"coverage is 3 %, want 50 %", "fault \"down\" never matched"},
		Clients: []verdict.Verdict{{Client: "c", Result: verdict.Fail, Findings: []verdict.Finding{{Check: "backs-off", Result: verdict.Fail, Summary: "at once", Exposed: 3}}}},
	}
	if err := report.JUnitContent(&out, report.Content{Verdict: r, Failures: r.Reasons[:1]}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if strings.Count(text, "<failure") != 2 || !strings.Contains(text, `<failure message="coverage is 3 %, want 50 %"`) {
		t.Errorf("got\n%s\nwant two failures, one of which gives the reason", text)
	}
	if _, open, _ := strings.Cut(text, "<error"); strings.Contains(open, "coverage") || !strings.Contains(open, "never matched") {
		t.Errorf("got\n%s\nwant an error for what never matched alone", text)
	}
}

func TestJUnitTellsAFailureThatNoClientIsTo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := verdict.Report{Version: 1, Result: verdict.Fail, Reasons: []string{"the command ended with exit status 5"}}
	if err := report.JUnit(&out, r); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "<failure") || !strings.Contains(text, "exit status 5") || strings.Contains(text, "<error") {
		t.Errorf("got\n%s\nwant a failure that gives the reason", text)
	}
}
