package sweeper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
	"github.com/groovechaos/groovechaos/control/experiment/sweep"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// service is the service of a place: one that was started here, or one that somebody else runs.
type service struct {
	s  *sweeper
	at *Place
	// cancel ends it, ended is closed when it has, with how it did; nil for one that runs elsewhere.
	cancel context.CancelFunc
	ended  chan struct{}
	how    experiment.Ended
	tail   *tail
	// well reports that the last round was in peace and as it should be; wrong says what was not.
	well  bool
	wrong string
	// sent are the traces of all rounds before, late what came in the last round for one of those.
	sent map[string]bool
	late []observe.Attempt
	// early counts what the first rounds call of each endpoint.
	early map[string]int
	// answered reports that it is known to be ready.
	answered bool
}

// errEnded says that a service ended that was to stay up.
var errEnded = errors.New("the service ended")

// start starts the service, unless it runs elsewhere. What an earlier one had written is forgotten.
func (v *service) start(ctx context.Context) error {
	v.answered, v.well = false, false
	if v.at.Command == nil {
		return nil
	}
	if err := v.s.reset(ctx, v.at); err != nil {
		return err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	v.cancel, v.ended, v.tail = cancel, make(chan struct{}), &tail{}
	go func() {
		defer close(v.ended)
		v.how = v.at.Command(running, io.MultiWriter(v.tail, v.s.o.Output))
	}()
	return nil
}

// stop ends the service, and waits until it has.
func (v *service) stop() {
	if v.cancel != nil {
		v.cancel()
		<-v.ended
	}
}

// died says how the service ended, "" for it is up or runs elsewhere.
func (v *service) died() string {
	select {
	case <-v.ended: // Of a nil channel nothing comes.
	default:
		return ""
	}
	if v.how.Text == "" {
		return "exit status 0"
	}
	return v.how.Text
}

// leave ends the wait for a round when the service has ended.
func leave(during context.Context, ended <-chan struct{}, cancel context.CancelCauseFunc) {
	select {
	case <-ended:
		cancel(errEnded)
	case <-during.Done():
	}
}

// round sends all probes once: under the fault of a case, or in peace for nil.
func (v *service) round(ctx context.Context, c *sweep.Case, limit time.Duration) (sweep.Ran, error) {
	from := v.at.begin()
	run, err := runner.New(runner.Options{Site: v.at.Site, Experiment: v.script(c, limit)})
	if err != nil {
		return sweep.Ran{}, err
	}
	during, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go leave(during, v.ended, cancel)
	end := run.Do(during)
	ran := sweep.Ran{Died: v.died(), Took: time.Since(from.begun)}
	if err := problem(during, &end); err != nil {
		return ran, err
	}
	v.answered = v.answered || ran.Died == ""
	v.read(&ran, run.Answers(), ctx.Err() == nil)
	v.s.collect(ctx, v.at, run, from, &ran)
	v.part(&ran)
	return ran, nil
}

// script is the experiment of one round.
func (v *service) script(c *sweep.Case, limit time.Duration) *experiment.Experiment {
	e := script(c, &v.s.o.Setup, v.s.o.Plan.Latency, limit)
	e.Workload, e.Probes = experiment.Workload{}, v.s.o.Service.Probes
	e.Phases[0].Rounds = 1
	if !v.answered {
		e.Workload.Ready = v.s.o.Service.Ready
	}
	return e
}

// read takes down what came of the probes.
func (v *service) read(ran *sweep.Ran, answers []experiment.Answer, whole bool) {
	for i := range answers {
		a := &answers[i]
		ran.Traces = append(ran.Traces, a.Trace)
		if !a.Right && ran.Exit == 0 {
			ran.Exit, ran.ExitText = 1, fmt.Sprintf("the probe %s was wrong: %s", a.Probe, strings.Join(a.Wrong, ", "))
		}
	}
	ran.Hung = whole && ran.Died == "" && len(answers) < len(v.s.o.Service.Probes)
	if v.tail != nil {
		ran.Tail = v.tail.String()
	}
}

// part takes out of a round what is sent for the probes of earlier ones, and keeps it.
func (v *service) part(ran *sweep.Ran) {
	foreign := func(a observe.Attempt) bool { return v.sent[a.Trace] }
	v.late = slices.Collect(func(yield func(observe.Attempt) bool) {
		for _, a := range ran.Attempts {
			if foreign(a) && !yield(a) {
				return
			}
		}
	})
	ran.Attempts = slices.DeleteFunc(ran.Attempts, foreign)
	for _, trace := range ran.Traces {
		v.sent[trace] = true
	}
}

// begin starts the service and sends rounds until all of one is right, as the first may meet a service that is not ready for all.
func (v *service) begin(ctx context.Context) error {
	if err := v.start(ctx); err != nil {
		return err
	}
	blank := &sweep.Habits{}
	for begun, watch := time.Now(), sweep.NewRecovery(blank, warmTime); ; {
		ran, err := v.round(ctx, nil, longestPeace)
		switch {
		case ran.Died != "" && v.how.Err != nil: // How it ended is known only then.
			return v.how.Err
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case ran.Died != "":
			return &PeaceError{Reason: "the service ended with " + ran.Died, Tail: ran.Tail}
		}
		for i := range ran.Attempts {
			v.early[ran.Attempts[i].Endpoint]++
		}
		pause, again := watch.Take(&ran, time.Since(begun))
		if again {
			rest(ctx, pause)
			continue
		}
		if blank.Well(&ran) {
			return nil
		}
		return &PeaceError{Reason: ran.ExitText, Tail: ran.Tail}
	}
}

const (
	// warmTime is for how long the first rounds may be wrong, steadyTime those before a case: the case before has waited longer.
	warmTime, steadyTime = 10 * time.Second, 2 * time.Second
)

// recover sends rounds in peace after a run until the service is well, and starts one anew that has ended or is not.
func (v *service) recover(ctx context.Context, ran *sweep.Ran) error {
	v.well = false
	if ran.Died == "" {
		if err := v.heal(ctx, ran, sweep.Patience(v.s.o.Policy)); err != nil || v.well {
			return err
		}
	}
	return v.anew(ctx)
}

// heal sends rounds in peace until the service is well, or for so long. What comes late for the probes of a run is of the run.
func (v *service) heal(ctx context.Context, ran *sweep.Ran, patience time.Duration) error {
	habits, begun := v.s.record.Habits, time.Now()
	watch := sweep.NewRecovery(habits, patience)
	for ctx.Err() == nil {
		after, err := v.round(ctx, nil, v.s.bar.Limit)
		if err != nil {
			return err
		}
		for _, a := range v.late {
			if slices.Contains(ran.Traces, a.Trace) {
				ran.Attempts = append(ran.Attempts, a)
			}
		}
		after.Since = time.Since(begun)
		ran.After = append(ran.After, after)
		v.well, v.wrong = habits.Well(&after), wrongOf(&after)
		pause, again := watch.Take(&after, after.Since)
		if !again {
			return nil
		}
		rest(ctx, pause)
	}
	return nil
}

func wrongOf(ran *sweep.Ran) string {
	switch {
	case ran.Died != "":
		return "the service ended with " + ran.Died
	case ran.Exit != 0:
		return ran.ExitText
	default:
		return "the service sends more than it did in peace"
	}
}

// anew starts a service again that was started here.
func (v *service) anew(ctx context.Context) error {
	if v.at.Command == nil || interrupted(ctx) {
		return nil
	}
	v.stop()
	err := v.begin(ctx)
	if interrupted(ctx) {
		return nil // What was done before is reported.
	}
	return err
}

func interrupted(ctx context.Context) bool { return ctx.Err() != nil }

// steady wants the service to be well before a case, and says what is not, "" for nothing.
func (v *service) steady(ctx context.Context) (string, error) {
	if v.died() != "" {
		if err := v.anew(ctx); err != nil {
			return "", err
		}
	}
	if !v.well {
		if err := v.heal(ctx, &sweep.Ran{}, steadyTime); err != nil {
			return "", err
		}
	}
	if v.well {
		return "", nil
	}
	return v.wrong, nil
}

// try runs a case once more, if the service is well; else it says what is not.
func (v *service) try(ctx context.Context, c *sweep.Case, limit time.Duration) (ran sweep.Ran, wrong string, err error) {
	if wrong, err = v.steady(ctx); wrong != "" || err != nil || ctx.Err() != nil {
		return ran, wrong, err
	}
	if ran, err = v.round(ctx, c, limit); err != nil || ctx.Err() != nil {
		return ran, "", err
	}
	if c.Fault.Told == sweep.ToldLong {
		return ran, "", v.anew(ctx) // To stay away for an hour, from all that it asks for, is right.
	}
	return ran, "", v.recover(ctx, &ran)
}

// rest waits, at most until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
