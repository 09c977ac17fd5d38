package sweeper

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/sweep"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// shop is a service in this process: each page makes one call, of which it makes attempts.
type shop struct {
	*place

	t   *testing.T
	url string
	// attempts is how many a call takes at most; silent passes no trace on.
	attempts int
	silent   bool
	// page is asked before a call, and may answer itself, with a status; nil for never.
	page func(f *faults.Fault, trace string) int

	mu    sync.Mutex
	begun time.Time
	// rounds says which fault was in force in each, "" for none.
	rounds []string
	// starts counts how often it was started, gone ends it.
	starts int
	gone   chan struct{}
}

// newShop opens a shop that answers 200 or what its last attempt met.
func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{place: newPlace(nil), t: t, attempts: 4, begun: time.Now()}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	s.url = server.URL
	s.Command = func(ctx context.Context, _ io.Writer) experiment.Ended {
		s.mu.Lock()
		s.starts++
		s.gone = make(chan struct{})
		gone := s.gone
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return experiment.Ended{Status: -1, Text: "signal: terminated"}
		case <-gone:
			return experiment.Ended{Status: 7, Text: "exit status 7"}
		}
	}
	return s
}

func (s *shop) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path != "/page" {
		return // It is ready.
	}
	set, err := s.memory.Faults(r.Context())
	if err != nil {
		s.t.Error(err)
	}
	var f *faults.Fault
	name := ""
	if len(set) > 0 {
		f, name = &set[0].Fault, set[0].Name
	}
	s.rounds = append(s.rounds, name)
	trace := strings.Split(r.Header.Get("Traceparent"), "-")[1]
	status := 0
	if s.page != nil {
		status = s.page(f, trace)
	}
	if status == 0 {
		status = s.call(f, trace)
	}
	w.WriteHeader(status)
}

// call makes the call of a page. Only what may pass is repeated, with growing waits.
func (s *shop) call(f *faults.Fault, trace string) (status int) {
	for n := 1; n <= s.attempts; n++ {
		struck := f != nil && (f.Trigger.Attempts == 0 || n <= int(f.Trigger.Attempts))
		if status = s.attempt(f, struck, trace); status < 429 {
			break
		}
		time.Sleep(time.Duration(n) * 25 * time.Millisecond)
	}
	return status
}

// attempt records one attempt, and returns its status.
func (s *shop) attempt(f *faults.Fault, struck bool, trace string) int {
	if s.silent {
		trace = ""
	}
	now := time.Now()
	a := observe.Attempt{
		Time: now, Received: now.Sub(s.begun), Answered: now.Sub(s.begun), Client: "c", Endpoint: groove.Search, Method: "GET", Trace: trace,
		Target: "/1/content/music/search?q=a", Counter: observe.NoCounter, BodyComplete: true, Status: 200, Class: groove.ClassSuccess,
		Origin: observe.OriginUpstream, End: observe.EndComplete,
	}
	if struck {
		a.Status, a.Class, a.Origin, a.Fault = f.Answer.Status, groove.ClassFailure, observe.OriginInjected, f.Name
	}
	total, _ := s.place.attempts.Counts()
	a.Sequence = total + 1
	s.place.attempts.Record(&a)
	return a.Status
}

// sweep sweeps the shop, and returns its cells by their names.
func (s *shop) sweep(only ...string) map[string]sweep.Cell {
	s.t.Helper()
	return s.sweepUntil(s.t.Context(), only...)
}

// sweepUntil is sweep until ctx ends.
func (s *shop) sweepUntil(ctx context.Context, only ...string) map[string]sweep.Cell {
	s.t.Helper()
	// How long a service waits is not what is tested here, and differs on a busy machine.
	o := options(s.place, only...)
	o.Setup.Runs = 2
	o.Policy = verdict.Policy{{Checks: []string{"grows", "jitters", "backs-off"}, Severity: verdict.SeverityOff}, {Checks: []string{"recovers"}, Limits: verdict.Limits{Recovery: time.Millisecond}}}
	o.Service = &Service{Ready: s.url, Probes: []experiment.Probe{{
		Name: "page", Request: experiment.Request{URL: s.url + "/page", Method: http.MethodGet, Timeout: 10 * time.Second},
	}}}
	result, err := Run(ctx, o)
	if err != nil {
		s.t.Fatal(err)
	}
	cells := map[string]sweep.Cell{}
	for _, c := range result.Cells {
		cells[c.ID()] = c
	}
	return cells
}

func (s *shop) want(cells map[string]sweep.Cell, id string, result verdict.Result, check, summary string) {
	s.t.Helper()
	c := cells[id]
	if c.Result != result || c.Check != check || !strings.Contains(c.Summary, summary) {
		s.t.Errorf("%s is %s %q: %s; want %s %q: … %s …", id, c.Result, c.Check, c.Summary, result, check, summary)
	}
}

// A sound service is started once, is asked in peace between two cases, and passes.
func TestServiceIsSwept(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	cells := s.sweep("search/503/*", "search/400/once")
	s.want(cells, "search/503/once", verdict.Pass, "", "came again and succeeded: 1 request; the probes were right")
	s.want(cells, "search/503/always", verdict.Pass, "", "came again 3 times, then gave up; the probe page was wrong: status is 503")
	s.want(cells, "search/400/once", verdict.Pass, "", "did not come again")
	fault := "sweep.fault"
	if want := []string{"", "", "", "", fault, "", fault, "", fault, "", fault, ""}; !slices.Equal(s.rounds, want) || s.starts != 1 || s.resets != 1 {
		t.Errorf("rounds under %q with %d starts and %d resets, want %q, one and one", s.rounds, s.starts, s.resets, want)
	}
	if left, _ := s.memory.Faults(t.Context()); len(left) > 0 {
		t.Errorf("%d faults are left", len(left))
	}
}

// A service that gives up what passes at once is found by its probe.
func TestServiceThatGivesUp(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.attempts = 1
	s.want(s.sweep("search/503/once"), "search/503/once", verdict.Fail, sweep.CheckProbe, "should be mended by a repeat: it did not come again")
}

// What one case has done to a service is not for the next: a breaker that is open is waited for.
func TestBreakerClosesBeforeTheNextCase(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var open time.Time
	s.page = func(f *faults.Fault, trace string) int {
		if time.Now().Before(open) {
			return http.StatusServiceUnavailable
		}
		status := s.call(f, trace)
		if status >= 400 {
			open = time.Now().Add(250 * time.Millisecond)
		}
		return status
	}
	cells := s.sweep("search/400/once", "search/403/once")
	s.want(cells, "search/400/once", verdict.Pass, "", "did not come again")
	s.want(cells, "search/403/once", verdict.Pass, "", "did not come again")
}

// A repeat that comes only in the next case is none of that one's: by its trace it is known, and without one nothing is held against the
// service for it.
func TestLateRepeatsAreNotOfTheNextCase(t *testing.T) {
	t.Parallel()
	for name, silent := range map[string]bool{"with a trace": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.silent = silent
			owed := ""
			s.page = func(f *faults.Fault, trace string) int {
				switch {
				case f == nil:
				case owed == "":
					owed = trace
				case owed != "paid":
					s.attempt(f, true, owed)
					s.attempt(f, true, owed)
					owed = "paid"
				}
				return 0
			}
			cells := s.sweep("search/400/once", "search/403/once")
			s.want(cells, "search/400/once", verdict.Pass, "", "did not come again")
			if c := cells["search/403/once"]; silent && c.Result == verdict.Fail || !silent && c.Result != verdict.Pass {
				t.Errorf("the next case is %s %q: %s; want what it did itself", c.Result, c.Check, c.Summary)
			}
		})
	}
}

// A service that ends under a fault fails by that, and is started anew for what follows.
func TestServiceThatEnds(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.page = func(f *faults.Fault, trace string) int {
		if f != nil && f.Answer.Status == 400 {
			s.attempt(f, true, trace)
			close(s.gone)
			s.gone = make(chan struct{}) // Of the next start there is another one.
			return http.StatusBadGateway
		}
		return 0
	}
	cells := s.sweep("search/400/once", "search/403/once")
	s.want(cells, "search/400/once", verdict.Fail, sweep.CheckExit, "the service ended with exit status 7 under the fault")
	s.want(cells, "search/403/once", verdict.Pass, "", "did not come again")
	if s.starts != 3 {
		t.Errorf("it was started %d times, want once, and again after each of two runs", s.starts)
	}
}

// Of a service elsewhere that does not recover nothing else can be told.
func TestServiceThatDoesNotRecover(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.Command = nil
	broken := false
	s.page = func(f *faults.Fault, _ string) int {
		if broken {
			return http.StatusInternalServerError
		}
		broken = f != nil
		return 0
	}
	cells := s.sweep("search/400/once", "search/403/once")
	s.want(cells, "search/400/once", verdict.Fail, "recovers", "the service still failed ")
	_, late, _ := strings.Cut(cells["search/400/once"].Summary, "the service still failed ")
	late, _, _ = strings.Cut(late, " ")
	if took, err := time.ParseDuration(late); err != nil || took < 3*time.Second {
		t.Errorf("it was given up after %q, %v, want 3s or more", late, err)
	}
	s.want(cells, "search/403/once", verdict.Inconclusive, "", "not tried: without any fault the probe page was wrong: status is 500")
}

// Whoever interrupts a sweep while a service is started anew has what was done before.
func TestInterruptedWhileItStarts(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := newShop(t)
	start := s.Command
	s.Command = func(ctx context.Context, out io.Writer) experiment.Ended {
		s.mu.Lock()
		again := s.starts > 0
		s.mu.Unlock()
		if again {
			cancel()
		}
		return start(ctx, out)
	}
	s.page = func(f *faults.Fault, trace string) int {
		if f != nil && f.Answer.Status == 403 {
			s.attempt(f, true, trace)
			close(s.gone)
			return http.StatusBadGateway
		}
		return 0
	}
	cells := s.sweepUntil(ctx, "search/400/once", "search/403/once")
	s.want(cells, "search/400/once", verdict.Pass, "", "did not come again")
	if c := cells["search/403/once"]; c.State != sweep.StateLeft {
		t.Errorf("the case under way is %s, want it left out", c.State)
	}
}
