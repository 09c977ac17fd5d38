package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/control/report"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

func TestJUnitTellsAFailureThatNoClientIsTo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := verdict.Report{Version: 1, Result: verdict.Fail, Reasons: []string{"the command ended with exit status 5"}}
	if err := report.JUnit(&out, r, report.JUnitOptions{}); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "<failure") || !strings.Contains(text, "exit status 5") || strings.Contains(text, "<error") {
		t.Errorf("got\n%s\nwant a failure that gives the reason", text)
	}
}
