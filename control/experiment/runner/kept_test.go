package runner

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

const forever = "name = \"long\"\n[[phases]]\nname = \"a\"\nduration = \"1h\"\n[[phases.faults]]\nname = \"f\"\nanswer.status = 503\n"

// shelf is a store of runs that can be out of order for a while.
type shelf struct {
	*store.SharedRuns

	away atomic.Bool
	// large says that the next report is too large.
	large atomic.Bool
}

func (s *shelf) Update(ctx context.Context, run store.Run, report []byte) (store.Run, error) {
	if s.away.Load() {
		return run, &store.UnavailableError{Doing: "write the run", Err: errors.New("away")}
	}
	if report != nil && s.large.CompareAndSwap(true, false) {
		return run, &store.ReportSizeError{ID: run.ID, Size: len(report)}
	}
	return s.SharedRuns.Update(ctx, run, report)
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	h, err := store.OpenHub(t.Context(), store.HubOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	runs, err := h.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &shelf{SharedRuns: runs}
}

// process is the runs of one process on a shelf.
func process(t *testing.T, p *place, s Shelf, node string) (*Runs, *Kept) {
	t.Helper()
	kept := NewKept(KeptOptions{Shelf: s, Faults: p.memory, Node: node})
	runs := NewRuns(p.Site, kept)
	t.Cleanup(func() { runs.Close("the test is over"); kept.Close() })
	return runs, kept
}

func start(t *testing.T, runs *Runs, text string) Record {
	t.Helper()
	record, err := runs.Start(t.Context(), parse(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// over waits for the end of a run.
func over(t *testing.T, runs *Runs, id string) (last Record) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := runs.Watch(ctx, id, func(r Record) error { last = r; return nil }); err != nil {
		t.Fatalf("watch %s: %v, last seen %+v", id, err, last)
	}
	return last
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after a minute: %s", what)
		}
	}
}

func TestARunIsWatchedReportedAndStoppedByAnotherProcess(t *testing.T) {
	t.Parallel()
	p, s := newPlace(), newShelf(t)
	runs, _ := process(t, p, s, "a#1")
	other, _ := process(t, p, s, "b#2")
	for _, id := range []string{"long-1", "long-2"} {
		if got := start(t, runs, forever); got.ID != id {
			t.Fatalf("started %s, want %s", got.ID, id)
		}
		_, err := other.Start(t.Context(), parse(t, forever))
		if busy, ok := errors.AsType[*BusyError](err); !ok || busy.ID != id {
			t.Errorf("a second run elsewhere: got %v, want that %s goes on", err, id)
		}
		until(t, "the fault is not in force", func() bool { return len(p.inForce(t)) == 1 })
		if _, err := other.Conclusion(t.Context(), id); !errors.Is(err, ErrNoRun) {
			t.Errorf("conclusion of a run that goes on: %v, want %v", err, ErrNoRun)
		}
		if _, err := other.Stop(t.Context(), id, "enough"); err != nil {
			t.Fatal(err)
		}
		last := over(t, other, id)
		if last.Status.State != experiment.StateStopped || last.Status.Reason != "it was asked to stop: enough" || last.Result != verdict.Inconclusive {
			t.Errorf("it ended as %+v, want stopped, with the reason", last)
		}
		c, err := other.Conclusion(t.Context(), id)
		if err != nil || c.Result != verdict.Inconclusive || !strings.Contains(strings.Join(c.Reasons, "\n"), "enough") {
			t.Errorf("conclusion %+v, %v, want the reason", c, err)
		}
	}
	later, _ := process(t, p, s, "c#3")
	if got := start(t, later, forever); got.ID != "long-3" {
		t.Errorf("a later process started %s, want the next number", got.ID)
	}
}

// A record that another version wrote hides no other one, and its number is not given again.
func TestARecordOfAnotherVersionIsListed(t *testing.T) {
	t.Parallel()
	p, s := newPlace(), newShelf(t)
	begun := time.Now().Add(-time.Hour).UTC()
	kept, err := s.Create(t.Context(), store.Run{ID: "long-7", Node: "z#1", Begun: begun, Form: json.RawMessage(`{"format":2}`)})
	if err == nil {
		kept.Over = true
		_, err = s.Update(t.Context(), kept, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	runs, _ := process(t, p, s, "a#1")
	if got := start(t, runs, forever); got.ID != "long-8" {
		t.Errorf("started %s, want the number after", got.ID)
	}
	list, err := runs.List(t.Context())
	if err != nil || len(list) != 2 || list[1].ID != "long-8" || list[1].Problem != "" {
		t.Fatalf("got %+v, %v, want both", list, err)
	}
	if bad := list[0]; bad.ID != "long-7" || !strings.Contains(bad.Problem, "format 2, want 1") || !bad.Status.Started.Equal(begun) {
		t.Errorf("got %+v, want it named with what is wrong with it", bad)
	}
	if _, err := runs.Get(t.Context(), "long-7"); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("get: %v, want that another version wrote it", err)
	}
}

// A run whose process was killed is ended by the next one, and its faults go; those of others stay.
func TestARunThatWasCutOffIsEnded(t *testing.T) {
	t.Parallel()
	p, dead := newPlace(), newShelf(t)
	s := &shelf{SharedRuns: dead.SharedRuns}
	// A fault of the name of one that the run would only put in force later, which somebody made before.
	const later = "[[phases]]\nname = \"b\"\nduration = \"1h\"\n[[phases.faults]]\nname = \"g\"\nanswer.status = 503\n"
	before := parse(t, forever+later).Phases[1].Faults[0]
	before.Name, before.Disabled = "b.g", true
	if _, err := p.memory.Write(t.Context(), []store.Write{{Fault: before}}); err != nil {
		t.Fatal(err)
	}
	runs, _ := process(t, p, dead, "a#1")
	start(t, runs, forever+later)
	until(t, "the fault is not in force", func() bool { return len(p.inForce(t)) == 2 })
	other := parse(t, strings.Replace(forever, `"f"`, `"other"`, 1)).Phases[0].Faults[0]
	other.Disabled = true // Two that always strike do not go together.
	if _, err := p.memory.Write(t.Context(), []store.Write{{Fault: other}}); err != nil {
		t.Fatal(err)
	}
	dead.away.Store(true) // It is not heard of any more.
	next, kept := process(t, p, s, "a#2")
	until(t, "the run is not ended", func() bool {
		if err := kept.look(t.Context(), map[string]silence{}); err != nil {
			t.Fatal(err)
		}
		got, err := next.Get(t.Context(), "long-1")
		return err == nil && got.Over()
	})
	got, err := next.Get(t.Context(), "long-1")
	if err != nil || got.Status.State != experiment.StateStopped || !strings.Contains(got.Status.Reason, "(a#1)") || got.Status.Ended.IsZero() || !got.Over() {
		t.Errorf("it is %+v, %v, want it stopped, and which process ran it", got, err)
	}
	c, err := next.Conclusion(t.Context(), "long-1")
	if err != nil || c.Result != verdict.Inconclusive || len(c.Reasons) != 1 || !strings.Contains(c.Reasons[0], "cut off") {
		t.Errorf("conclusion %+v, %v, want inconclusive, and why", c, err)
	}
	if names := p.inForce(t); len(names) != 2 || names[0] != before.Name || names[1] != other.Name {
		t.Errorf("there are %q, want the faults that were not the run's", names)
	}
	// The process was not dead after all: it hears that its run is over.
	dead.away.Store(false)
	last := make(chan Record, 1)
	go func() { last <- over(t, runs, "long-1") }()
	until(t, "the process goes on with a run that was taken from it", func() bool { return runs.busy() == "" })
	<-last
	until(t, "it does not say how it ended", func() bool {
		got, err := next.Get(t.Context(), "long-1")
		return err == nil && strings.Contains(got.Status.Reason, "another node took it for cut off")
	})
}

// busy is the ID of the run that goes on here.
func (s *Runs) busy() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return ""
	}
	return s.current.record.ID
}

// fleet is a shelf that others write as well.
type fleet struct{ *shelf }

func (fleet) Sole() bool { return false }

func TestARunOfAnotherNodeIsNotCutOffAtOnce(t *testing.T) {
	t.Parallel()
	p, s := newPlace(), fleet{newShelf(t)}
	runs, _ := process(t, p, s, "a#1")
	start(t, runs, forever)
	_, kept := process(t, p, s, "b#2")
	silent := map[string]silence{}
	look := func() bool {
		t.Helper()
		if err := kept.look(t.Context(), silent); err != nil {
			t.Fatal(err)
		}
		record, err := kept.Get(t.Context(), "long-1")
		if err != nil {
			t.Fatal(err)
		}
		return record.Over()
	}
	for range 2 {
		if look() {
			t.Fatal("it is over, want it to have some time")
		}
	}
	s.away.Store(true) // Nothing more is heard of it.
	until(t, "it is over at once, or never heard of", func() bool {
		before, err := s.Get(t.Context(), "long-1")
		if err != nil || look() {
			return false
		}
		known := silent["long-1"]
		return known.revision == before.Revision
	})
	known := silent["long-1"]
	known.since = time.Now().Add(-lostTime)
	silent["long-1"] = known
	s.away.Store(false)
	over := look()
	if current, err := s.Get(t.Context(), "long-1"); err != nil || !over && current.Revision == known.revision {
		t.Errorf("after a long silence it goes on (%v), want it ended or heard of", err)
	}
}

func TestTheEndOfARunWaitsForTheStore(t *testing.T) {
	t.Parallel()
	p, s := newPlace(), newShelf(t)
	s.large.Store(true)
	runs, kept := process(t, p, s, "a#1")
	s.away.Store(true) // Before it begins: it may be over at any moment.
	start(t, runs, strings.Replace(forever, "1h", "20ms", 1))
	until(t, "it goes on", func() bool { return runs.busy() == "" })
	if got, err := kept.Get(t.Context(), "long-1"); err != nil || got.Over() {
		t.Fatalf("it is %+v, %v, want it unwritten", got, err)
	}
	s.away.Store(false)
	if last := over(t, runs, "long-1"); last.Status.State != experiment.StateFinished || last.Result == "" {
		t.Errorf("it ended as %+v, want finished and judged", last)
	}
	c, err := runs.Conclusion(t.Context(), "long-1")
	if err != nil || !strings.Contains(strings.Join(c.Reasons, "\n"), "the findings were not kept") {
		t.Errorf("conclusion %+v, %v, want that its findings were too large", c, err)
	}
}

// whole fills every field of a value, so that none can be left out on the way to the store and back.
func whole(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString("s" + time.Duration(*n).String())
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		whole(v.Index(0), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(int64(*n), 0).UTC()))
			return
		}
		for _, field := range v.Fields() {
			whole(field, n)
		}
	}
}

func TestRecordsAreKeptWhole(t *testing.T) {
	t.Parallel()
	var want Record
	n := 0
	whole(reflect.ValueOf(&want).Elem(), &n)
	want.Problem = "" // It is about the keeping, and is not kept.
	run, err := storeRun(&want, "n#1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := recordOf(&run)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, record (-want +got):\n%s", err, diff)
	}
	for _, text := range []string{"", "[]", `{"format":2}`} {
		if _, err := recordOf(&store.Run{ID: "r-1", Form: json.RawMessage(text)}); err == nil {
			t.Errorf("%q is read, want an error", text)
		}
		if _, err := conclusionOf([]byte(text)); err == nil {
			t.Errorf("%q is read as a report, want an error", text)
		}
	}
}

func TestConclusionsAreKeptWhole(t *testing.T) {
	t.Parallel()
	p := newPlace()
	for range 20 {
		p.call("/1/content/music/catalog/genres", "f")
	}
	want := experiment.Conclusion{
		Result: verdict.Fail, Reasons: []string{"why"}, Met: []experiment.Met{{Expectation: "e", Figure: "f", Result: verdict.Fail}},
		Verdict: verdict.Judge(verdict.Journal{Attempts: verdict.Of(p.attempts.All()), Ended: true, Outcomes: []observe.Outcome{}}, verdict.Options{}),
	}
	text, err := storeConclusion(&want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := conclusionOf(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := storeConclusion(got)
	if err != nil || string(again) != string(text) || len(got.Verdict.Clients) != 1 || len(got.Verdict.Clients[0].Findings) == 0 {
		t.Errorf("%v, it is kept as %s, want %s", err, again, text)
	}
}
