package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// contents are what the forms for people are tested with, by the names of their golden files.
var contents = map[string]Content{
	"sweep": swept(),
	"full":  full(), "hostile": evilContent(evil), "nobody": {Verdict: reports["nobody"]}, "together": {Verdict: reports["together"]},
}

func TestHTML(t *testing.T) {
	t.Parallel()
	for name, c := range contents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := golden(t, name+".html", func(w io.Writer) error { return HTML(w, c) })
			checkPage(t, got)
		})
	}
}

// checkPage holds what every page must be: whole, by itself, without script, with links that lead somewhere.
func checkPage(t interface{ Errorf(string, ...any) }, page string) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Errorf("parse: %v", err)
		return
	}
	ids, links := map[string]int{}, []string{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"script", "link", "img", "iframe", "object", "embed", "form", "input", "base", "b"}, n.Data) {
			t.Errorf("element %s on the page", n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				ids[a.Val]++
			case a.Key == "href":
				links = append(links, a.Val)
			case a.Key == "src" || a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("attribute %s=%q on the page", a.Key, a.Val)
			}
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q stands %d times", id, n)
		}
	}
	for _, link := range links {
		if target, inside := strings.CutPrefix(link, "#"); !inside || ids[target] == 0 {
			t.Errorf("link to %q leads nowhere on the page", link)
		}
	}
	if strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "url(") || strings.Contains(page, "@import") {
		t.Errorf("the page holds a refused value or an address in its style")
	}
	for _, c := range page {
		if c != '\n' && !unicode.IsPrint(c) && c != '\u202f' {
			t.Errorf("%U on the page", c)
			return
		}
	}
}

// evilContent has the same text wherever there is room for one.
func evilContent(s string) Content {
	a := observe.Attempt{
		Sequence: 1, Time: start, Client: s, Endpoint: s, Method: s, Target: s, Status: 503, Class: groove.ClassFailure, ErrorCode: groove.ErrorCode(s),
		Origin: observe.OriginInjected, End: observe.EndComplete, RetryAfter: s, Fault: s, DelayedBy: []string{s}, SpoiledBy: []string{s},
	}
	call := observe.Call{ID: s, Client: s, Method: s, Target: s, Grouping: observe.Grouping(s), Attempts: []*observe.Attempt{&a, &a}}
	c := Content{
		Verdict: hostile, Title: s,
		Traffic: &Traffic{
			Calls: 1, Attempts: 2, Begin: start, End: start.Add(time.Second), Rate: make([]RateBin, 2),
			Clients: []ClientTraffic{{Client: s, Calls: 1, Attempts: 2, Tries: []int{0, 1}, Timelines: []Timeline{{Call: call, Attempts: 2, Evidence: []string{s}}}}},
		},
		Coverage: &coverage.Matrix{
			Version: coverage.Version, Basis: s, Tally: coverage.Tally{Covered: 1, Of: 1, Share: 1}, Kinds: []coverage.KindTally{{Kind: coverage.KindStatus, Tally: coverage.Tally{Of: 1}}},
			Endpoints: []coverage.Endpoint{{
				Endpoint: s, Errors: []coverage.Cell{{Error: coverage.Error{Kind: coverage.KindStatus, Name: s}, Attempts: 1}},
				Beyond: []coverage.Cell{{Error: coverage.Error{Kind: coverage.KindErrorCode, Name: s}, Attempts: 1}},
			}},
		},
		Phases:       []Phase{{Name: s, Begin: start, End: start.Add(time.Second), Faults: []string{s}}},
		Expectations: []Assessment{{Name: s, Result: verdict.Result(s), Summary: s}}, Probes: []Assessment{{Name: s, Summary: s}},
		Sweep: &Sweep{Cells: []SweepCell{{Endpoint: s, Fault: s, Mode: s, Result: verdict.Fail, Summary: s}}, Notes: []string{s}},
	}
	c.Verdict.Notes = []string{s}
	c.Verdict.Reasons = []string{s}
	c.Verdict.Clients = []verdict.Verdict{{
		Client: s, Result: verdict.Fail, Calls: 1, Attempts: 2, Laws: []verdict.Law{{Sentence: s, Families: []string{s}, Fit: unseen}},
		Findings: []verdict.Finding{
			{Check: s, Result: verdict.Fail, Summary: s, Missing: s, Advice: s, Norm: s, Calls: []string{s}, Attempts: []uint64{1}, Grouping: observe.Grouping(s), Endpoints: []string{s}, Exposed: 1},
			{Check: s, Result: verdict.Pass, Summary: s, Exposed: 1},
		},
		Endpoints: []verdict.Part{{Endpoint: s, Result: verdict.Fail, Findings: []verdict.Finding{{Check: s, Result: verdict.Fail}}}},
	}}
	c.Verdict.Faults = []verdict.FaultUse{{Name: s}}
	return c
}

// Whatever the wire brings, the page has the elements that it has with a harmless word.
func TestHTMLStaysWhatItIs(t *testing.T) {
	t.Parallel()
	want := elements(t, "word")
	signs := []rune(`<>"'&=/\` + "`" + `{}()#;:!-` + "\u2028\u202e\u0000\u001b\n")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.OneOf(rapid.RuneFrom(signs), rapid.RuneFrom([]rune("abc <script>onload=")), rapid.Rune()), 1, 60, -1).Filter(noWait).Draw(t, "text")
		if diff := cmp.Diff(want, elements(t, s)); diff != "" {
			t.Fatalf("elements with %q (-want +got):\n%s", s, diff)
		}
	})
}

// noWait leaves out what is a wait as a Retry-After: that is drawn, as it should be.
func noWait(s string) bool {
	_, waits := observe.ParseRetryAfter(s, start)
	return !waits
}

func elements(t interface{ Errorf(string, ...any) }, s string) []string {
	var b bytes.Buffer
	if err := HTML(&b, evilContent(s)); err != nil {
		t.Errorf("HTML: %v", err)
	}
	checkPage(t, b.String())
	root, err := html.Parse(&b)
	if err != nil {
		t.Errorf("parse: %v", err)
		return nil
	}
	var names []string
	for n := range root.Descendants() {
		// What is drawn depends on how long the words are.
		if n.Type == html.ElementNode && n.Data != "text" && n.Data != "wbr" {
			names = append(names, n.Data)
		}
	}
	return names
}

func TestHTMLSaysTheVerdictFirst(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := HTML(&b, full()); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	last := 0
	for _, mark := range []string{"<strong>fail</strong>", "Expectations", `id="sweep"`, `id="client-1"`, "hasty", "What to change:", "checks</summary>", "Attempts per call", "<h3>Calls</h3>", `id="client-2"`, "patient", `id="rate"`, `id="coverage"`, `id="faults"`} {
		at := strings.Index(page[last:], mark)
		if at < 0 {
			t.Fatalf("%q does not stand behind what must come before it", mark)
		}
		last += at
	}
}

// crowd is a Content as large as one can be.
func crowd(clients int) Content {
	c := full()
	v, tr := c.Verdict.Clients[0], c.Traffic.Clients[0]
	one := tr.Timelines[0]
	one.Call.Attempts = slices.Repeat(one.Call.Attempts, mostShown)[:mostShown]
	tr.Timelines = slices.Repeat([]Timeline{one}, mostEvidence+mostExamples)
	law := c.Verdict.Clients[1].Laws[0]
	law.Fit.Points = slices.Repeat([]backoff.Point{{Index: 1, Waits: slices.Repeat([]time.Duration{time.Second}, 64), Low: time.Millisecond, High: time.Minute}}, 40)
	v.Laws = slices.Repeat([]verdict.Law{law}, 8)
	v.Findings = nil
	for _, check := range verdict.Checks() {
		f := verdict.Finding{Check: check.Name, Result: verdict.Fail, Summary: strings.Repeat("word ", 30), Advice: check.Advice, Norm: check.Norm, Exposed: 99, Grouping: observe.GroupingInferred}
		for i := range uint64(verdict.MaxEvidence) {
			f.Calls, f.Attempts = append(f.Calls, fmt.Sprint(100_000+i)), append(f.Attempts, 100_000+2*i)
		}
		v.Findings = append(v.Findings, f)
	}
	c.Verdict.Clients, c.Traffic.Clients = nil, nil
	for i := range clients {
		v.Client = fmt.Sprintf("client-%d", i)
		tr.Client = v.Client
		c.Verdict.Clients = append(c.Verdict.Clients, v)
		c.Traffic.Clients = append(c.Traffic.Clients, tr)
		c.Verdict.Faults = append(c.Verdict.Faults, verdict.FaultUse{Name: v.Client, Matched: 1})
	}
	c.Sweep.Cells = nil
	for _, e := range groove.Endpoints() {
		for _, code := range groove.ErrorCodes() {
			for _, mode := range []string{"once", "twice", "always"} {
				c.Sweep.Cells = append(c.Sweep.Cells, SweepCell{Endpoint: e.Name, Fault: string(code.Code), Mode: mode, Result: verdict.Fail, Summary: strings.Repeat("word ", 60), Tail: strings.Repeat("line\n", 400)})
				for i := range 3 {
					c.Sweep.Cells = append(c.Sweep.Cells, SweepCell{Endpoint: e.Name, Fault: fmt.Sprintf("%s-%d", code.Code, i), Mode: mode, Result: verdict.Inconclusive, Summary: fmt.Sprint(i, mode, code.Code, e.Name)})
				}
			}
		}
	}
	return c
}

// mostBytes is what a page may have at most.
const mostBytes = 3 << 20

func TestHTMLIsBounded(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := HTML(&b, crowd(5000)); err != nil {
		t.Fatal(err)
	}
	if b.Len() > mostBytes {
		t.Errorf("the page has %d bytes, want at most %d", b.Len(), mostBytes)
	}
	for _, said := range []string{"Only the clients above have all their findings here", "And 4475 more.", "And 4503 more.", "24 later retries are left out"} {
		if !strings.Contains(b.String(), said) {
			t.Errorf("the page does not say %q", said)
		}
	}
	checkPage(t, b.String())
}

// BenchmarkHTML is what a journal of 100 000 attempts costs beyond its verdict: going through it, and the page.
func BenchmarkHTML(b *testing.B) {
	var long tape
	for c := range 20 {
		client := fmt.Sprintf("client-%d", c)
		long.baseline(client)
		long.storm(client, 1250, 10*time.Second, time.Duration(1+c%3*299)*time.Millisecond)
	}
	attempts := slices.Collect(long.all())
	r := verdict.Judge(verdict.Journal{Attempts: slices.Values(attempts), Ended: true}, verdict.Options{})
	for b.Loop() {
		var page bytes.Buffer
		if err := HTML(&page, Collect(r, slices.Values(attempts), CollectOptions{Ended: true})); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(page.Len()), "bytes")
		b.ReportMetric(float64(len(attempts)), "attempts")
		if page.Len() > mostBytes {
			b.Fatalf("the page has %d bytes", page.Len())
		}
	}
}
