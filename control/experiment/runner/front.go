package runner

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// front sends probes to the caller's own front door.
type front struct {
	experiment *experiment.Experiment
	tell       func(context.Context, experiment.Event)
	client     *http.Client
	// prefix begins the trace ids of this run.
	prefix string

	// phase is the one under way, cancel ends its probes.
	cancel context.CancelFunc
	group  sync.WaitGroup

	mu      sync.Mutex
	answers []experiment.Answer
	right   int
	// told are outcomes that wait until it is known whether an attempt carried their trace.
	told []told
	// traces are the trace ids that probes sent and whose outcomes are not ripe, with whether an attempt carried them.
	traces map[string]bool
}

// told is an outcome with the request that the probe says it causes.
type told struct {
	outcome  observe.Outcome
	upstream string
}

func newFront(e *experiment.Experiment, tell func(context.Context, experiment.Event)) *front {
	transport := &http.Transport{MaxIdleConnsPerHost: experiment.MaxConcurrency, IdleConnTimeout: 30 * time.Second}
	return &front{
		experiment: e, tell: tell, traces: map[string]bool{}, prefix: draw(8),
		client: &http.Client{
			Transport:     transport, // Without a proxy, whatever the environment says.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// enter begins to send the probes of a phase.
func (f *front) enter(ctx context.Context, phase int) {
	sending, cancel := context.WithCancel(ctx)
	f.cancel = cancel
	if f.experiment.Phases[phase].Rounds > 0 {
		f.group.Go(func() { f.rounds(ctx, sending, phase) })
		return
	}
	for _, i := range f.probesOf(phase) {
		f.group.Go(func() { f.keep(ctx, sending, i, phase) })
	}
}

// probesOf are the places of the probes that are sent in a phase.
func (f *front) probesOf(phase int) []int {
	var list []int
	for i := range f.experiment.Probes {
		if p := &f.experiment.Probes[i]; len(p.Phases) == 0 || slices.Contains(p.Phases, f.experiment.Phases[phase].Name) {
			list = append(list, i)
		}
	}
	return list
}

// rounds sends the probes of a phase one after another, round by round, until all have their answers or sending ends.
func (f *front) rounds(ctx, sending context.Context, phase int) {
	for range f.experiment.Phases[phase].Rounds {
		for _, probe := range f.probesOf(phase) {
			if sending.Err() != nil || !f.once(ctx, probe, phase) {
				return
			}
		}
	}
	rest(sending, recordTime)
	f.tell(ctx, experiment.Rounded{Phase: phase})
}

// recordTime is how long after an answer the attempts behind it are recorded at the latest, but on a busy machine.
const recordTime = 20 * time.Millisecond

// once sends a probe once, and reports false when the run ended before the answer came.
func (f *front) once(ctx context.Context, probe, phase int) bool {
	p := &f.experiment.Probes[probe]
	answer, outcome, ok := f.send(ctx, p, &f.experiment.Phases[phase])
	if !ok {
		return false
	}
	f.keepAnswer(answer, outcome, p.Upstream)
	f.tell(ctx, experiment.Probed{Probe: probe, Phase: phase, Wrong: answer.Wrong, Took: answer.Took})
	return true
}

// keep sends a probe until sending ends. What is under way then may come to its end, unless the run ends.
func (f *front) keep(ctx, sending context.Context, probe, phase int) {
	p := &f.experiment.Probes[probe]
	for sending.Err() == nil {
		begun := time.Now()
		if !f.once(ctx, probe, phase) {
			return
		}
		rest(sending, p.Every-time.Since(begun))
	}
}

func (f *front) keepAnswer(a experiment.Answer, o observe.Outcome, upstream string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers = append(f.answers, a)
	if a.Right {
		f.right++
	}
	f.told = append(f.told, told{o, upstream})
}

// leave sends no more probes.
func (f *front) leave() {
	if f.cancel != nil {
		f.cancel()
		f.cancel = nil
	}
}

// stop waits until the probes under way have ended; their context must have.
func (f *front) stop() {
	f.leave()
	f.group.Wait()
	f.client.CloseIdleConnections()
}

// saw notes the trace of an attempt.
func (f *front) saw(trace string) {
	if !strings.HasPrefix(trace, f.prefix) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, sent := f.traces[trace]; sent {
		f.traces[trace] = true
	}
}

// await waits for attempts with a trace, forget does no more.
func (f *front) await(trace string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.traces[trace] = false
}

func (f *front) forget(trace string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.traces, trace)
}

// ripeTime is how long an outcome waits for its attempts to be recorded.
const ripeTime = 200 * time.Millisecond

// ripe returns the outcomes of which it is known by now what they are about; at the end that is all of them.
func (f *front) ripe(now time.Time, end bool) []observe.Outcome {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ripe []observe.Outcome
	for len(f.told) > 0 && (end || now.Sub(f.told[0].outcome.Time) >= ripeTime) {
		o := f.told[0].outcome
		trace := o.Trace
		if method, target, ok := strings.Cut(f.told[0].upstream, " "); ok && !f.traces[trace] {
			o.Trace, o.Method, o.Target = "", method, target
		}
		delete(f.traces, trace)
		ripe = append(ripe, o.Clean(now))
		f.told = f.told[1:]
	}
	return ripe
}

func (f *front) counts() (answers, right int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.answers), f.right
}

func (f *front) all() []experiment.Answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.answers)
}

// newTrace draws a trace id and the field that carries it (W3C Trace Context).
func (f *front) newTrace() (id, field string) {
	id = f.prefix + draw(8)
	return id, "00-" + id + "-" + draw(8) + "-01"
}

// draw draws so many random bytes, in hexadecimal.
func draw(count int) string {
	room := make([]byte, count)
	_, _ = rand.Read(room) // It never fails.
	return hex.EncodeToString(room)
}

// requestOf makes a request.
func requestOf(ctx context.Context, r *experiment.Request) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, strings.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	if r.Body == "" {
		request.Body, request.GetBody, request.ContentLength = http.NoBody, nil, 0
	}
	for name, value := range r.Headers {
		request.Header.Set(name, value)
		if strings.EqualFold(name, "Host") {
			request.Host = value
		}
	}
	return request, nil
}
