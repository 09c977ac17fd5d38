package runner

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/document"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// town is a proxy without sockets: what its caller asks for is decided by a real engine and recorded as a real attempt.
type town struct {
	*place
	tracker *observe.Tracker
	begun   time.Time
	number  uint64
}

func newTown(e *experiment.Experiment) *town {
	engine := faults.NewEngineWith(faults.EngineOptions{Seed: e.Seed, SingleFlight: e.SingleFlight})
	p := &place{engine: engine, memory: store.NewMemory(engine, time.Now), attempts: store.NewAttempts(10_000)}
	t := &town{place: p, tracker: observe.NewTracker(1000), begun: time.Now()}
	p.Site = Site{Faults: p.memory, Brake: p.memory, Attempts: p.attempts, Outcomes: &store.Outcomes{}, Uses: engine.AllUses, Renew: t.tracker.Renew}
	return t
}

// ask makes one exchange, which takes a while, and returns what the caller sees of it.
func (t *town) ask(method, endpoint, target string) *observe.Attempt {
	t.number++
	a := &observe.Attempt{
		Sequence: t.number, Time: time.Now(), Received: time.Since(t.begun), Client: "c", Credential: "c", Method: method, Endpoint: endpoint,
		Target: target, Counter: observe.NoCounter, BodyComplete: true, Status: 200, Class: groove.ClassSuccess,
		Origin: observe.OriginUpstream, End: observe.EndComplete, Conn: t.number, ConnUse: 1, Forwarded: true, UpstreamStatus: 200,
	}
	place := t.tracker.Begin(a.Fingerprint(), "", observe.NoCounter, a.Received)
	d := t.engine.Decide(&faults.Exchange{Endpoint: endpoint, Method: method, Path: target, Client: "c", Place: place, Now: time.Now(), Header: noHeader{}})
	defer d.Release()
	time.Sleep(2 * time.Millisecond)
	if d.Terminal != nil {
		t.strike(a, &d)
	}
	a.Answered, a.SingleFlight = time.Since(t.begun), d.SingleFlight()
	wait, _ := a.Wait()
	t.tracker.End(place, "", a.Failed(), a.Answered, wait.Wait)
	d.Settle(a.Failed(), time.Now().Add(observe.Window(wait.Wait)))
	t.attempts.Record(a)
	return a
}

type noHeader struct{}

func (noHeader) Value(string) (string, bool) { return "", false }

// strike does to an attempt what was decided.
func (t *town) strike(a *observe.Attempt, d *faults.Decision) {
	f := &d.Terminal.Fault
	d.Terminal.Fire()
	a.Fault, a.Class, a.Origin = f.Name, groove.ClassFailure, observe.OriginInjected
	if f.Break != nil {
		a.Status, a.Break, a.BreakAt, a.End = 0, f.Break.How, f.Break.At, observe.EndBroken
		return
	}
	before := f.Answer.At != faults.SideAfter
	if before {
		a.Forwarded, a.UpstreamStatus = false, 0
	}
	a.Status, a.ErrorCode = f.Answer.Status, f.Answer.ErrorCode
	if code, ok := groove.ErrorCodeByName(string(a.ErrorCode)); ok && a.Status == 0 {
		a.Status = code.Status
	}
	switch r := f.Answer.RetryAfter; {
	case r == nil:
	case r.Seconds != nil:
		a.RetryAfter = fmt.Sprint(*r.Seconds)
	case r.DateIn != nil:
		a.RetryAfter = time.Now().Add(*r.DateIn + time.Second).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
	default:
		a.RetryAfter = *r.Raw
	}
}

// caller repeats as it is told, up to four times in all.
type caller struct {
	*town
	// gentle callers wait longer each time, and as long as they are told, and leave alone what no repeat mends and what
	// may have been done.
	gentle bool
	random *rand.Rand
}

func (c *caller) call(method, endpoint, target string) {
	for k := range 4 {
		a := c.ask(method, endpoint, target)
		if !a.Failed() || k == 3 || c.gentle && !mendable(a) {
			return
		}
		if !c.gentle {
			time.Sleep(time.Millisecond)
			continue
		}
		e := 100 * time.Millisecond << k
		wait := e/2 + time.Duration(c.random.Int64N(int64(e/2)))
		if ask, ok := a.Wait(); ok && ask.Wait > 0 {
			wait = ask.Wait + time.Duration(c.random.Int64N(int64(100*time.Millisecond)))
		}
		time.Sleep(wait)
	}
}

func mendable(a *observe.Attempt) bool {
	return a.Status == 429 || a.Status == 503 || a.Method == "GET" && (a.Status == 0 || a.Status >= 500)
}

// suite is a test suite of eleven calls.
func (c *caller) suite(context.Context) experiment.Ended {
	time.Sleep(200 * time.Millisecond) // It has to start.
	for i := range 8 {
		c.call("GET", "lookup", fmt.Sprintf("/1/content/music.%d/lookup", i))
		if i%3 == 2 {
			c.call("POST", "collection.add", fmt.Sprintf("/1/content/music/collection/add?n=%d", i))
		}
	}
	return experiment.Ended{}
}

// The standard experiment judges a sound caller within its time, and finds what is wrong with an unsound one by name.
func TestStandardExperiment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		gentle bool
		want   verdict.Result
		failed []string
	}{
		"a sound caller":    {true, verdict.Pass, nil},
		"an unsound caller": {false, verdict.Fail, []string{"final-not-retried", "backs-off", "retry-after-honoured", "write-not-repeated"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e, err := document.Standard()
				if err != nil {
					t.Fatal(err)
				}
				e.Workload.Command = []string{"suite"}
				c := &caller{town: newTown(e), gentle: test.gentle, random: rand.New(rand.NewPCG(1, 2))}
				r := newRun(t, Options{Site: c.Site, Experiment: e, Command: c.suite})
				begun := time.Now()
				end := r.Do(t.Context())
				if took := time.Since(begun); took > 90*time.Second || end.State != experiment.StateFinished {
					t.Errorf("it took %v and ended %s, want at most 90s and finished", took, end.State)
				}
				got := r.Judge()
				if got.Result != test.want {
					t.Errorf("it is %s for %q %q, want %s", got.Result, got.Reasons, got.Verdict.Reasons, test.want)
				}
				var failed []string
				for _, f := range got.Verdict.Clients[0].Findings {
					if f.Result == verdict.Fail || f.Result == verdict.Inconclusive && f.Exposed > 0 && !verdict.Mild(f.Check) && test.gentle {
						failed = append(failed, f.Check+" "+f.Summary)
					}
				}
				if len(failed) < len(test.failed) || test.gentle && len(failed) > 0 {
					t.Errorf("it fails %q, want %q", failed, test.failed)
				}
				for _, check := range test.failed {
					if !strings.Contains("\n"+strings.Join(failed, "\n"), "\n"+check+" ") {
						t.Errorf("it fails %q, want %s among them", failed, check)
					}
				}
				if names := c.inForce(t); len(names) > 0 {
					t.Errorf("%v is still in force", names)
				}
			})
		})
	}
}
