package sweeper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
	"github.com/groovechaos/groovechaos/control/experiment/sweep"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// phaseName is the phase that every run consists of, faultName the full name of the fault in it.
const (
	phaseName = "sweep"
	faultName = phaseName + "." + sweep.FaultName
)

// script is the experiment of one run. The phase ends with the run and not before.
func script(c *sweep.Case, setup *sweep.Setup, latency, limit time.Duration) *experiment.Experiment {
	phase := experiment.Phase{Name: phaseName, Duration: limit + time.Minute}
	if c != nil {
		phase.Faults = []faults.Fault{c.Build(latency)}
	}
	return &experiment.Experiment{
		Name: phaseName, TimeLimit: limit, Phases: []experiment.Phase{phase},
		Workload: experiment.Workload{Command: setup.Command, Exit: experiment.ExitAny},
		Guard:    experiment.Guard{Window: time.Second, Least: 1},
	}
}

// reset forgets what was written upstream.
func (s *sweeper) reset(ctx context.Context, at *Place) error {
	if at.Reset == nil {
		return nil
	}
	if err := at.Reset(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("forget what the run before has written: %w", err)
	}
	return nil
}

// run runs the workload once at a place: under the fault of a case, or in peace for nil.
func (s *sweeper) run(ctx context.Context, at *Place, c *sweep.Case, limit time.Duration) (sweep.Ran, error) {
	if s.service != nil {
		return s.service.round(ctx, c, limit)
	}
	if err := s.reset(ctx, at); err != nil {
		return sweep.Ran{}, err
	}
	from := at.begin()
	w := &watched{place: at, tail: &tail{}, output: s.o.Output}
	run, err := runner.New(runner.Options{
		Site: at.Site, Experiment: script(c, &s.o.Setup, s.o.Plan.Latency, limit), Command: w.command,
	})
	if err != nil {
		return sweep.Ran{}, err
	}
	end := run.Do(ctx)
	ran := sweep.Ran{
		Exit: w.ended.Status, ExitText: w.ended.Text, Hung: w.cut && ctx.Err() == nil, Tail: w.tail.String(), Took: time.Since(from.begun),
	}
	if err := problem(ctx, &end); err != nil {
		return ran, err
	}
	s.collect(ctx, at, run, from, &ran)
	return ran, nil
}

// problem says why a run that has ended is none, nil for it is one, or was ended by ctx.
func problem(ctx context.Context, end *experiment.End) error {
	switch {
	case end.State == experiment.StateFailed:
		return errors.New(end.Reason)
	case end.State == experiment.StateStopped && ctx.Err() == nil:
		return fmt.Errorf("%w: %s", errStopped, end.Reason)
	}
	return nil
}

// beginning is where a run begins: when, at which position in the journal, and how many attempts had been lost by then.
type beginning struct {
	begun         time.Time
	first, missed uint64
}

func (p *Place) begin() beginning {
	b := beginning{begun: time.Now(), missed: p.Site.Attempts.Missed()}
	b.first, _ = p.Site.Attempts.Counts()
	return b
}

// collect takes down what was seen of a run that has ended.
func (s *sweeper) collect(ctx context.Context, at *Place, run *runner.Run, from beginning, ran *sweep.Ran) {
	for _, use := range run.Judge().Verdict.Faults {
		ran.Fired += use.Fired
	}
	settle(ctx, at.Site.Attempts, from.first, ran.Fired)
	ran.Attempts, ran.Dropped = since(at.Site.Attempts, from.first, from.begun)
	ran.Dropped += at.Site.Attempts.Missed() - from.missed
	ran.Outcomes = told(at.Site.Outcomes, from.begun)
}

// watched is a command under way.
type watched struct {
	place  *Place
	tail   *tail
	output io.Writer
	ended  experiment.Ended
	// cut reports that it was asked to end.
	cut bool
}

func (w *watched) command(ctx context.Context) experiment.Ended {
	w.ended = w.place.Command(ctx, io.MultiWriter(w.tail, w.output))
	w.cut = ctx.Err() != nil
	return w.ended
}

const (
	// calmTime is for how long no attempt may have come before a run that has ended is judged: the last one is recorded when the
	// caller has its answer already.
	calmTime = 20 * time.Millisecond
	// settleTime bounds the wait, settlePause is the time between two looks.
	settleTime, settlePause = 2 * time.Second, 5 * time.Millisecond
)

// settle waits until what a run sent is recorded: all that the fault struck, and until nothing more comes.
func settle(ctx context.Context, attempts runner.Attempts, first, fired uint64) {
	end := time.Now().Add(settleTime)
	ticker := time.NewTicker(settlePause)
	defer ticker.Stop()
	count, changed := uint64(0), time.Now()
	for time.Now().Before(end) && ctx.Err() == nil {
		if total, _ := attempts.Counts(); total != count {
			count, changed = total, time.Now()
		}
		if time.Since(changed) >= calmTime && struck(attempts, first) >= fired {
			return
		}
		<-ticker.C
	}
}

// struck counts the attempts from a position on that a fault had a part in.
func struck(attempts runner.Attempts, first uint64) (n uint64) {
	for a := range from(attempts, first) {
		if a.Fault == faultName || slices.Contains(a.DelayedBy, faultName) || slices.Contains(a.SpoiledBy, faultName) {
			n++
		}
	}
	return n
}

// pageSize is how many attempts are read at once.
const pageSize = 1000

// from gives the attempts from a position on.
func from(attempts runner.Attempts, position uint64) func(yield func(*observe.Attempt) bool) {
	return func(yield func(*observe.Attempt) bool) {
		for {
			page, next := attempts.Page(position, pageSize)
			for i := range page {
				if !yield(&page[i]) {
					return
				}
			}
			if position = next; len(page) < pageSize {
				return
			}
		}
	}
}

// since returns the attempts that arrived since a run began, in the order in which they did, and how many were forgotten.
func since(attempts runner.Attempts, first uint64, begun time.Time) (seen []observe.Attempt, dropped uint64) {
	for a := range from(attempts, first) {
		if !a.Time.Before(begun) {
			seen = append(seen, *a)
		}
	}
	slices.SortStableFunc(seen, func(a, b observe.Attempt) int { return cmp.Compare(a.Received, b.Received) })
	if _, forgotten := attempts.Counts(); forgotten > first {
		dropped = forgotten - first
	}
	return seen, dropped
}

// told returns the outcomes that were reported since a run began.
func told(outcomes runner.Outcomes, begun time.Time) []observe.Outcome {
	all, _ := outcomes.All()
	return slices.DeleteFunc(slices.Clone(all), func(o observe.Outcome) bool { return o.Time.Before(begun) })
}
