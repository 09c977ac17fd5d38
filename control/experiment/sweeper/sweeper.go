package sweeper

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment/sweep"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// sweeper is a sweep under way.
type sweeper struct {
	o       Options
	start   time.Time
	bar     sweep.Bar
	result  Result
	changed *sync.Cond
	// service is the service that is driven; nil for a command.
	service *service

	// mu guards what follows, and the calls of Options.Watch and Options.Seen.
	mu      sync.Mutex
	machine *sweep.Machine
	record  sweep.Record
	err     error
}

// Run sweeps until all cases are run, the budget is spent or ctx ends. The error is a *PeaceError, an *UnfinishedError, ErrSilent, ErrOutside, or says
// what could not be done; what came of the cases before is in the file then.
func Run(ctx context.Context, o Options) (*Result, error) {
	if o.Output == nil {
		o.Output = io.Discard
	}
	if o.Watch == nil {
		o.Watch = func(Progress) {}
	}
	if o.Seen == nil {
		o.Seen = func(*observe.Attempt) {}
	}
	s := &sweeper{o: o, start: time.Now()}
	s.changed = sync.NewCond(&s.mu)
	if o.Service != nil {
		s.o.Plan.Service, s.o.Plan.Elsewhere = true, o.Places[0].Command == nil
		s.service = &service{s: s, at: &o.Places[0], sent: map[string]bool{}, early: map[string]int{}}
		defer s.service.stop()
	}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	if !o.DryRun {
		if err := s.play(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	s.result.Cells, s.result.Took = s.machine.Cells(), time.Since(s.start)
	s.result.Interrupted = ctx.Err() != nil
	return &s.result, nil
}

// finish takes down that the sweep is over, if all that was planned is known.
func (s *sweeper) finish() error {
	if left, _ := s.machine.Left(); left > 0 || s.o.DryRun {
		return nil
	}
	s.record.Over = true
	return s.save()
}

// prepare learns what the workload does in peace, or reads it, and makes the plan.
func (s *sweeper) prepare(ctx context.Context) error {
	if unknown := s.o.Plan.Unknown(); len(unknown) > 0 {
		return &PatternError{unknown[0]}
	}
	if err := cmp.Or(s.digest(), s.recall(), s.writable()); err != nil {
		return err
	}
	if s.o.Resume {
		if err := s.fitting(s.record.Habits); err != nil {
			return err
		}
	}
	recorded := s.record.Cells
	if err := s.learn(ctx); err != nil {
		return err
	}
	s.record.Setup = s.o.Setup
	plan := sweep.NewPlan(s.record.Habits, s.o.Plan)
	if err := s.fitting(s.record.Habits); err != nil {
		return err
	}
	s.machine = sweep.NewMachine(plan, s.o.Budget, recorded)
	known := s.machine.Known(recorded)
	s.bar = sweep.Bar{
		Habits: s.record.Habits, Policy: s.o.Policy, Fault: faultName, Peace: s.record.Peace,
		Limit: limitOf(&s.o, s.record.Habits), Strict: s.o.Setup.Limit > 0, Service: s.service != nil,
	}
	s.result.Plan, s.result.Habits, s.result.Limit, s.result.Known = plan, s.record.Habits, s.bar.Limit, known
	if s.service != nil {
		s.result.Early = s.record.Habits.Without(s.service.early)
	}
	for i := range s.record.Peace {
		s.result.Peace = append(s.result.Peace, s.record.Peace[i].Text())
	}
	left, guess := s.machine.Left()
	s.o.Watch(Progress{Plan: plan, Known: known, Left: left, Guess: guess})
	if s.o.DryRun {
		return nil
	}
	return s.save()
}

// fitting returns a *PatternError if a pattern fits no case of what the workload calls.
func (s *sweeper) fitting(habits *sweep.Habits) error {
	if idle := sweep.NewPlan(habits, s.o.Plan).Idle; len(idle) > 0 {
		return &PatternError{idle[0]}
	}
	return nil
}

// recall reads how far the sweep was that is to be gone on with, or wants none to be lost.
func (s *sweeper) recall() error {
	if !s.o.Resume && s.o.DryRun {
		return nil // Nothing is written.
	}
	if !s.o.Resume {
		return replaceable(s.o.State, s.o.Fresh)
	}
	record, err := load(s.o.State, &s.o.Setup)
	if err != nil {
		return err
	}
	s.record = *record
	s.record.Over = false
	return nil
}

// digest adds the policy to the setup.
func (s *sweeper) digest() error {
	if len(s.o.Policy) == 0 {
		return nil
	}
	text, err := json.Marshal(s.o.Policy)
	if err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	s.o.Setup.Policy = sweep.Digest(text)
	return nil
}

// shortestLimit is the least time that a run of a case may take where none is given: the official SDK of Groove waits 30 s for one
// answer.
const shortestLimit = 30 * time.Second

// limitOf is the time that a run of a case may take. A round has that of all its probes, as each is given up by its own.
func limitOf(o *Options, h *sweep.Habits) time.Duration {
	if o.Setup.Limit > 0 {
		return o.Setup.Limit
	}
	limit := max(shortestLimit, 10*h.Took)
	if o.Service != nil {
		for i := range o.Service.Probes {
			limit += o.Service.Probes[i].Timeout
		}
	}
	return limit
}

// play runs the cases, one at a time on each place.
func (s *sweeper) play(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, s.wake)()
	var workers sync.WaitGroup
	for i := range s.o.Places {
		workers.Go(func() {
			if err := s.work(ctx, &s.o.Places[i]); err != nil {
				s.fail(err)
				cancel(err)
			}
		})
	}
	workers.Wait()
	return s.err
}

func (s *sweeper) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// wake lets those who wait for a case look again.
func (s *sweeper) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed.Broadcast()
}

// work runs cases at a place until none is left.
func (s *sweeper) work(ctx context.Context, at *Place) error {
	for {
		c, ok := s.next(ctx)
		if !ok {
			return nil
		}
		cell, runs, err := s.try(ctx, at, c)
		if err != nil || ctx.Err() != nil {
			s.drop(c)
			return err
		}
		if err := s.take(cell, runs); err != nil {
			return err
		}
	}
}

// next waits for a case that can be run now, and begins it.
func (s *sweeper) next(ctx context.Context) (sweep.Case, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ctx.Err() == nil {
		c, turn := s.machine.Next(time.Since(s.start))
		switch turn {
		case sweep.TurnRun:
			left, guess := s.machine.Left()
			s.o.Watch(Progress{Begun: &c, Left: left, Guess: guess})
			return c, true
		case sweep.TurnOver:
			return c, false
		case sweep.TurnWait:
			s.changed.Wait()
		}
	}
	return sweep.Case{}, false
}

func (s *sweeper) drop(c sweep.Case) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.machine.Drop(c)
	s.changed.Broadcast()
}

// take takes down what came of a case.
func (s *sweeper) take(cell sweep.Cell, runs []sweep.Ran) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.machine.Take(cell)
	s.record.Cells = append(s.record.Cells, cell)
	s.changed.Broadcast()
	for i := range runs {
		for j := range runs[i].Attempts {
			s.o.Seen(&runs[i].Attempts[j])
		}
	}
	left, guess := s.machine.Left()
	s.o.Watch(Progress{Cell: &cell, Left: left, Guess: guess})
	return s.save()
}

// try runs a case, and again while that may say more.
func (s *sweeper) try(ctx context.Context, at *Place, c sweep.Case) (sweep.Cell, []sweep.Ran, error) {
	var runs []sweep.Ran
	var cell sweep.Cell
	for len(runs) < s.o.Setup.Runs {
		ran, wrong, err := s.once(ctx, at, &c)
		if err != nil || ctx.Err() != nil {
			return cell, nil, err
		}
		if wrong != "" && len(runs) == 0 {
			return sweep.Untried(c, wrong), nil, nil
		}
		if wrong != "" {
			break
		}
		runs = append(runs, ran)
		if cell = s.bar.Weigh(c, runs); cell.Settled() {
			break
		}
	}
	return cell, runs, nil
}

// once runs a case once. Of a service that is not well before it says why, and does not.
func (s *sweeper) once(ctx context.Context, at *Place, c *sweep.Case) (ran sweep.Ran, wrong string, err error) {
	limit := s.limit(c)
	if s.service != nil {
		return s.service.try(ctx, c, limit)
	}
	ran, err = s.run(ctx, at, c, limit)
	return ran, "", err
}

// limit is the time that a run of the case may take.
func (s *sweeper) limit(c *sweep.Case) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if window, ok := s.machine.Window(c); ok {
		return min(window, s.bar.Limit)
	}
	return s.bar.Limit
}

// peaceRuns is how often the workload is run without faults: what is not the same in both is no habit.
const peaceRuns = 2

// learn runs the workload without faults: to learn what it does, or to see that it still does what is known of it.
func (s *sweeper) learn(ctx context.Context) error {
	count := peaceRuns
	if s.o.Resume {
		count = 1
	}
	if s.service != nil {
		if err := s.service.begin(ctx); err != nil {
			return err
		}
	}
	var runs []sweep.Ran
	for i := range count {
		s.o.Watch(Progress{Peace: i + 1})
		ran, err := s.peace(ctx, i)
		if err != nil {
			return err
		}
		runs = append(runs, ran)
		if err := s.promising(runs); err != nil {
			return err
		}
	}
	habits := sweep.Learn(runs)
	if !s.o.Resume {
		s.record.Habits = habits
		s.record.Peace = habits.Peace(runs, s.o.Policy)
		return nil
	}
	if what := s.record.Habits.Differs(&runs[0]); what != "" {
		return fmt.Errorf("go on with %s: the workload does other things than it did: %s; begin anew with --fresh", s.o.State, what)
	}
	return nil
}

// promising returns an error if there is nothing to sweep, which another run in peace would not change.
func (s *sweeper) promising(runs []sweep.Ran) error {
	habits := sweep.Learn(runs)
	switch {
	case len(runs[0].Attempts) == 0:
		return ErrSilent
	case len(habits.Calls) == 0:
		return ErrOutside
	case s.o.Resume:
		return nil // The habits that count are those of the file.
	}
	return s.fitting(habits)
}

// longestPeace bounds a run without faults where no time for a case is given.
const longestPeace = 10 * time.Minute

// peace runs the workload once without faults, and wants it to do well.
func (s *sweeper) peace(ctx context.Context, before int) (sweep.Ran, error) {
	limit := cmp.Or(s.o.Setup.Limit, longestPeace)
	ran, err := s.run(ctx, &s.o.Places[0], nil, limit)
	switch {
	case err != nil:
		return ran, err
	case ctx.Err() != nil:
		return ran, context.Cause(ctx)
	case ran.Hung:
		return ran, &PeaceError{Reason: fmt.Sprintf("it did not end within %v", limit), Tail: ran.Tail}
	case ran.Died != "":
		return ran, &PeaceError{Reason: "the service ended with " + ran.Died, Tail: ran.Tail}
	case ran.Exit != 0 && s.service != nil:
		return ran, &PeaceError{Reason: ran.ExitText, Tail: ran.Tail}
	case ran.Exit != 0 && before > 0:
		return ran, &PeaceError{Reason: "it ended well once, then with " + ran.ExitText, Tail: ran.Tail}
	case ran.Exit != 0:
		return ran, &PeaceError{Reason: "it ended with " + ran.ExitText, Tail: ran.Tail}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range ran.Attempts {
		s.o.Seen(&ran.Attempts[i])
	}
	return ran, nil
}

// errStopped says that a run was stopped by something else than the sweep.
var errStopped = errors.New("the run was stopped")
