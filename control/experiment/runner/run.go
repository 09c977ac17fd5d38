package runner

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Run is one execution of an experiment. Make it with New, then call Do once.
type Run struct {
	o       Options
	machine *experiment.Machine
	force   *force
	front   *front
	work    *work
	// checks and policy are those of the site.
	checks []string
	policy verdict.Policy
	// events are those of other goroutines.
	events chan experiment.Event
	// first is the position of the first attempt of the run, next that after the last one that was read.
	first, next uint64
	// missed is how many attempts of other nodes had been lost when it began.
	missed uint64
	// shown is what who watches was told last, showed when.
	shown  Status
	showed time.Time

	mu      sync.Mutex
	begun   time.Time
	status  Status
	starts  []time.Time
	end     experiment.End
	answers []experiment.Answer
}

// New makes a run that has not begun. The error is ErrNoCommand.
func New(o Options) (*Run, error) {
	if o.Experiment.Workload.Command != nil && o.Command == nil {
		return nil, ErrNoCommand
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Renew == nil {
		o.Renew = func() {}
	}
	r := &Run{o: o, machine: experiment.NewMachine(o.Experiment), events: make(chan experiment.Event)}
	if o.Verdict != nil {
		r.checks, r.policy = o.Verdict()
	}
	r.force = &force{site: &r.o.Site, did: map[string]did{}}
	r.front = newFront(o.Experiment, r.tell)
	r.work = &work{options: &r.o, tell: r.tell, front: r.front}
	return r, nil
}

// Experiment is what is run.
func (r *Run) Experiment() *experiment.Experiment { return r.o.Experiment }

const (
	// pollTime is the time between two looks at the attempts and the brake.
	pollTime = 10 * time.Millisecond
	// brakeTime is the least time between two looks at the brake.
	brakeTime = 50 * time.Millisecond
	// watchTime is the least time between two things that who watches is told, unless a phase begins.
	watchTime = 100 * time.Millisecond
	// cleanTime bounds what is to be done once the run has ended.
	cleanTime = 10 * time.Second
)

// Do runs the experiment until it has ended, or stops it when ctx ends. When it returns, the run's faults are gone, the
// workload has ended, and nothing goes on. How it ended says End.
func (r *Run) Do(ctx context.Context) experiment.End {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.begin()
	end := r.play(ctx, inner)
	cancel()
	r.work.halt()
	r.front.stop()
	clean, done := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer done()
	r.force.clear(clean)
	r.conclude(end)
	return end
}

func (r *Run) begin() {
	r.first, _ = r.o.Attempts.Counts()
	r.next, r.missed = r.first, r.o.Attempts.Missed()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = r.o.Now()
	r.status = Status{State: experiment.StateRunning, Started: r.begun}
}

// play steps the machine until it finishes.
func (r *Run) play(ctx, inner context.Context) experiment.End {
	start := time.Now()
	var pending []experiment.Event
	var looked time.Time
	stopped := ctx.Done()
	for {
		pending = append(r.look(), pending...)
		if time.Since(looked) >= brakeTime {
			looked = time.Now()
			pending = append(pending, r.brake(inner)...)
		}
		todo, wake := r.machine.Step(time.Since(start), pending...)
		pending = nil
		for _, action := range todo {
			if finish, ok := action.(experiment.Finish); ok {
				return finish.End
			}
			if err := r.act(inner, action); err != nil {
				pending = append(pending, err)
			}
		}
		r.report()
		if len(pending) > 0 {
			continue
		}
		pending = r.wait(ctx, &stopped, min(pollTime, max(wake-time.Since(start), 0)))
	}
}

// wait waits for something to happen, at most for so long.
func (r *Run) wait(ctx context.Context, stopped *<-chan struct{}, most time.Duration) []experiment.Event {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case e := <-r.events:
		return []experiment.Event{e}
	case <-*stopped:
		*stopped = nil
		return []experiment.Event{experiment.Asked{Reason: reasonOf(ctx)}}
	case <-timer.C:
		return nil
	}
}

// reasonOf says why ctx has ended.
func reasonOf(ctx context.Context) string {
	if why, ok := errors.AsType[*stopped](context.Cause(ctx)); ok {
		return why.reason
	}
	return "interrupted"
}

// tell hands an event to the loop, unless the run is over.
func (r *Run) tell(ctx context.Context, e experiment.Event) {
	select {
	case r.events <- e:
	case <-ctx.Done():
	}
}

// pageSize is how many attempts are read at once.
const pageSize = 1000

// look reads the attempts that ended since.
func (r *Run) look() []experiment.Event {
	if total, _ := r.o.Attempts.Counts(); total == r.next {
		return nil
	}
	var seen []experiment.Event
	for {
		page, next := r.o.Attempts.Page(r.next, pageSize)
		for i := range page {
			r.front.saw(page[i].Trace)
			seen = append(seen, &experiment.Seen{Attempt: &page[i]})
		}
		r.next = next
		if len(page) < pageSize {
			return seen
		}
	}
}

func (r *Run) brake(ctx context.Context) []experiment.Event {
	brake, err := r.o.Brake.Brake(ctx)
	switch {
	case err != nil:
		return []experiment.Event{experiment.Failed{Err: err}}
	case brake.Pulled:
		return []experiment.Event{experiment.Braked{Reason: brake.Reason}}
	}
	return nil
}

// act does one thing, and returns what went wrong, nil for nothing.
func (r *Run) act(ctx context.Context, action experiment.Action) experiment.Event {
	switch a := action.(type) {
	case experiment.Launch:
		r.launched()
		r.o.Renew()
		r.work.launch(ctx)
	case experiment.Halt:
		r.work.halt()
	case experiment.Enter:
		r.o.Logger.InfoContext(ctx, "phase begins", slog.String("phase", r.o.Experiment.Phases[a.Phase].Name))
		r.o.Renew() // A call that was given up in the phase before must not use up the attempts of this one.
		failed := r.force.enter(ctx, a.Faults)
		r.front.enter(ctx, a.Phase) // Only now: what is sent in a phase meets its faults.
		return failed
	case experiment.Change:
		return r.force.change(ctx, a.Faults)
	case experiment.Leave:
		r.front.leave()
		return r.force.leave(ctx)
	}
	return nil
}

func (r *Run) launched() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.starts = append(r.starts, r.o.Now())
}

// report takes down how far the run is, and tells who watches.
func (r *Run) report() {
	for _, o := range r.front.ripe(r.o.Now(), false) {
		r.o.Outcomes.Add(o)
	}
	s := r.snapshot(r.machine.End())
	r.mu.Lock()
	r.status = s
	r.mu.Unlock()
	turned := s.State != r.shown.State || s.Phase != r.shown.Phase
	if turned || !same(&r.shown, &s) && time.Since(r.showed) >= watchTime {
		r.show(s)
	}
}

func (r *Run) snapshot(end experiment.End) Status {
	s := Status{
		State: end.State, Reason: end.Reason, Phases: end.Phases, Notes: end.Notes, Started: r.begun,
		Load: int(r.work.sent.Load()), LoadFailed: int(r.work.failed.Load()),
	}
	s.Attempts, s.Calls = r.machine.Counts()
	s.Answers, s.Right = r.front.counts()
	for _, p := range end.Phases {
		if p.Reached && p.Why == "" {
			s.Phase = p.Name
		}
	}
	return s
}

// show tells who watches.
func (r *Run) show(s Status) {
	r.shown, r.showed = s, time.Now()
	if r.o.Watch != nil {
		r.o.Watch(s)
	}
}

func same(a, b *Status) bool {
	return a.Attempts == b.Attempts && a.Answers == b.Answers && a.Load == b.Load
}

// conclude takes down how the run ended.
func (r *Run) conclude(end experiment.End) {
	now := r.o.Now()
	r.look() // So that it is known which traces were passed on.
	for _, o := range r.front.ripe(now, true) {
		r.o.Outcomes.Add(o)
	}
	s := r.snapshot(end)
	s.Ended = now
	r.mu.Lock()
	r.status, r.end, r.answers = s, end, r.front.all()
	r.mu.Unlock()
	r.show(s)
}

// Status says how far the run is. It is safe for concurrent use.
func (r *Run) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

// Answers are what came of the probes of a run that has ended, in the order in which the answers came. The caller owns the slice.
func (r *Run) Answers() []experiment.Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.answers)
}

// attempts are all those of the run that are kept, how many were forgotten and how many, beside, were lost on other nodes.
func (r *Run) attempts() (kept []observe.Attempt, dropped, missed uint64) {
	for position := r.first; ; {
		page, next := r.o.Attempts.Page(position, pageSize)
		kept = append(kept, page...)
		if position = next; len(page) < pageSize {
			break
		}
	}
	if _, forgotten := r.o.Attempts.Counts(); forgotten > r.first {
		dropped = forgotten - r.first
	}
	return kept, dropped, r.o.Attempts.Missed() - r.missed
}
