package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// A parser that nobody here wrote reads one case per check and client, with the results that the findings have.
func TestJUnitIsReadByAParser(t *testing.T) {
	t.Parallel()
	for name, r := range reports {
		var b bytes.Buffer
		if err := JUnit(&b, r); err != nil {
			t.Fatal(err)
		}
		suites, err := junit.IngestReader(&b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(suites) != len(r.Clients)+1 || suites[0].Name != overallSuite {
			t.Errorf("%s: %d suites, want the report's and %d of clients", name, len(suites), len(r.Clients))
			continue
		}
		for i := range r.Clients {
			checkSuite(t, name, &suites[i+1], &r.Clients[i])
		}
	}
}

// checkSuite compares the suite of a client with its findings.
func checkSuite(t *testing.T, name string, s *junit.Suite, v *verdict.Verdict) {
	t.Helper()
	if s.Name != strings.TrimSpace(clean(v.Client)) && s.Name != clean(v.Client) {
		t.Errorf("%s: suite is %q, want %q", name, s.Name, clean(v.Client))
	}
	if len(s.Tests) != len(v.Findings)+1 { // and one that says whether there was a verdict
		t.Errorf("%s: %s has %d cases, want one for each of %d findings and one more", name, s.Name, len(s.Tests), len(v.Findings))
		return
	}
	for i, f := range worstFirst(v.Findings) {
		want := map[verdict.Result]junit.Status{
			verdict.Fail: junit.StatusFailed, verdict.Inconclusive: junit.StatusSkipped,
			verdict.Warn: junit.StatusPassed, verdict.Info: junit.StatusPassed, verdict.Pass: junit.StatusPassed,
		}[known(f.Result)]
		got := &s.Tests[i]
		if got.Name != title(f) || got.Status != want || got.Classname != s.Name {
			t.Errorf("%s: case %d is %q of %q, %s; want %q, %s", name, i, got.Name, got.Classname, got.Status, title(f), want)
		}
	}
}
