//go:build e2e

package main

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	out, log, status := execute(t, nil, binary, "demo", "--json")
	if status != 0 {
		t.Fatalf("exit status is %d, want 0\n%s", status, log)
	}
	report := parseReport(t, out)
	want := map[string]map[string]verdict.Result{
		"importer":   {"backs-off": verdict.Fail, "write-not-repeated": verdict.Fail},
		"kiosk":      {"transient-retried 503": verdict.Fail, "transient-retried 429": verdict.Fail, "write-not-repeated": verdict.Pass},
		"web-player": {"transient-retried 503": verdict.Pass, "backs-off": verdict.Pass, "write-not-repeated": verdict.Pass},
	}
	if len(report.Clients) != len(want) {
		t.Fatalf("%d verdicts, want %d", len(report.Clients), len(want))
	}
	for _, v := range report.Clients {
		holds(t, v, want[v.Client])
		result := verdict.Fail
		if v.Client == "web-player" {
			result = verdict.Pass
		}
		if v.Result != result {
			t.Errorf("%s: the verdict is %q, want %q", v.Client, v.Result, result)
		}
		for _, f := range v.Findings {
			if v.Client == "web-player" && f.Result == verdict.Fail {
				t.Errorf("web-player fails %s: %s", f.Check, f.Summary)
			}
			if f.Result == verdict.Fail && (len(f.Attempts) == 0 || len(f.Calls) == 0) {
				t.Errorf("%s fails %s without evidence", v.Client, f.Check)
			}
		}
	}
}

const twice = `
[[faults]]
name = "once"
match.endpoints = ["lookup"]
attempts = 1
answer.status = 503
`

// workload looks up five tracks side by side by curl, with the flags in place
// of FLAGS.
const workload = `for i in 1 2 3 4 5 6; do
	curl -sS FLAGS -H 'Authorization: Bearer standin-application' -H "X-Groovechaos-Call: $i" \
		"$GROOVE_BASE_URL/1/content/music.2F531400-0200-11DB-89CA-0019B92A3933/lookup?call=$i" &
done
wait`

func TestRun(t *testing.T) {
	t.Parallel()
	need(t, "curl")
	retrying, plain := strings.ReplaceAll(workload, "FLAGS", "--retry 3"), strings.ReplaceAll(workload, "FLAGS", "")
	tests := map[string]struct {
		script  string
		flags   []string
		status  int
		result  verdict.Result
		summary string
	}{
		"0, met":                         {script: retrying, result: verdict.Pass},
		"3, not met":                     {script: plain, status: 3, result: verdict.Fail},
		"3, the command failed":          {script: retrying + "; exit 5", status: 3, result: verdict.Fail},
		"4, too little seen":             {script: ":", status: 4, result: verdict.Inconclusive},
		"0, past a proxy that is not up": {script: "export http_proxy=http://127.0.0.1:1; " + retrying, result: verdict.Pass},
		"2, wrong command line":          {script: retrying, flags: []string{"--check", "no-such-check"}, status: 2},
		"1, could not write the report":  {script: retrying, flags: []string{"--junit", "nowhere/junit.xml"}, status: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			junit, report := filepath.Join(dir, "junit.xml"), filepath.Join(dir, "report.json")
			args := []string{"run", save(t, twice), "--check", "transient-retried", "--junit", junit, "--report", report}
			args = append(append(args, test.flags...), "--", "sh", "-c", test.script)
			out, log, status := execute(t, nil, binary, args...)
			if status != test.status {
				t.Errorf("exit status is %d, want %d\n%s%s", status, test.status, out, log)
			}
			text, err := os.ReadFile(report)
			if test.result == "" {
				if err == nil {
					t.Error("a report was written, want none")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r := parseReport(t, string(text)); r.Result != test.result {
				t.Errorf("the report says %q, want %q", r.Result, test.result)
			}
			checkJUnit(t, junit, test.result)
		})
	}
}

// checkJUnit reads a report as a CI server would: it is red unless the verdict
// is a pass.
func checkJUnit(t *testing.T, file string, result verdict.Result) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
	}
	if err := xml.Unmarshal(text, &suites); err != nil {
		t.Fatal(err)
	}
	if red := suites.Failures+suites.Errors > 0; red != (result != verdict.Pass) || suites.Tests == 0 {
		t.Errorf("JUnit counts %+v for a verdict of %q", suites, result)
	}
}
