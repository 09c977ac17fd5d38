package report

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	for name, r := range reports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := golden(t, name+".json", func(w io.Writer) error { return JSON(w, r) })
			if strings.Contains(got, "null") {
				t.Errorf("null in the document:\n%s", got)
			}
		})
	}
}

func TestJSONIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		want := verdict.Report{
			Version: 1, Result: verdict.Warn, Reasons: []string{s},
			Clients: []verdict.Verdict{{Client: s, Result: verdict.Fail, Findings: []verdict.Finding{{Check: s, Result: verdict.Fail, Summary: s}}}},
			Faults:  []verdict.FaultUse{{Name: s, Matched: rapid.Uint64().Draw(t, "matched")}},
		}
		var b bytes.Buffer
		if err := JSON(&b, want); err != nil {
			t.Fatal(err)
		}
		for _, c := range b.String() {
			if c != '\n' && !unicode.IsPrint(c) {
				t.Fatalf("%U in the document:\n%q", c, b.String())
			}
		}
		var got verdict.Report
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%v in\n%s", err, &b)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("read back (-want +got):\n%s", diff)
		}
	})
}
