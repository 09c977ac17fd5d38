package report

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

func TestJUnit(t *testing.T) {
	t.Parallel()
	for name, r := range reports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := golden(t, name+".xml", func(w io.Writer) error { return JUnit(w, r) })
			checkSchema(t, got)
			checkCounts(t, got)
		})
	}
}

// TestJUnitIsGreenOnlyForAPass holds the one thing a CI server looks at.
func TestJUnitIsGreenOnlyForAPass(t *testing.T) {
	t.Parallel()
	for name, r := range reports {
		document := read(t, r)
		green := document.Failures+document.Errors == 0
		if want := r.Result == verdict.Pass; green != want {
			t.Errorf("%s: green is %t for result %q, want %t", name, green, r.Result, want)
		}
	}
}

func TestJUnitClientsAreGreenOnlyForAPass(t *testing.T) {
	t.Parallel()
	for _, result := range []verdict.Result{verdict.Pass, verdict.Inconclusive, verdict.Fail, "", "unknown"} {
		document := read(t, verdict.Report{Result: verdict.Pass, Clients: []verdict.Verdict{{
			Client: "c", Result: result, Findings: []verdict.Finding{{Check: "backs-off", Result: verdict.Pass, Exposed: 1}},
		}}})
		s := document.Suites[1]
		green := s.Failures+s.Errors == 0
		if want := result == verdict.Pass; green != want {
			t.Errorf("a client with result %q: green is %t, want %t", result, green, want)
		}
	}
}

func TestJUnitSkipsAClientThatMetNothing(t *testing.T) {
	t.Parallel()
	document := read(t, verdict.Report{Result: verdict.Pass, Clients: []verdict.Verdict{careful, curious}})
	if s := document.Suites[2]; s.Name != curious.Client || s.Skipped != s.Tests {
		t.Errorf("suite %q has %d of %d cases skipped, want all of %q", s.Name, s.Skipped, s.Tests, curious.Client)
	}
}

// TestJUnitShowsWhatNeverFired: the clients' failures must not hide that a
// fault was not tried.
func TestJUnitShowsWhatNeverFired(t *testing.T) {
	t.Parallel()
	got := read(t, mixed).Suites[0].Cases[0]
	if got.Error == nil || !strings.Contains(got.Error.Text, mixed.Reasons[0]) {
		t.Errorf("the case of the whole report is %+v, want an error with %q", got, mixed.Reasons[0])
	}
}

func read(t *testing.T, r verdict.Report) suites {
	t.Helper()
	var b bytes.Buffer
	if err := JUnit(&b, r); err != nil {
		t.Fatal(err)
	}
	return decode(t, b.String())
}

func decode(t *testing.T, document string) suites {
	t.Helper()
	var got suites
	if err := xml.Unmarshal([]byte(document), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// schema is the part of the common schema (Jenkins' junit-10.xsd) that a report
// may use: for each element its attributes, those needed first, and its children.
var schema = map[string]struct{ needed, allowed, children []string }{
	"testsuites": {nil, []string{"name", "time", "tests", "failures", "disabled", "errors"}, []string{"testsuite"}},
	"testsuite":  {[]string{"name", "tests"}, []string{"failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"}, []string{"properties", "testcase", "system-out", "system-err"}},
	"testcase":   {[]string{"name"}, []string{"assertions", "time", "classname", "status"}, []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"skipped":    {nil, []string{"message"}, nil},
	"error":      {nil, []string{"type", "message"}, nil},
	"failure":    {nil, []string{"type", "message"}, nil},
	"system-out": {},
}

func checkSchema(t *testing.T, document string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(document))
	var path []string
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			rule, ok := schema[name]
			if !ok || len(path) == 0 && name != "testsuites" ||
				len(path) > 0 && !slices.Contains(schema[path[len(path)-1]].children, name) {
				t.Fatalf("<%s> in %v", name, path)
			}
			var given []string
			for _, attr := range token.Attr {
				given = append(given, attr.Name.Local)
				if !slices.Contains(rule.needed, attr.Name.Local) && !slices.Contains(rule.allowed, attr.Name.Local) {
					t.Errorf("<%s> has attribute %s", name, attr.Name.Local)
				}
			}
			for _, attr := range rule.needed {
				if !slices.Contains(given, attr) {
					t.Errorf("<%s> lacks attribute %s", name, attr)
				}
			}
			path = append(path, name)
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

// checkCounts counts again what the attributes say.
func checkCounts(t *testing.T, document string) {
	t.Helper()
	got := decode(t, document)
	tests, failures, errors := 0, 0, 0
	for _, s := range got.Suites {
		counts := map[string]int{}
		for _, c := range s.Cases {
			outcomes := 0
			for kind, o := range map[string]*outcome{"skipped": c.Skipped, "error": c.Error, "failure": c.Failure} {
				if o != nil {
					counts[kind]++
					outcomes++
				}
			}
			if outcomes > 1 {
				t.Errorf("case %q has %d outcomes", c.Name, outcomes)
			}
		}
		if s.Tests != len(s.Cases) || s.Failures != counts["failure"] || s.Errors != counts["error"] || s.Skipped != counts["skipped"] {
			t.Errorf("suite %q says %d tests, %d failures, %d errors, %d skipped, but has %d and %v", s.Name, s.Tests, s.Failures, s.Errors, s.Skipped, len(s.Cases), counts)
		}
		tests, failures, errors = tests+s.Tests, failures+s.Failures, errors+s.Errors
	}
	if got.Tests != tests || got.Failures != failures || got.Errors != errors {
		t.Errorf("the document says %d tests, %d failures, %d errors, its suites %d, %d, %d", got.Tests, got.Failures, got.Errors, tests, failures, errors)
	}
}
