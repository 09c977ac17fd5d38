package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestToldInMemory(t *testing.T) {
	t.Parallel()
	testTold(t, func(t *testing.T) *Hub { t.Helper(); return openHub(t, HubOptions{}) })
}

func TestToldInFiles(t *testing.T) {
	t.Parallel()
	testTold(t, func(t *testing.T) *Hub { t.Helper(); return openHub(t, HubOptions{Dir: t.TempDir()}) })
}

func TestToldOnARealServer(t *testing.T) {
	t.Parallel()
	server := startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()})
	testTold(t, func(t *testing.T) *Hub { t.Helper(); return openHub(t, HubOptions{URL: server.url, Fleet: newFleet()}) })
}

// What two nodes of a fleet tell one another, and what a third finds that comes later.
func TestToldToOtherNodes(t *testing.T) {
	t.Parallel()
	o := HubOptions{URL: startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, Fleet: newFleet()}
	a, b := openRuns(t, openHub(t, o)), openRuns(t, openHub(t, o))
	run := createRun(t, a, runOf("r-1", 0))
	await(t, "a run on another node", func() bool { _, err := b.Get(t.Context(), "r-1"); return err == nil })
	if _, err := b.Create(t.Context(), runOf("r-2", 0)); !isGoingOn(err) || err.Error() != `run "r-1" goes on` {
		t.Errorf("a second run at a time, on another node: got %v, want that r-1 goes on", err)
	}
	if err := b.Ask(t.Context(), "r-1", "enough"); err != nil {
		t.Fatal(err)
	}
	await(t, "what was asked", func() bool { reason, asked := a.Asked("r-1"); return asked && reason == "enough" })
	endRun(t, a, run, []byte(`{"a":1}`))
	await(t, "the end on another node", func() bool { got, err := b.Get(t.Context(), "r-1"); return err == nil && got.Over })
	late := openRuns(t, openHub(t, o))
	if report, err := late.Report(t.Context(), "r-1"); string(report) != `{"a":1}` || err != nil {
		t.Errorf("report on a node that came later: %q, %v", report, err)
	}
	said := runOutcomes(t, openHub(t, o), "")
	heard := runOutcomes(t, openHub(t, o), "")
	if err := said.Keep(t.Context(), observe.Outcome{Time: epoch, Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	await(t, "an outcome on another node", func() bool { got, _ := heard.All(); return len(got) == 1 && got[0].Node == "" })
}

// Everything that was acknowledged is there after a restart.
func TestToldOverARestart(t *testing.T) {
	t.Parallel()
	o := HubOptions{Dir: t.TempDir()}
	h, err := OpenHub(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s := openRuns(t, h)
	endRun(t, s, createRun(t, s, runOf("r-1", time.Minute)), []byte("report"))
	createRun(t, s, runOf("r-2", 0))
	if err := h.Outcomes("n#1").Keep(t.Context(), observe.Outcome{Time: epoch, Attempt: 7}); err != nil {
		t.Fatal(err)
	}
	answers, err := h.Answers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(answers.Keep(t.Context(), "a", []byte("yes")), h.Close()); err != nil {
		t.Fatal(err)
	}
	h = openHub(t, o)
	s = openRuns(t, h)
	wantRuns(t, s, "r-1", "r-2")
	if report, err := s.Report(t.Context(), "r-1"); string(report) != "report" || err != nil {
		t.Errorf("report %q, %v", report, err)
	}
	if run, err := s.Get(t.Context(), "r-2"); run.Over || err != nil {
		t.Errorf("the run that went on: %+v, %v, want it as it was", run, err)
	}
	if _, err := s.Create(t.Context(), runOf("r-3", 0)); !isGoingOn(err) {
		t.Errorf("another beside the one that went on: got %v, want that it goes on", err)
	}
	answers, err = h.Answers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := answers.Answer(t.Context(), "a"); string(got) != "yes" || err != nil {
		t.Errorf("answer %q, %v", got, err)
	}
	outcomes := runOutcomes(t, h, "n#2")
	await(t, "the outcome", func() bool {
		got, _ := outcomes.All()
		return len(got) == 1 && got[0].Attempt == 7 && got[0].Node == "n#1"
	})
}

// A run that JetStream has forgotten for its age goes from every node, also from one that came after it was written.
func TestRunsAgeWithTheirStream(t *testing.T) {
	t.Parallel()
	const age = 200 * time.Millisecond
	o := HubOptions{URL: startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, Fleet: newFleet(), Runs: Bounds{Age: age}}
	a := openRuns(t, openHub(t, o))
	run := createRun(t, a, runOf("r-1", 0))
	run.Revision = 0 // On a busy machine it is forgotten by now.
	endRun(t, a, run, []byte("{}"))
	b := openRuns(t, openHub(t, o))
	for name, s := range map[string]*SharedRuns{"who wrote it": a, "who came later": b} {
		await(t, "the run to go from "+name, func() bool { runs, err := s.List(t.Context()); return err == nil && len(runs) == 0 })
		if _, err := s.Get(t.Context(), "r-1"); err == nil {
			t.Errorf("%s still has it", name)
		}
	}
	made := 1
	await(t, "a new run", func() bool {
		if there, err := b.List(t.Context()); err == nil && len(there) == 0 { // The one before was forgotten before anybody looked.
			made++
			createRun(t, b, runOf(fmt.Sprint("r-", made), time.Hour))
		}
		runs, err := a.List(t.Context())
		return err == nil && len(runs) == 1
	})
}

// While the store cannot be reached what is known can be read, and what a run adds waits.
func TestToldWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	o := natsOptions{Name: "one", Dir: t.TempDir()}
	server := startNATS(t, o)
	o.Port = server.port(t)
	h := openHub(t, HubOptions{URL: server.url, Fleet: newFleet()})
	s, outcomes := openRuns(t, h), runOutcomes(t, h, "")
	run := createRun(t, s, runOf("r-1", 0))
	server.kill()
	await(t, "the store to be away", func() bool { return !s.Connected() })
	wantRuns(t, s, "r-1")
	var away *UnavailableError
	if _, err := s.Update(t.Context(), run, nil); !errors.As(err, &away) {
		t.Errorf("update: got %v, want an *UnavailableError", err)
	}
	if err := outcomes.Keep(t.Context(), observe.Outcome{Time: epoch, Attempt: 1}); !errors.As(err, &away) {
		t.Errorf("keep: got %v, want an *UnavailableError", err)
	}
	outcomes.Add(observe.Outcome{Time: epoch, Attempt: 2})
	if got, _ := outcomes.All(); len(got) != 1 || got[0].Attempt != 2 {
		t.Errorf("outcomes are %v, want the one that waits", got)
	}
	startNATS(t, o)
	await(t, "the outcome that waited", func() bool { outcomes.mu.Lock(); defer outcomes.mu.Unlock(); return len(outcomes.queue) == 0 })
	if got, _ := outcomes.All(); len(got) != 1 || got[0].Attempt != 2 {
		t.Errorf("outcomes are %v, want the one that waited, once", got)
	}
}

// An outcome that was in doubt for longer than the server remembers is there twice, and is taken in once.
func TestAnOutcomeThatIsKeptTwiceIsOne(t *testing.T) {
	t.Parallel()
	h := openHub(t, HubOptions{})
	s := runOutcomes(t, h, "n#1")
	for _, id := range []string{"one", "one", "two"} {
		text, err := json.Marshal(&storedOutcome{Node: "n#1", ID: id, Outcome: observe.Outcome{Time: epoch, Text: id}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.js.Publish(t.Context(), h.outcomeSubject(), text); err != nil {
			t.Fatal(err)
		}
	}
	var kept []observe.Outcome
	await(t, "the last outcome", func() bool {
		kept, _ = s.All()
		return len(kept) > 0 && kept[len(kept)-1].Text == "two"
	})
	if len(kept) != 2 || kept[0].Text != "one" {
		t.Errorf("got %+v, want each of the two once", kept)
	}
}
