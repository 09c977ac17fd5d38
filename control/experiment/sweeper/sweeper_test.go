package sweeper

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
	"github.com/groovechaos/groovechaos/control/experiment/sweep"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// place is a groovechaos without a proxy, whose workload is a caller in this process.
type place struct {
	Place

	memory   *store.Memory
	attempts *store.Attempts
	resets   int
	// runs counts the runs of the workload, under says which fault was in force in each, "" for none.
	under []string
}

// newPlace makes a place where call is the workload: it is told which fault is in force, and returns an exit status.
func newPlace(call func(p *place, f *faults.Fault) int) *place {
	engine := faults.NewEngine(1)
	p := &place{memory: store.NewMemory(engine, time.Now), attempts: store.NewAttempts(1000)}
	p.Site = runner.Site{Faults: p.memory, Brake: p.memory, Attempts: p.attempts, Outcomes: &store.Outcomes{}, Uses: engine.Uses, Now: time.Now}
	p.Reset = func(context.Context) error { p.resets++; return nil }
	p.Command = func(ctx context.Context, out io.Writer) experiment.Ended {
		rest(ctx, 20*time.Millisecond) // By then the fault is in force.
		set, err := p.memory.Faults(ctx)
		if err != nil {
			return experiment.Ended{Err: err}
		}
		var f *faults.Fault
		name := ""
		if len(set) > 0 {
			f, name = &set[0].Fault, set[0].Match.Endpoints[0]
		}
		p.under = append(p.under, name)
		status := call(p, f)
		if status < 0 {
			<-ctx.Done()
			return experiment.Ended{Status: -1, Text: "signal: terminated"}
		}
		if status > 0 {
			_, _ = io.WriteString(out, "not ok\n")
			return experiment.Ended{Status: status, Text: "exit status 1"}
		}
		return experiment.Ended{}
	}
	return p
}

// record records an attempt at searching that is over now.
func (p *place) record(fault string) {
	a := observe.Attempt{
		Time: time.Now(), Client: "c", Endpoint: groove.Search, Method: "GET", Target: "/1/content/music/search?q=a", Counter: observe.NoCounter, BodyComplete: true,
		Status: 200, Class: groove.ClassSuccess, Origin: observe.OriginUpstream, End: observe.EndComplete, Fault: fault,
	}
	if fault != "" {
		a.Status, a.Class, a.Origin = 503, groove.ClassFailure, observe.OriginInjected
	}
	p.attempts.Record(&a)
}

// refuse records an attempt of a call at searching that is refused.
func (p *place) refuse(call string) {
	a := observe.Attempt{
		Time: time.Now(), Client: "c", Endpoint: groove.Search, Method: "GET", Target: "/1/content/music/search?q=b", Counter: observe.NoCounter, BodyComplete: true,
		Status: 400, Class: groove.ClassFailure, Origin: observe.OriginUpstream, End: observe.EndComplete, CallID: call, CallIDHeader: observe.CallHeader,
	}
	p.attempts.Record(&a)
}

func options(p *place, only ...string) Options {
	return Options{
		Places: []Place{p.Place}, Plan: sweep.Options{Latency: time.Second, Only: only},
		Setup: sweep.Setup{Command: []string{"x"}, Latency: time.Second, Runs: 1},
	}
}

// In a bubble: nothing is in force in peace, one fault in a case, nothing after it; and what was written is forgotten before each run.
func TestOneFaultAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(func(p *place, f *faults.Fault) int { p.record(""); return 0 })
		result, err := Run(t.Context(), options(p, "search/503/once", "search/400/once"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(p.under, ","); got != ",,search,search" || p.resets != 4 {
			t.Errorf("under %q with %d resets, want two runs in peace, two under a fault, 4 resets", got, p.resets)
		}
		// The place has no proxy, so that no fault ever fires: that is told, and is no pass.
		tally := sweep.TallyOf(result.Cells)
		if tally.Unreached != 2 || tally.Result() != verdict.Inconclusive {
			t.Errorf("%d unreached, %s; want 2 and inconclusive", tally.Unreached, tally.Result())
		}
		if left, _ := p.memory.Faults(t.Context()); len(left) > 0 {
			t.Errorf("%d faults are left", len(left))
		}
	})
}

// What no endpoint has is refused before anything runs, what the workload does not call once that is known.
func TestPatternsAreRefusedEarly(t *testing.T) {
	t.Parallel()
	for pattern, runs := range map[string]int{"nosuch/*": 0, "search/nosuch/*": 0, "genres/503/once": 1} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlace(func(p *place, _ *faults.Fault) int { p.record(""); return 0 })
				_, err := Run(t.Context(), options(p, "search/503/once", pattern))
				wrong, ok := errors.AsType[*PatternError](err)
				if !ok || wrong.Pattern != pattern || len(p.under) != runs {
					t.Errorf("%v after %d runs, want %s refused after %d", err, len(p.under), pattern, runs)
				}
			})
		})
	}
}

func TestAWorkloadThatIsNotWell(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call func(p *place, f *faults.Fault) int
		want string
	}{
		"it fails":      {func(p *place, _ *faults.Fault) int { p.record(""); return 1 }, "run the workload without faults: it ended with exit status 1"},
		"it is flaky":   {func(p *place, _ *faults.Fault) int { p.record(""); return len(p.under) - 1 }, "it ended well once, then with exit status 1"},
		"it never ends": {func(p *place, _ *faults.Fault) int { p.record(""); return -1 }, "it did not end within 10m0s"},
		"it is silent":  {func(*place, *faults.Fault) int { return 0 }, ErrSilent.Error()},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, err := Run(t.Context(), options(newPlace(test.call)))
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%v, want %s", err, test.want)
				}
			})
		})
	}
}

// Whoever interrupts a sweep has what was done before, and nothing stays in force.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		p := newPlace(func(p *place, f *faults.Fault) int {
			p.record("")
			if len(p.under) == 4 {
				cancel()
			}
			return 0
		})
		o := options(p, "search/503/once", "search/400/once", "search/404/once")
		o.State = filepath.Join(t.TempDir(), "state.json")
		result, err := Run(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		tally := sweep.TallyOf(result.Cells)
		if !result.Interrupted || tally.Ran != 1 || tally.Left != 2 {
			t.Errorf("interrupted is %v with %d run and %d left, want 1 and 2", result.Interrupted, tally.Ran, tally.Left)
		}
		o.Resume = true
		result, err = Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if tally := sweep.TallyOf(result.Cells); tally.Ran != 3 || result.Known != 1 {
			t.Errorf("gone on, %d ran and %d were known, want 3 and 1", tally.Ran, result.Known)
		}
		o.Plan.Only = []string{"search/404/once"}
		if result, err = Run(t.Context(), o); err != nil || result.Known != 1 {
			t.Errorf("gone on with one of three, %d were known, want 1 (%v)", result.Known, err)
		}
	})
}

// What the judge found without faults is known to who goes on, and under another policy nobody does.
func TestGoingOnKnowsThePeace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(func(p *place, _ *faults.Fault) int {
			for range 30 {
				p.refuse("id") // The same call, again and again.
			}
			return 0
		})
		o := options(p, "search/503/once")
		o.State = filepath.Join(t.TempDir(), "state.json")
		first, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		o.Resume = true
		second, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if len(first.Peace) == 0 || !slices.Equal(first.Peace, second.Peace) {
			t.Errorf("in peace %q, gone on %q; want the same, and not nothing", first.Peace, second.Peace)
		}
		o.Policy = verdict.Policy{{Checks: []string{"final-not-retried"}, Severity: verdict.SeverityWarn}}
		if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "the digest of the policy was") {
			t.Errorf("under another policy: %v, want that it is another", err)
		}
	})
}

func TestStateIsNobodyElsesFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "notes.json")
	if err := os.WriteFile(path, []byte(`{"mine": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceable(path, true); err == nil || !strings.Contains(err.Error(), "it is no state of a sweep") {
		t.Errorf("%v, want that it is no state of a sweep", err)
	}
	if err := replaceable(path+".none", false); err != nil {
		t.Errorf("where no file is: %v", err)
	}
	if err := replace(filepath.Join(path, "x"), nil); err == nil {
		t.Error("a file below a file can be written")
	}
	if _, err := load(path+".none", &sweep.Setup{}); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("%v, want that there is no such file", err)
	}
}

// What a sweep that was killed left beside the state is in nobody's way, and does not stay.
func TestNothingIsLeftBesideTheState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	if err := os.WriteFile(filepath.Join(dir, ".state.json.new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replace(path, []byte("whole")); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); string(data) != "whole" || len(files) != 1 {
		t.Errorf("the state is %q, and there are %d files; want whole, and it alone", data, len(files))
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var one tail
	for range 1000 {
		_, _ = io.WriteString(&one, "a line\n")
	}
	_, _ = io.WriteString(&one, strings.Repeat("x", 3000)+"\nlast\n")
	if got := one.String(); got != "last" {
		t.Errorf("the end is %q, want what is whole of it", got)
	}
	var short tail
	_, _ = io.WriteString(&short, "a\nb\n\n")
	if got := short.String(); got != "a\nb" {
		t.Errorf("it is %q, want all of it", got)
	}
}

// What a sweep that was interrupted has found is not overwritten unasked; what is finished is.
func TestUnfinishedStateIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(func(p *place, _ *faults.Fault) int { p.record(""); return 0 })
		o := options(p, "search/503/once", "search/400/once")
		o.State = filepath.Join(t.TempDir(), "state.json")
		o.Budget = time.Nanosecond // There is no time for any case.
		run := func(change func(*Options)) error {
			asked := o
			change(&asked)
			_, err := Run(t.Context(), asked)
			return err
		}
		if err := run(func(*Options) {}); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(o.State)
		err := run(func(o *Options) { o.Budget = 0 })
		if unfinished, ok := errors.AsType[*UnfinishedError](err); !ok || unfinished.Path != o.State || !strings.Contains(err.Error(), "--resume, or begin anew with --fresh") {
			t.Errorf("begun anew: %v, want that it is not finished, and what to do", err)
		}
		if after, _ := os.ReadFile(o.State); string(after) != string(before) {
			t.Error("the state has changed")
		}
		if err := run(func(o *Options) { o.DryRun = true }); err != nil {
			t.Errorf("a dry run, which writes nothing: %v", err)
		}
		if err := run(func(o *Options) { o.Budget, o.Fresh = 0, true }); err != nil {
			t.Errorf("begun anew on purpose: %v", err)
		}
		if err := run(func(*Options) {}); err != nil {
			t.Errorf("begun anew after it was finished: %v", err)
		}
	})
}
