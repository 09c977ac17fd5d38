package runner

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/document"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// place is a groovechaos without a proxy: tests record attempts themselves.
type place struct {
	Site
	engine   *faults.Engine
	memory   *store.Memory
	attempts *store.Attempts
}

func newPlace() *place {
	engine := faults.NewEngine(1)
	p := &place{engine: engine, memory: store.NewMemory(engine, time.Now), attempts: store.NewAttempts(10_000)}
	p.Site = Site{Faults: p.memory, Brake: p.memory, Attempts: p.attempts, Outcomes: &store.Outcomes{}, Uses: engine.AllUses}
	return p
}

// inForce are the names of the faults that the store has.
func (p *place) inForce(t *testing.T) []string {
	t.Helper()
	set, err := p.memory.Faults(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range set {
		names = append(names, set[i].Name)
	}
	return names
}

// call records an attempt that is over now; fault is what answered it, "" for nothing.
func (p *place) call(target, fault string) {
	a := observe.Attempt{
		Time: time.Now(), Client: "c", Method: "GET", Target: target, Counter: observe.NoCounter, BodyComplete: true,
		Status: 200, Class: groove.ClassSuccess, Origin: observe.OriginUpstream, End: observe.EndComplete, Fault: fault,
	}
	if fault != "" {
		a.Status, a.Class, a.Origin = 503, groove.ClassFailure, observe.OriginInjected
	}
	p.attempts.Record(&a)
}

func parse(t *testing.T, text string) *experiment.Experiment {
	t.Helper()
	e, err := document.Parse("test.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func newRun(t *testing.T, o Options) *Run {
	t.Helper()
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const busy = `
[[phases]]
name = "calm"
duration = "10s"
[[phases]]
name = "busy"
duration = "20s"
[[phases.faults]]
name = "down"
answer.status = 503
`

// In a bubble: ten seconds in, the faults of the second phase are in force, and at the end they are gone.
func TestFaultsComeAndGoWithTheirPhase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace()
		var seen []string
		r := newRun(t, Options{Site: p.Site, Experiment: parse(t, busy), Watch: func(s Status) { seen = append(seen, s.Phase+" "+string(s.State)) }})
		done := make(chan experiment.End)
		go func() { done <- r.Do(t.Context()) }()
		for _, moment := range []struct {
			at   time.Duration
			want string
		}{{5 * time.Second, ""}, {6 * time.Second, "busy.down"}, {18 * time.Second, "busy.down"}} {
			time.Sleep(moment.at)
			if got := strings.Join(p.inForce(t), " "); got != moment.want {
				t.Errorf("in force is %q, want %q", got, moment.want)
			}
		}
		end := <-done
		if end.State != experiment.StateFinished || len(p.inForce(t)) > 0 {
			t.Errorf("it ended %v with %v in force, want finished with nothing", end, p.inForce(t))
		}
		if want := []string{"calm running", "busy running", " finished"}; !slices.Equal(seen, want) {
			t.Errorf("who watches saw %q, want %q", seen, want)
		}
	})
}

// Were the runner to die, its faults would end by themselves soon after their phase.
func TestFaultsEndThoughTheRunnerDies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace()
		r := newRun(t, Options{Site: p.Site, Experiment: parse(t, busy)})
		r.begin()
		if e := r.force.enter(t.Context(), r.o.Experiment.Phases[1].Placed()); e != nil {
			t.Fatal(e)
		}
		set, _ := p.memory.Faults(t.Context())
		if life := time.Until(set[0].ExpiresAt); life < 20*time.Second || life > 31*time.Second {
			t.Errorf("the fault lives for another %v, want 20s and a little", life)
		}
	})
}

// Whatever stops a run, nothing is left.
func TestStopping(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		// spoil is called when the second phase has begun.
		spoil func(t *testing.T, p *place, cancel context.CancelFunc)
		more  string
		state experiment.State
		want  string
	}{
		"by a signal": {func(_ *testing.T, _ *place, cancel context.CancelFunc) { cancel() }, "", experiment.StateStopped, "it was asked to stop: interrupted"},
		"by the brake": {func(t *testing.T, p *place, _ context.CancelFunc) {
			t.Helper()
			if _, err := p.memory.SetBrake(t.Context(), true, "smoke"); err != nil {
				t.Error(err)
			}
		}, "", experiment.StateStopped, "stop_when.brake: the brake was pulled: smoke"},
		"by a guardrail": {func(_ *testing.T, p *place, _ context.CancelFunc) {
			for range 5 {
				p.call("/a", "busy.down")
			}
		}, "[stop_when]\namplification = 3\nleast = 5\n", experiment.StateStopped, "stop_when.amplification: 5 attempts for 1 calls in 10s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlace()
				var ended time.Time
				command := func(ctx context.Context) experiment.Ended {
					<-ctx.Done()
					ended = time.Now()
					return experiment.Ended{Status: -1, Text: "signal: terminated"}
				}
				r := newRun(t, Options{Site: p.Site, Experiment: parse(t, busy+"[workload]\ncommand = [\"x\"]\n"+test.more), Command: command})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(12*time.Second, func() { test.spoil(t, p, cancel) })
				begun := time.Now()
				end := r.Do(ctx)
				if end.State != test.state || end.Reason != test.want {
					t.Errorf("it ended %s: %q, want %s: %q", end.State, end.Reason, test.state, test.want)
				}
				if took := time.Since(begun); took > 12*time.Second+100*time.Millisecond {
					t.Errorf("it took %v to stop", took-12*time.Second)
				}
				if names := p.inForce(t); len(names) > 0 || ended.IsZero() {
					t.Errorf("%v is in force, the command ended at %v; want nothing and ended", names, ended)
				}
				c := r.Judge()
				if c.Result == verdict.Pass || !strings.Contains(strings.Join(c.Reasons, "\n"), test.want) {
					t.Errorf("it is %s for %q, want the reason", c.Result, c.Reasons)
				}
			})
		})
	}
}

// A fault whose name is taken fails the run before anything of its phase is in force, and leaves what was there.
func TestAFaultThatIsThereAlready(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace()
		status := faults.Fault{Name: "busy.down", Answer: &faults.Answer{Status: 500}}
		if _, err := p.memory.Write(t.Context(), []store.Write{{Fault: status}}); err != nil {
			t.Fatal(err)
		}
		end := newRun(t, Options{Site: p.Site, Experiment: parse(t, busy)}).Do(t.Context())
		if end.State != experiment.StateFailed || !strings.Contains(end.Reason, `fault "busy.down" exists already`) {
			t.Errorf("it ended %s: %q", end.State, end.Reason)
		}
		if got := p.inForce(t); !slices.Equal(got, []string{"busy.down"}) {
			t.Errorf("in force is %v, want what was there", got)
		}
	})
}

// What a run that was cut off has left stands in nobody's way once it has expired.
func TestAnExpiredFaultGivesItsNameBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace()
		left := faults.Fault{Name: "busy.down", Answer: &faults.Answer{Status: 500}, TTL: time.Second}
		if _, err := p.memory.Write(t.Context(), []store.Write{{Fault: left}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if end := newRun(t, Options{Site: p.Site, Experiment: parse(t, busy)}).Do(t.Context()); end.State == experiment.StateFailed {
			t.Errorf("it ended %s: %q, want it done", end.State, end.Reason)
		}
		if got := p.inForce(t); len(got) > 0 {
			t.Errorf("in force is %v, want nothing", got)
		}
	})
}

func TestACommandIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace()
		starts := 0
		command := func(context.Context) experiment.Ended {
			starts++
			time.Sleep(900 * time.Millisecond) // Nothing else happens at the moment of its first attempt.
			for _, target := range []string{"/a", "/b", "/c"} {
				p.call(target, map[bool]string{true: "busy.down"}[slices.Contains(p.inForce(t), "busy.down")])
			}
			time.Sleep(time.Second)
			return experiment.Ended{}
		}
		e := parse(t, strings.Replace(busy, "duration = \"20s\"", "calls = 4", 1)+"[workload]\ncommand = [\"x\"]\nrepeat = true\n")
		r := newRun(t, Options{Site: p.Site, Experiment: e, Command: command})
		end := r.Do(t.Context())
		if starts != 8 || end.State != experiment.StateFinished || !end.Quiet {
			t.Errorf("%d starts, %+v; want 6 in 10.9s, 2 for 4 calls, and an end by itself", starts, end)
		}
		// What fails in one process and is asked again by the next is no repeat.
		c := r.Judge()
		for _, f := range c.Verdict.Clients[0].Findings {
			if f.Check == "transient-retried" && f.Result == verdict.Pass {
				t.Errorf("a caller that repeats nothing passes: %s", f.Summary)
			}
		}
		if calls := c.Verdict.Clients[0].Calls; calls != 24 {
			t.Errorf("%d calls, want 8 times 3", calls)
		}
	})
}

// A fault that strikes while a command runs excuses it, though it is counted only after its end; one that struck before does not.
func TestACommandIsStruckByWhatFires(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		strikes int
		notes   int
	}{"struck in each start": {1 << 30, 0}, "in the first alone": {1, 1}, "in none": {0, 1}}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlace()
				starts := 0
				var fired atomic.Uint64
				p.Uses = func() []faults.Use { return []faults.Use{{Name: "standing", Armed: true, Fired: fired.Load()}} }
				command := func(context.Context) experiment.Ended {
					time.Sleep(time.Second)
					p.call("/a", "")
					if starts++; starts <= test.strikes {
						time.AfterFunc(countTime/2, func() { fired.Add(1) })
					}
					return experiment.Ended{Status: 1, Text: "exit status 1"}
				}
				e := parse(t, "[workload]\ncommand = [\"x\"]\nrepeat = true\nexit = \"unfaulted\"\n[[phases]]\nname = \"a\"\nduration = \"6s\"\n")
				end := newRun(t, Options{Site: p.Site, Experiment: e, Command: command}).Do(t.Context())
				if len(end.Notes) != test.notes || starts < 3 {
					t.Errorf("%d starts, %+v; want %d notes", starts, end.Notes, test.notes)
				}
			})
		})
	}
}

// A run goes by what the site says when it is made, and by that for good.
func TestTheSiteSaysWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	p := newPlace()
	asked := []string{"backs-off"}
	p.Verdict = func() ([]string, verdict.Policy) {
		return asked, verdict.Policy{{Checks: []string{"grows"}, Severity: verdict.SeverityOff}}
	}
	r := newRun(t, Options{Site: p.Site, Experiment: parse(t, busy)})
	asked = []string{"body-kept"}
	if len(r.checks) != 1 || r.checks[0] != "backs-off" || len(r.policy) != 1 {
		t.Errorf("it asks for %q by %v, want backs-off by the site's policy", r.checks, r.policy)
	}
	p.call("/a", "")
	for _, f := range r.Judge().Verdict.Clients[0].Findings {
		if f.Check == "grows" {
			t.Errorf("grows is judged, want the site's policy to put it off")
		}
	}
}

func TestACommandWantsSomebodyToRunIt(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{Site: newPlace().Site, Experiment: parse(t, busy+"[workload]\ncommand = [\"x\"]\n")}); !errors.Is(err, ErrNoCommand) {
		t.Errorf("got %v, want ErrNoCommand", err)
	}
}

// door is a front door on a real socket.
func door(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

func TestLoadAndReady(t *testing.T) {
	t.Parallel()
	const rate, concurrency, enough = 100, 4, 20
	var mu sync.Mutex
	asked, loads := 0, 0
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	url := door(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/healthz" {
			if asked++; asked < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return
		}
		if loads++; loads%2 == 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		if loads == enough {
			cancel()
		}
	})
	e := parse(t, fmt.Sprintf("[workload]\nready = \"%[1]s/healthz\"\n[workload.load]\nurl = \"%[1]s/x\"\nrate = %[2]d\nconcurrency = %[3]d\n[[phases]]\nname = \"a\"\nduration = \"1h\"\n", url, rate, concurrency))
	r := newRun(t, Options{Site: newPlace().Site, Experiment: e})
	begun := time.Now()
	if end := r.Do(ctx); end.State != experiment.StateStopped {
		t.Fatalf("it ended %+v", end)
	}
	s := r.Status()
	mu.Lock()
	defer mu.Unlock()
	most := int(time.Since(begun).Seconds()*rate) + concurrency
	if asked < 3 || s.Load < enough-concurrency || s.Load > most || s.LoadFailed == 0 || s.LoadFailed >= s.Load || loads < s.Load {
		t.Errorf("asked %d times, load %d of %d, %d failed; want 3, some %d, at most %d, and half of them", asked, s.Load, loads, s.LoadFailed, enough, most)
	}
}
