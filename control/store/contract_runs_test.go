package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// testTold is the contract of every store of runs, outcomes and answers. It gets a constructor of hubs
// with nothing in them.
func testTold(t *testing.T, open func(t *testing.T) *Hub) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, func(t *testing.T) *Hub){
		"a run is kept with its report":               testRunKept,
		"one run goes on at a time":                   testRunTurns,
		"a run that others wrote is not overwritten":  testRunMoved,
		"who runs a run hears what is asked":          testRunAsked,
		"the oldest runs go first":                    testRunsPruned,
		"a run that cannot be read hides no other":    testRunUnreadable,
		"a run goes when its age has come":            testRunsAge,
		"a report may be large, and has an end":       testReportSize,
		"outcomes are kept in order, once":            testOutcomesKept,
		"an answer is kept under the name of its own": testAnswersKept,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
}

func openRuns(t *testing.T, h *Hub) *SharedRuns {
	t.Helper()
	s, err := h.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func runOf(id string, age time.Duration) Run {
	return Run{ID: id, Node: "n#1", Begun: time.Now().Add(-age).UTC().Truncate(0), Form: json.RawMessage(`{"phase":"a"}`)}
}

func createRun(t *testing.T, s *SharedRuns, run Run) Run {
	t.Helper()
	run, err := s.Create(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func endRun(t *testing.T, s *SharedRuns, run Run, report []byte) Run {
	t.Helper()
	run.Over = true
	run, err := s.Update(t.Context(), run, report)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func testRunKept(t *testing.T, open func(t *testing.T) *Hub) {
	t.Helper()
	s := openRuns(t, open(t))
	run := createRun(t, s, runOf("a/b *.>-1", 0))
	_, err := s.Create(t.Context(), runOf(run.ID, 0))
	if exists, ok := errors.AsType[*RunExistsError](err); !ok && !isGoingOn(err) || ok && exists.ID != run.ID {
		t.Errorf("again: got %v, want that it is there", err)
	}
	if report, err := s.Report(t.Context(), run.ID); report != nil || err != nil {
		t.Errorf("report of a run that goes on: %q, %v, want nothing", report, err)
	}
	run.Form = json.RawMessage(`{"phase":"b"}`)
	run = endRun(t, s, run, []byte(`{"result":"pass"}`))
	got, err := s.Get(t.Context(), run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(run, got); diff != "" {
		t.Errorf("run (-want +got):\n%s", diff)
	}
	if report, err := s.Report(t.Context(), run.ID); string(report) != `{"result":"pass"}` || err != nil {
		t.Errorf("report %q, %v, want the one that was kept", report, err)
	}
	for _, id := range []string{"", "nothing", string(make([]byte, 1000))} {
		_, err := s.Get(t.Context(), id)
		if missing, ok := errors.AsType[*RunMissingError](err); !ok || missing.ID != id || len(err.Error()) > 500 {
			t.Errorf("get %.20q: got %v, want a short *RunMissingError", id, err)
		}
		if _, err := s.Report(t.Context(), id); err == nil {
			t.Errorf("report of %.20q: got none, want an error", id)
		}
	}
}

func isGoingOn(err error) bool { _, ok := errors.AsType[*RunGoesOnError](err); return ok }

func testRunTurns(t *testing.T, open func(t *testing.T) *Hub) {
	t.Helper()
	s := openRuns(t, open(t))
	for round := range 3 {
		var group sync.WaitGroup
		var mu sync.Mutex
		var begun []Run
		for i := range 8 {
			group.Go(func() {
				run, err := s.Create(t.Context(), runOf(fmt.Sprintf("r%d-%d", round, i), 0))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					begun = append(begun, run)
				} else if !isGoingOn(err) {
					t.Errorf("create: got %v, want it begun or told that another goes on", err)
				}
			})
		}
		group.Wait()
		if len(begun) != 1 {
			t.Fatalf("%d runs began at once, want 1", len(begun))
		}
		endRun(t, s, begun[0], []byte("{}"))
	}
	runs, err := s.List(t.Context())
	if err != nil || len(runs) != 3 {
		t.Errorf("%d runs, %v, want the 3 that began", len(runs), err)
	}
}

func testRunMoved(t *testing.T, open func(t *testing.T) *Hub) {
	t.Helper()
	s := openRuns(t, open(t))
	run := createRun(t, s, runOf("r-1", 0))
	other, err := s.Update(t.Context(), run, nil)
	if err != nil || other.Revision <= run.Revision {
		t.Fatalf("update: revision %d after %d, %v", other.Revision, run.Revision, err)
	}
	if _, err = s.Update(t.Context(), run, nil); err == nil {
		t.Error("a write at an old revision was taken, want a *RunMovedError")
	} else if _, moved := errors.AsType[*RunMovedError](err); !moved {
		t.Errorf("got %v, want a *RunMovedError", err)
	}
	run.Revision = 0
	if _, err = s.Update(t.Context(), run, nil); err != nil {
		t.Errorf("at any revision: %v", err)
	}
}

func testRunAsked(t *testing.T, open func(t *testing.T) *Hub) {
	t.Helper()
	s := openRuns(t, open(t))
	if reason, asked := s.Asked("r-1"); asked {
		t.Errorf("asked %q before anybody did", reason)
	}
	changed := s.Changed()
	if err := s.Ask(t.Context(), "r-1", ""); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	case <-time.After(time.Minute):
		t.Error("nobody is told that something was asked")
	}
	if reason, asked := s.Asked("r-1"); !asked || reason != "" {
		t.Errorf("asked %v, %q, want it asked without a reason", asked, reason)
	}
	if runs, err := s.List(t.Context()); len(runs) != 0 || err != nil {
		t.Errorf("%d runs, %v, want none: what is asked is no run", len(runs), err)
	}
}

func testRunsPruned(t *testing.T, open func(t *testing.T) *Hub) {
	t.Helper()
	h := open(t)
	h.options.Runs = Bounds{Count: 3, Bytes: 1 << 20}
	s := openRuns(t, h)
	large := noiseOf(400 << 10)
	for i := range 5 {
		run := createRun(t, s, runOf(fmt.Sprint("r-", i), time.Hour-time.Duration(i)*time.Second))
		report := []byte("{}")
		if i > 2 {
			report = large
		}
		endRun(t, s, run, report)
	}
	wantRuns(t, s, "r-2", "r-3", "r-4")
	endRun(t, s, createRun(t, s, runOf("r-5", 0)), large)
	wantRuns(t, s, "r-4", "r-5")
	if report, err := s.Report(t.Context(), "r-5"); err != nil || !bytes.Equal(report, large) {
		t.Errorf("the newest report has %d bytes, %v, want %d", len(report), err, len(large))
	}
}

// What another version wrote is named beside the runs that can be read, and left alone.
func testRunUnreadable(t *testing.T, open func(t *testing.T) *Hub) {
	t.Helper()
	h := open(t)
	h.options.Runs = Bounds{Count: 2}
	s := openRuns(t, h)
	endRun(t, s, createRun(t, s, runOf("r-1", time.Hour)), []byte("{}"))
	const later = `{"id":"r-9","node":"n#2","over":true,"begun":"2020-01-01T00:00:00Z","form":{},"mood":"new"}`
	key, broken := runPrefix+tokenKey("r-9"), runPrefix+tokenKey("r-8")
	for key, text := range map[string]string{key: later, broken: "{"} {
		if _, err := s.keys.Put(t.Context(), key, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "both to be heard of", func() bool { return s.known.get(key).value != nil && s.known.get(broken).value != nil })
	wantRuns(t, s, "", "r-9", "r-1")
	runs, err := s.List(t.Context())
	if err != nil || !strings.Contains(runs[1].Problem, `"mood"`) || runs[0].Problem == "" || runs[2].Problem != "" {
		t.Errorf("got %+v, %v, want the bad ones with what is wrong with them, and the good one without", runs, err)
	}
	endRun(t, s, createRun(t, s, runOf("r-2", 0)), []byte("{}"))
	endRun(t, s, createRun(t, s, runOf("r-3", 0)), []byte("{}"))
	wantRuns(t, s, "", "r-9", "r-2", "r-3")
}

// A run of which JetStream knows no more is not told of any more, and what was known of it takes no room.
func testRunsAge(t *testing.T, open func(t *testing.T) *Hub) {
	t.Helper()
	s := openRuns(t, open(t))
	endRun(t, s, createRun(t, s, runOf("r-1", 24*time.Hour)), []byte("{}"))
	if err := s.Ask(t.Context(), "r-1", "enough"); err != nil {
		t.Fatal(err)
	}
	s.known.keepFor(time.Hour)
	wantRuns(t, s, "r-1")
	s.known.keepFor(time.Millisecond)
	await(t, "its age to have come", func() bool { _, err := s.Get(t.Context(), "r-1"); return err != nil })
	await(t, "what was asked of it to go", func() bool { _, asked := s.Asked("r-1"); return !asked })
	wantRuns(t, s)
	if all := s.known.all(); len(all) != 0 || len(s.known.entries) != 0 {
		t.Errorf("%d runs and %d entries are left, want none", len(all), len(s.known.entries))
	}
}

func wantRuns(t *testing.T, s *SharedRuns, want ...string) {
	t.Helper()
	runs, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, run := range runs {
		got = append(got, run.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

// noiseOf is so many bytes that nothing deflates.
func noiseOf(size int) []byte {
	noise := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise) // It never fails.
	return noise
}

func testReportSize(t *testing.T, open func(t *testing.T) *Hub) {
	t.Helper()
	s := openRuns(t, open(t))
	run := createRun(t, s, runOf("r-1", 0))
	noise := noiseOf(MaxReport + 1)
	_, err := s.Update(t.Context(), run, noise)
	if large, ok := errors.AsType[*ReportSizeError](err); !ok || large.ID != run.ID || large.Size <= MaxReport {
		t.Errorf("got %v, want a *ReportSizeError with its size", err)
	}
	sound := noise[:3*partSize]
	endRun(t, s, run, sound)
	if report, err := s.Report(t.Context(), run.ID); err != nil || !bytes.Equal(report, sound) {
		t.Errorf("a report of %d bytes, %v, want the %d that were kept", len(report), err, len(sound))
	}
}

// runOutcomes has outcomes handed over and taken in until the end of the test.
func runOutcomes(t *testing.T, h *Hub, node string) *SharedOutcomes {
	t.Helper()
	s := h.Outcomes(node)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, 5*time.Second) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("outcomes: %v", err)
		}
	})
	return s
}

func testOutcomesKept(t *testing.T, open func(t *testing.T) *Hub) {
	t.Helper()
	h := open(t)
	s := runOutcomes(t, h, "n#1")
	var want []observe.Outcome
	for i := range 50 {
		o := observe.Outcome{Time: epoch, Attempt: uint64(i) + 1, Kind: observe.OutcomeError, Text: "sorry", Took: time.Second}
		want = append(want, o)
		if i%2 == 0 {
			s.Add(o)
			continue
		}
		await(t, "the outcomes before", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.queue) == 0 })
		if err := s.Keep(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if got, dropped := s.All(); dropped != 0 || cmp.Diff(want, got) != "" {
		t.Errorf("%d dropped, outcomes (-want +got):\n%s", dropped, cmp.Diff(want, got))
	}
	later := runOutcomes(t, h, "n#2")
	for i := range want {
		want[i].Node = "n#1"
	}
	await(t, "the outcomes of an earlier process", func() bool { got, _ := later.All(); return len(got) == len(want) })
	if got, _ := later.All(); cmp.Diff(want, got) != "" {
		t.Errorf("of an earlier process: outcomes (-want +got):\n%s", cmp.Diff(want, got))
	}
}

func testAnswersKept(t *testing.T, open func(t *testing.T) *Hub) {
	t.Helper()
	s, err := open(t).Answers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "a\x00b", "a.*.>"} {
		if got, err := s.Answer(t.Context(), name); got != nil || err != nil {
			t.Errorf("answer to %q before any: %q, %v, want nothing", name, got, err)
		}
		if err := s.Keep(t.Context(), name, []byte("of "+name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"", "a\x00b", "a.*.>"} {
		if got, err := s.Answer(t.Context(), name); string(got) != "of "+name || err != nil {
			t.Errorf("answer to %q: %q, %v, want its own", name, got, err)
		}
	}
	if err := s.Keep(t.Context(), "large", noiseOf(longestAnswer+1)); !errors.Is(err, errAnswerSize) {
		t.Errorf("a large answer: got %v, want it refused", err)
	}
}
