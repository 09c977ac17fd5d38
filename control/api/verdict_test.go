package api

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// TestVerdictsSurviveTheWire holds the two directions of the conversion together.
func TestVerdictsSurviveTheWire(t *testing.T) {
	t.Parallel()
	text, count := rapid.StringN(0, 8, -1), rapid.IntRange(0, 1<<31-1)
	result := rapid.SampledFrom([]verdict.Result{verdict.Pass, verdict.Info, verdict.Warn, verdict.Inconclusive, verdict.Fail})
	texts := rapid.Custom(func(t *rapid.T) []string { return drawList(t, "texts", text) })
	finding := rapid.Custom(func(t *rapid.T) verdict.Finding {
		f := verdict.Finding{
			Check: text.Draw(t, "check"), Status: count.Draw(t, "status"), Result: result.Draw(t, "result"), Summary: text.Draw(t, "summary"),
			Missing: text.Draw(t, "missing"), Advice: text.Draw(t, "advice"), Calls: texts.Draw(t, "calls"),
			Grouping: observe.Grouping(text.Draw(t, "grouping")), Exposed: count.Draw(t, "exposed"), Norm: text.Draw(t, "norm"),
		}
		if attempts := rapid.SliceOfN(rapid.Uint64(), 0, 3).Draw(t, "attempts"); len(attempts) > 0 {
			f.Attempts = attempts
		}
		return f
	})
	law := rapid.Custom(func(t *rapid.T) verdict.Law {
		return verdict.Law{
			Status: count.Draw(t, "status"), Sentence: text.Draw(t, "sentence"), Families: rapid.SliceOfN(text, 0, 2).Draw(t, "families"),
			Attempts: count.Draw(t, "attempts"), RetryAfter: text.Draw(t, "retry after"), Fit: drawFit(t),
		}
	})
	client := rapid.Custom(func(t *rapid.T) verdict.Verdict {
		v := verdict.Verdict{
			Client: text.Draw(t, "client"), Result: result.Draw(t, "result"), Calls: count.Draw(t, "calls"), Attempts: count.Draw(t, "attempts"),
			Findings: rapid.SliceOfN(finding, 0, 3).Draw(t, "findings"),
		}
		if laws := rapid.SliceOfN(law, 0, 2).Draw(t, "laws"); len(laws) > 0 {
			v.Laws = laws
		}
		return v
	})
	use := rapid.Custom(func(t *rapid.T) verdict.FaultUse {
		return verdict.FaultUse{Name: text.Draw(t, "name"), Matched: rapid.Uint64().Draw(t, "matched"), Fired: rapid.Uint64().Draw(t, "fired")}
	})
	rapid.Check(t, func(t *rapid.T) {
		want := verdict.Report{
			Version: count.Draw(t, "version"), Result: result.Draw(t, "result"), Reasons: texts.Draw(t, "reasons"),
			Clients: rapid.SliceOfN(client, 0, 3).Draw(t, "clients"), Notes: texts.Draw(t, "notes"),
		}
		if about := rapid.SliceOfN(finding, 0, 2).Draw(t, "about all"); len(about) > 0 {
			want.Findings = about
		}
		if uses := rapid.SliceOfN(use, 0, 3).Draw(t, "faults"); len(uses) > 0 {
			want.Faults = uses
		}
		wire, err := proto.Marshal(verdictMessage(want))
		if err != nil {
			t.Fatal(err)
		}
		var message pb.Verdict
		if err := proto.Unmarshal(wire, &message); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, Report(&message)); diff != "" {
			t.Fatalf("read back (-want +got):\n%s", diff)
		}
	})
}

// drawFit draws a fit with figures of any size: what counts is that none of them changes.
func drawFit(t *rapid.T) backoff.Fit {
	wait := rapid.Custom(func(t *rapid.T) time.Duration { return time.Duration(rapid.Int64().Draw(t, "wait")) })
	one := backoff.Law{
		Family: backoff.Family{Curve: backoff.Exponential, Jitter: backoff.Additive}, Base: wait.Draw(t, "base"),
		Factor: rapid.Float64().Draw(t, "factor"), Extra: wait.Draw(t, "extra"), Immediate: rapid.Bool().Draw(t, "immediate"),
	}
	return backoff.Fit{
		Laws: []backoff.Law{one}, Best: &one, Lead: rapid.Float64().Draw(t, "lead"), Grows: backoff.Yes, Jitters: backoff.Unknown,
		Measured: backoff.Measured{Spread: wait.Draw(t, "spread")}, Gaps: rapid.Int().Draw(t, "gaps"),
		Points: []backoff.Point{{Index: 1, Waits: rapid.SliceOfN(wait, 0, 3).Draw(t, "waits"), High: wait.Draw(t, "high")}},
	}
}

// TestVerdictsAreTheSameDocument compares a judgement with a law, byte by byte, before and behind the API: over gRPC and over REST.
func TestVerdictsAreTheSameDocument(t *testing.T) {
	t.Parallel()
	var attempts []observe.Attempt
	for i, at := range []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second} {
		attempts = append(attempts, observe.Attempt{
			Sequence: uint64(i + 1), Received: at, Answered: at, Client: "c", Method: "GET", Target: "/a", CallID: "one", CallIDHeader: observe.CallHeader,
			BodyComplete: true, Counter: observe.NoCounter, Status: 503, Class: groove.ClassFailure, Origin: observe.OriginInjected, End: observe.EndComplete,
		})
	}
	judged := verdict.Judge(verdict.Journal{Attempts: verdict.Of(attempts), Ended: true}, verdict.Options{})
	if laws := judged.Clients[0].Laws; len(laws) != 1 || !strings.HasPrefix(laws[0].Sentence, "exponential ×2 from 1 s") {
		t.Fatalf("laws are %+v, want ×2 from 1 s", laws)
	}
	want, _ := json.Marshal(judged) //nolint:errchkjson // Compared with the others.
	var overGRPC, overREST pb.Verdict
	wire, err := proto.Marshal(verdictMessage(judged))
	if err = errors.Join(err, proto.Unmarshal(wire, &overGRPC)); err != nil {
		t.Fatal(err)
	}
	document, err := protojson.Marshal(verdictMessage(judged))
	if err = errors.Join(err, protojson.Unmarshal(document, &overREST)); err != nil {
		t.Fatal(err)
	}
	for name, message := range map[string]*pb.Verdict{"gRPC": &overGRPC, "REST": &overREST} {
		if got, _ := json.Marshal(Report(message)); string(got) != string(want) { //nolint:errchkjson // As above.
			t.Errorf("%s (-judge +api):\n%s", name, cmp.Diff(string(want), string(got)))
		}
	}
}

// TestVerdictIsTheJudges compares what the API tells with what the judge says.
func TestVerdictIsTheJudges(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *Options) {
		o.Verdict = func() ([]string, verdict.Policy) { return []string{"transient-retried"}, nil }
	})
	s.watchSome()
	uses := Uses(s.engine.Uses())
	for name, tt := range map[string]struct {
		request *pb.GetVerdictRequest
		checks  []string
	}{
		"by the checks of the configuration": {request: &pb.GetVerdictRequest{}, checks: []string{"transient-retried"}},
		"by those of the request":            {request: &pb.GetVerdictRequest{Checks: []string{"backs-off"}}, checks: []string{"backs-off"}},
		"of a workload that has ended":       {request: &pb.GetVerdictRequest{Ended: true}, checks: []string{"transient-retried"}},
	} {
		for range 2 {
			got, err := s.observation.GetVerdict(t.Context(), tt.request)
			if err != nil {
				t.Fatal(err)
			}
			want := verdict.Judge(verdict.Journal{Attempts: verdict.Of(s.attempts.All()), Ended: tt.request.GetEnded(), Faults: uses}, verdict.Options{Checks: tt.checks})
			if diff := cmp.Diff(want, Report(got)); diff != "" {
				t.Errorf("%s (-judge +api):\n%s", name, diff)
			}
		}
	}
}

func TestVerdictBeforeAnything(t *testing.T) {
	t.Parallel()
	got, err := serve(t).observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{})
	if err != nil || got.GetResult() != "inconclusive" || len(got.GetReasons()) == 0 {
		t.Errorf("got %v, %v, want inconclusive and why", got, err)
	}
	text, err := json.Marshal(Report(got))
	if err != nil || !strings.Contains(string(text), `"clients":[]`) {
		t.Errorf("written as %s, %v, want an empty list of clients", text, err)
	}
}

// TestVerdictOnOneClient holds that a client is judged alike alone and among
// all: that others came back later tells that this one did not.
func TestVerdictOnOneClient(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for i := range uint64(10) {
		a := seen(i+1, "quitter", time.Duration(i)*time.Second, 503)
		a.Target += string(rune('a' + i))
		s.attempts.Record(&a)
	}
	late := seen(200, "calm", time.Hour, 200)
	s.attempts.Record(&late)
	all, err := s.observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range all.GetClients() {
		got, err := s.observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{Client: want.GetClient()})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.GetClients()) != 1 || !proto.Equal(got.GetClients()[0], want) {
			t.Errorf("alone %v, among all %v", got.GetClients(), want)
		}
		if got.GetResult() != want.GetResult() {
			t.Errorf("%s: the result is %q, want its own, %q", want.GetClient(), got.GetResult(), want.GetResult())
		}
	}
	calm, err := s.observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{Client: "calm"})
	if err != nil || len(calm.GetReasons()) != 1 || !strings.Contains(calm.GetReasons()[0], "met no failure") {
		t.Errorf("got reasons %q, %v, want that it met no failure", calm.GetReasons(), err)
	}
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	exposed := []verdict.Finding{{Check: "backs-off", Result: verdict.Pass, Exposed: 1}}
	report := func(reasons ...string) verdict.Report {
		return verdict.Report{Result: verdict.Fail, Reasons: reasons, Clients: []verdict.Verdict{
			{Client: "bad", Result: verdict.Fail, Findings: exposed}, {Client: "good", Result: verdict.Pass, Findings: exposed},
		}}
	}
	for name, tt := range map[string]struct {
		report verdict.Report
		client string
		want   verdict.Result
	}{
		"a good client beside a bad one":     {report: report(), client: "good", want: verdict.Pass},
		"a good client, but nothing fired":   {report: report("fault never matched"), client: "good", want: verdict.Inconclusive},
		"a bad client, and nothing fired":    {report: report("fault never matched"), client: "bad", want: verdict.Fail},
		"a bad client beside a good one too": {report: report(), client: "bad", want: verdict.Fail},
	} {
		if Narrow(&tt.report, tt.client); len(tt.report.Clients) != 1 || tt.report.Clients[0].Client != tt.client || tt.report.Result != tt.want {
			t.Errorf("%s: got %+v, want %s", name, tt.report, tt.want)
		}
	}
	calm := verdict.Report{Result: verdict.Pass, Clients: []verdict.Verdict{{Client: "calm", Result: verdict.Pass}}}
	if Narrow(&calm, "calm"); calm.Result != verdict.Inconclusive || len(calm.Reasons) != 1 {
		t.Errorf("a client that met no failure: got %+v, want inconclusive and why", calm)
	}
}

// TestVerdictOnNobody holds that a client which was not seen is judged by that
// alone, whatever became of the others.
func TestVerdictOnNobody(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.watchSome()
	got, err := s.observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{Client: "ghost"})
	if err != nil || got.GetResult() != "inconclusive" || len(got.GetClients()) != 0 {
		t.Errorf("got %v, %v, want inconclusive and no client", got, err)
	}
	if want := `no attempt of client "ghost" was seen`; !slices.Contains(got.GetReasons(), want) {
		t.Errorf("got reasons %q, want %q among them", got.GetReasons(), want)
	}
	endless, err := s.observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{Client: strings.Repeat("x", 1<<19)})
	if size := proto.Size(endless); err != nil || size > 8<<10 {
		t.Errorf("a name without end: got %d bytes, %v, want at most 8 kB", size, err)
	}
	failed := verdict.Report{Result: verdict.Fail, Clients: []verdict.Verdict{{Client: "bad", Result: verdict.Fail}}}
	if Narrow(&failed, "ghost"); failed.Result != verdict.Inconclusive || failed.Clients == nil || len(failed.Clients) != 0 {
		t.Errorf("beside one that failed: got %+v, want inconclusive and an empty list", failed)
	}
}

// TestVerdictOnPartOfTheJournal holds that what was forgotten is told.
func TestVerdictOnPartOfTheJournal(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *Options) {
		few := store.NewAttempts(2)
		for i := range uint64(5) {
			one := seen(i+1, "calm", time.Duration(i)*time.Minute, 200)
			few.Record(&one)
		}
		o.Attempts = few
	})
	got, err := s.observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{})
	if err != nil || got.GetResult() != "inconclusive" {
		t.Fatalf("got %v, %v, want inconclusive", got, err)
	}
	kept := []observe.Attempt{seen(4, "calm", 3*time.Minute, 200), seen(5, "calm", 4*time.Minute, 200)}
	want := verdict.Judge(verdict.Journal{Attempts: verdict.Of(kept), Dropped: 3}, verdict.Options{})
	if diff := cmp.Diff(want, Report(got)); diff != "" {
		t.Errorf("on the last 2 of 5 (-judge +api):\n%s", diff)
	}
	list, err := s.observation.ListAttempts(t.Context(), &pb.ListAttemptsRequest{})
	if err != nil || list.GetDropped() != 3 || len(list.GetAttempts()) != 2 || list.GetAttempts()[0].GetSequence() != 4 {
		t.Errorf("got %v, %v, want the last 2 of 5", list, err)
	}
}

func TestUses(t *testing.T) {
	t.Parallel()
	got := Uses([]faults.Use{{Name: "never", Matched: 1}, {Name: "armed", Matched: 3, Fired: 2, Held: 1, Armed: true}})
	want := []verdict.FaultUse{{Name: "armed", Matched: 3, Fired: 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
}

// TestStrayBytes holds that what a client sends cannot spoil the lists.
func TestStrayBytes(t *testing.T) {
	t.Parallel()
	s := serve(t)
	const stray = "a\xffb"
	a := seen(1, stray, 0, 503)
	a.UserAgent, a.Method, a.Host, a.Target, a.CallID, a.RequestID, a.RetryAfter, a.ErrorCode, a.Reason = stray, stray, stray, stray, stray, stray, stray, stray, stray
	a.Counter = 0
	s.attempts.Record(&a)
	attempts, err := s.observation.ListAttempts(t.Context(), &pb.ListAttemptsRequest{})
	if err != nil || attempts.GetAttempts()[0].GetRetryAfter() != "a?b" || attempts.GetAttempts()[0].Counter == nil {
		t.Errorf("attempts: got %v, %v", attempts, err)
	}
	if calls, err := s.observation.ListCalls(t.Context(), &pb.ListCallsRequest{}); err != nil || calls.GetCalls()[0].GetTarget() != "a?b" {
		t.Errorf("calls: got %v, %v", calls, err)
	}
	if clients, err := s.observation.ListClients(t.Context(), &pb.ListClientsRequest{}); err != nil || clients.GetClients()[0].GetName() != "a?b" {
		t.Errorf("clients: got %v, %v", clients, err)
	}
	if v, err := s.observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{}); err != nil || v.GetClients()[0].GetClient() != "a?b" {
		t.Errorf("verdict: got %v, %v", v, err)
	}
}
