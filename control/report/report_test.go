package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// golden compares what write writes with testdata/name.
func golden(t *testing.T, name string, write func(io.Writer) error) string {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got), run with -update if the change is meant:\n%s", path, diff)
	}
	return got.String()
}

// reports are the reports that every form is tested with, by the names of their
// golden files.
var reports = map[string]verdict.Report{
	"mixed":        mixed,
	"pass":         {Version: 1, Result: verdict.Pass, Clients: []verdict.Verdict{careful, curious}, Faults: []verdict.FaultUse{{Name: "throttled", Matched: 40, Fired: 4}}},
	"nobody":       {Version: 1, Result: verdict.Inconclusive, Reasons: []string{"no client was seen"}},
	"never-fired":  neverFired,
	"hostile":      hostile,
	"unknown-word": {Version: 1, Result: "splendid", Clients: []verdict.Verdict{{Client: "c", Result: "", Findings: []verdict.Finding{{Check: "backs-off", Result: "great", Summary: "All went well."}}}}},
	"too-little":   {Version: 1, Result: verdict.Inconclusive, Clients: []verdict.Verdict{{Client: "c", Result: verdict.Inconclusive, Calls: 1, Attempts: 1, Findings: []verdict.Finding{{Check: "backs-off", Result: verdict.Inconclusive, Summary: "1 gap was 300 ms.", Missing: "2 more gaps", Exposed: 1}}}}},
	"together": {
		Version: 1, Result: verdict.Pass, Clients: []verdict.Verdict{lawful}, Notes: []string{"3 attempts came twice and counted once"},
		Findings: []verdict.Finding{
			{
				Check: "no-herd", Result: verdict.Warn, Exposed: 40, Norm: "AWS on back-off and jitter", Calls: []string{"1", "2"}, Attempts: []uint64{1, 2}, Grouping: observe.GroupingInferred,
				Summary: "Of 40 clients that failed within 100 ms, 40 came back within 100 ms.", Advice: "Draw each wait at random.",
			},
		},
	},
	"unexplained": {Version: 1, Result: verdict.Fail, Clients: []verdict.Verdict{{Client: "c", Result: verdict.Fail, Calls: 1, Attempts: 1}}},
}

var mixed = verdict.Report{
	Version: 1,
	Result:  verdict.Fail,
	Reasons: []string{`the fault "outage" never fired`},
	Clients: []verdict.Verdict{hammer, curious, careful},
	Faults: []verdict.FaultUse{
		{Name: "throttled", Matched: 1240, Fired: 62},
		{Name: "overloaded", Matched: 310, Fired: 31},
		{Name: "write-conflict", Matched: 12},
		{Name: "outage"},
	},
}

var hammer = verdict.Verdict{
	Client: "hammer/1.0@127.0.0.1", Result: verdict.Fail, Calls: 21, Attempts: 88,
	Findings: []verdict.Finding{
		{
			Check: "transient-retried", Status: 503, Result: verdict.Pass, Exposed: 12, Norm: "Azure SDK guidelines",
			Summary: "12 of 12 idempotent calls were repeated after 503.", Grouping: observe.GroupingInferred,
		},
		{
			Check: "backs-off", Result: verdict.Fail, Exposed: 12, Norm: "Google SRE book, handling overload",
			Summary: "The first three gaps were 2 ms, 3 ms and 1 ms; 20 ms is the least that counts as waiting.",
			Advice:  "Wait before the second attempt, double the wait each time and draw it at random.",
			Calls:   []string{"12", "15"}, Attempts: []uint64{44, 45, 46, 47, 60, 61}, Grouping: observe.GroupingInferred,
		},
		{
			Check: "retry-after-honoured", Status: 429, Result: verdict.Inconclusive, Exposed: 2, Norm: "RFC 9110, 10.2.3",
			Summary: "2 calls met a Retry-After.", Missing: "4 more calls, over 3 values of Retry-After",
		},
		{
			Check: "transient-retried", Status: 429, Result: verdict.Warn, Exposed: 5, Norm: "Azure SDK guidelines",
			Summary: "1 of 5 idempotent calls was repeated after 429.", Advice: "Repeat after 429 too, later.",
			Calls: []string{"3"}, Attempts: []uint64{9}, Grouping: observe.GroupingExplicit,
		},
		{
			Check: "write-not-repeated", Status: 500, Result: verdict.Fail, Exposed: 1, Norm: "RFC 9110, 9.2.2",
			Summary: "1 of 1 POST was repeated with the same body after 500.", Advice: "Ask whether the write was done before it is repeated.",
			Calls: []string{"70"}, Attempts: []uint64{70, 71}, Grouping: observe.GroupingExplicit,
		},
		{Check: "retry-after-not-early", Status: 503, Result: verdict.Inconclusive, Summary: "No answer had a Retry-After.", Missing: "3 calls", Norm: "RFC 9110, 10.2.3"},
		{Check: "amplification", Result: verdict.Info, Exposed: 21, Norm: "Finagle", Summary: "4.2 attempts a call in full failure."},
		{Check: "body-kept", Status: 500, Result: verdict.Pass, Exposed: 1, Norm: "Azure SDK guidelines", Summary: "The body stayed the same."},
		{Check: "body-kept", Status: 503, Result: verdict.Pass, Exposed: 4, Norm: "Azure SDK guidelines", Summary: "The body stayed the same."},
	},
}

var curious = verdict.Verdict{
	Client: "curious@127.0.0.1", Result: verdict.Inconclusive, Calls: 1, Attempts: 1,
	Findings: []verdict.Finding{{
		Check: "backs-off", Result: verdict.Inconclusive, Summary: "No call was repeated.",
		Missing: "3 gaps", Norm: "Google SRE book, handling overload",
	}},
}

var careful = verdict.Verdict{
	Client: "credential:1f2e3d4c", Result: verdict.Pass, Calls: 20, Attempts: 31,
	Findings: []verdict.Finding{
		{
			Check: "backs-off", Result: verdict.Pass, Exposed: 9, Norm: "Google SRE book, handling overload",
			Summary: "The least of 11 gaps was 512 ms.", Grouping: observe.GroupingInferred,
			Calls: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20"},
		},
		{Check: "attempts-capped", Result: verdict.Pass, Exposed: 9, Norm: "gRPC A6", Summary: "3 attempts at most."},
	},
}

// unseen is a fit with its figures left out.
var unseen = backoff.Fit{Laws: []backoff.Law{}, Points: []backoff.Point{}, Grows: backoff.Unknown, Jitters: backoff.Unknown}

// lawful waits by one law, and by another after 429.
var lawful = verdict.Verdict{
	Client: "lawful", Result: verdict.Pass, Calls: 20, Attempts: 31, Findings: careful.Findings,
	Laws: []verdict.Law{
		{Fit: unseen, Sentence: "exponential ×2 from 1 s, no jitter; gives up after 5 attempts; honours Retry-After", Families: []string{"exponential"}, Attempts: 5, RetryAfter: verdict.RetryAfterHonoured},
		{Fit: unseen, Status: 429, Sentence: "linear 3 s", Families: []string{"linear"}},
	},
}

var neverFired = verdict.Report{
	Version: 1, Result: verdict.Inconclusive, Reasons: []string{`the fault "outage" never fired`},
	Clients: []verdict.Verdict{careful}, Faults: []verdict.FaultUse{{Name: "outage", Matched: 3}},
}

// evil holds what must not reach a terminal or a document as it is.
const evil = "\x1b[31mred\x1b]0;title\x07 a\nb\r\tc \u202elrowssap\u202c \u200b\ufeff\u009b2J <b>&\"']]> \xff\x00 日本語 e\u0301"

var hostile = verdict.Report{
	Version: 1, Result: verdict.Fail, Reasons: []string{evil},
	Clients: []verdict.Verdict{{
		Client: evil, Result: verdict.Fail, Calls: 1, Attempts: 2,
		Findings: []verdict.Finding{
			{
				Check: evil, Status: 503, Result: verdict.Fail, Summary: evil, Missing: evil, Advice: evil, Norm: evil,
				Calls: []string{evil}, Attempts: []uint64{2, 1, 2}, Grouping: evil, Exposed: 1,
			},
			{Check: "warned", Result: verdict.Warn, Summary: evil},
			{Check: "unclear", Result: verdict.Inconclusive, Summary: evil, Missing: evil},
			{Check: "passed-" + evil, Result: verdict.Pass, Summary: evil},
		},
	}},
	Faults: []verdict.FaultUse{{Name: evil, Matched: 1}},
}

// brokenWriter refuses everything.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
