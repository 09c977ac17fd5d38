package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

func TestText(t *testing.T) {
	t.Parallel()
	for name, r := range reports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".txt", func(w io.Writer) error { return Text(w, r, TextOptions{}) })
		})
	}
	for name, o := range map[string]TextOptions{
		"mixed-verbose": {Verbose: true},
		"mixed-color":   {Color: true},
		"mixed-narrow":  {Width: 1},
		"mixed-wide":    {Width: 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".txt", func(w io.Writer) error { return Text(w, mixed, o) })
		})
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestTextColoursOnlyOnDemand(t *testing.T) {
	t.Parallel()
	for name, r := range reports {
		black, coloured := text(t, r, TextOptions{}), text(t, r, TextOptions{Color: true})
		if strings.Contains(black, "\x1b") {
			t.Errorf("%s: escape sequences without Color", name)
		}
		if !escapes.MatchString(coloured) {
			t.Errorf("%s: no escape sequences with Color", name)
		}
		if got := escapes.ReplaceAllString(coloured, ""); got != black {
			t.Errorf("%s: colours change the words:\n%s", name, got)
		}
	}
}

func TestTextIsPrintable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune(evil)))).Draw(t, "text") +
			string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		r := verdict.Report{Reasons: []string{s}, Clients: []verdict.Verdict{{
			Client: s, Findings: []verdict.Finding{{Check: s, Result: verdict.Fail, Summary: s, Advice: s, Calls: []string{s}}},
		}}, Faults: []verdict.FaultUse{{Name: s}}}
		width := rapid.IntRange(0, 120).Draw(t, "width")
		var b bytes.Buffer
		if err := Text(&b, r, TextOptions{Width: width, Verbose: rapid.Bool().Draw(t, "verbose")}); err != nil {
			t.Fatal(err)
		}
		for _, c := range b.String() {
			if c != '\n' && !unicode.IsPrint(c) {
				t.Fatalf("%U in the text:\n%q", c, b.String())
			}
		}
	})
}

func TestTextKeepsItsWidth(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]verdict.Report{"mixed": mixed, "never-fired": neverFired, "long": {
		Result:  verdict.Fail,
		Reasons: []string{strings.Repeat("x", 500)},
		Clients: []verdict.Verdict{{Client: strings.Repeat("日本", 200), Findings: []verdict.Finding{{
			Check: "backs-off", Result: verdict.Fail, Summary: strings.Repeat("日本 word ", 60) + strings.Repeat("y", 300),
		}}}},
	}} {
		for _, width := range []int{56, 80, 120} {
			t.Run(fmt.Sprintf("%s at %d", name, width), func(t *testing.T) {
				t.Parallel()
				for line := range strings.Lines(text(t, r, TextOptions{Width: width, Verbose: true})) {
					if n := cells(strings.TrimSuffix(line, "\n")); n > width {
						t.Errorf("%d columns, want at most %d: %s", n, width, line)
					}
				}
			})
		}
	}
}

func TestTextShowsTheWorstFirst(t *testing.T) {
	t.Parallel()
	got := text(t, mixed, TextOptions{})
	last := -1
	for _, mark := range []string{"✗ backs-off", "✗ write-not-repeated 500", "? retry-after-honoured 429", "! transient-retried 429", "i amplification", "✓ 3 passed"} {
		at := strings.Index(got, mark)
		if at <= last {
			t.Errorf("%q is at %d, want it after %d", mark, at, last)
		}
		last = at
	}
}

func TestTextLeavesTheReportAlone(t *testing.T) {
	t.Parallel()
	before := fmt.Sprint(mixed)
	text(t, mixed, TextOptions{Verbose: true})
	if after := fmt.Sprint(mixed); after != before {
		t.Errorf("the report changed from %s to %s", before, after)
	}
}

func TestWriterErrorsAreReturned(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"Text":  Text(brokenWriter{}, mixed, TextOptions{}),
		"JSON":  JSON(brokenWriter{}, mixed),
		"JUnit": JUnit(brokenWriter{}, mixed),
	} {
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: %v, want the writer's error", name, err)
		}
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	for want, numbers := range map[string][]uint64{
		"":            nil,
		"7":           {7},
		"1-3, 9":      {9, 3, 1, 2, 3},
		"1-2, 4-5, 7": {1, 2, 4, 5, 7},
	} {
		if got := strings.Join(ranges(numbers), ", "); got != want {
			t.Errorf("ranges(%v) = %q, want %q", numbers, got, want)
		}
	}
}

func TestEvidenceSaysWhenThereIsMore(t *testing.T) {
	t.Parallel()
	calls := make([]string, verdict.MaxEvidence)
	for i := range calls {
		calls[i] = fmt.Sprint(i)
	}
	for name, test := range map[string]struct {
		calls []string
		most  int
		want  string
	}{
		"all":            {calls[:2], briefly, "rests on calls 0, 1"},
		"one":            {calls[:1], briefly, "rests on call 0"},
		"just enough":    {calls[:6], briefly, "rests on calls 0, 1, 2, 3, 4, 5"},
		"too many":       {calls[:7], briefly, "rests on calls 0, 1, 2, 3, 4, 5 and more"},
		"as many as fit": {calls, entirely, "rests on calls 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 and perhaps more"},
		"fewer than fit": {calls[1:4], entirely, "rests on calls 1, 2, 3"},
	} {
		if got := evidence(verdict.Finding{Calls: test.calls}, test.most); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func text(t *testing.T, r verdict.Report, o TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
