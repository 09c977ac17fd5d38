package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/groovechaos/groovechaos/control/metrics"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
)

// stateTime bounds how long reading the state for others may take.
const stateTime = 2 * time.Second

// read is state for the metrics, which tell of an error no more than that there is one: the log is told why.
func (d *Daemon) read() (s metrics.State, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("read the state: panic: %v", cause)
			d.logger.Error("metrics panicked", slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
		}
	}()
	return d.state()
}

// state is what the metrics read.
func (d *Daemon) state() (s metrics.State, err error) {
	ctx, cancel := context.WithTimeout(d.streams, stateTime)
	defer cancel()
	set, err := d.faults.Faults(ctx)
	if err != nil {
		return s, err
	}
	if s.Revision, err = d.faults.Revision(ctx); err != nil {
		return s, err
	}
	brake, err := d.brake.Brake(ctx)
	if err != nil {
		return s, err
	}
	s.Braked = brake.Pulled
	s.Applied = s.Revision
	if d.fleet != nil {
		s.Applied = d.fleet.faults.Applied()
		if refused := d.fleet.faults.Refused(); refused != nil {
			s.Refused, s.Revision = true, max(s.Revision, refused.Revision)
		}
	}
	s.Recorded, s.Dropped = d.recorded()
	s.Upstream, s.Shipping, s.Traces = d.upstream(), d.shipping(), d.traced()
	effects := effectsOf(set)
	for _, use := range d.engine.Uses() {
		s.Faults = append(s.Faults, metrics.Fault{Use: use, Effect: effects[use.Name]})
	}
	return s, nil
}

// recorded is how many attempts this node recorded, and how many of them it forgot for want of room; those of others are theirs
// to count.
func (d *Daemon) recorded() (total, dropped uint64) {
	if d.fleet != nil {
		return d.fleet.attempts.Own().Counts()
	}
	return d.attempts.Counts()
}

// effectsOf are the effects of a set, by name.
func effectsOf(set []store.Fault) map[string]string {
	effects := make(map[string]string, len(set))
	for i := range set {
		effects[set[i].Name] = effectOf(&set[i].Fault)
	}
	return effects
}

// effectOf is the word for what a fault does; one that has a quota alone answers.
func effectOf(f *faults.Fault) string {
	switch {
	case f.SoftError != nil:
		return "soft_error"
	case f.Delay != nil:
		return "delay"
	case f.Break != nil:
		return "break"
	case f.Throttle != nil:
		return "throttle"
	case f.Truncate != nil:
		return "truncate"
	case f.Corrupt != nil:
		return "corrupt"
	default:
		return "answer"
	}
}

// ready says what is missing for work, nil for nothing, and tells the log when that changes.
func (d *Daemon) ready(ctx context.Context) error {
	err := d.missing(ctx)
	if ctx.Err() != nil {
		return err // Who asked is gone, which says nothing of the state.
	}
	text := ""
	if err != nil {
		text = err.Error()
	}
	switch last := d.unready.Swap(&text); {
	case err != nil && (last == nil || *last != text):
		d.logger.WarnContext(ctx, "not ready", slog.Any("error", err))
	case err == nil && last != nil && *last != "":
		d.logger.InfoContext(ctx, "ready again")
	}
	return err
}

// The parts that may be missing, for whoever does not say who they are.
const (
	partStarting = "it is starting"
	partStopping = "it is stopping"
	partStore    = "the store cannot be used"
	partFaults   = "the newest faults are not in force"
)

// unready is an error with a text for those who may read it and fixed words for everybody else.
type unready struct {
	part string
	error
}

// Part is the fixed words.
func (u *unready) Part() string { return u.part }

// Unwrap returns the error.
func (u *unready) Unwrap() error { return u.error }

// missing is what is missing: the listeners are to be served, the store to do its work, and the newest faults that this node has
// heard of to be in force here.
func (d *Daemon) missing(ctx context.Context) error {
	switch {
	case d.stopping.Load() || d.streams.Err() != nil:
		return &unready{partStopping, errors.New("stopping")}
	case !d.serving.Load():
		return &unready{partStarting, errors.New("starting")}
	}
	if d.fleet != nil {
		if err := d.fleet.hub.Ready(); err != nil {
			return &unready{partStore, err}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, stateTime)
	defer cancel()
	newest, err := d.faults.Revision(ctx)
	if err != nil {
		return &unready{partStore, fmt.Errorf("the store does not answer: %w", err)}
	}
	if d.fleet == nil {
		return nil
	}
	if refused := d.fleet.faults.Refused(); refused != nil {
		return &unready{partFaults, fmt.Errorf("newer faults are refused: revision %d is in force, revision %d is not: %s",
			d.fleet.faults.Applied(), refused.Revision, refused.Problem)}
	}
	if d.fleet.faults.Applied() < newest {
		return &unready{partFaults, errors.New("the newest faults are not in force yet")}
	}
	return nil
}

// upstream is the connections to upstreams, nil where there is no proxy.
func (d *Daemon) upstream() *metrics.Upstream {
	if d.proxy == nil {
		return nil
	}
	return new(metrics.Upstream(d.proxy.Connections()))
}

// shipping is how far the attempts have got on their way to the store, nil where they stay.
func (d *Daemon) shipping() *metrics.Shipping {
	if d.fleet == nil {
		return nil
	}
	lag := d.fleet.attempts.Lag()
	s := &metrics.Shipping{Connected: d.fleet.hub.Connected(), Waiting: lag.Waiting, Shipped: lag.Shipped, Lost: lag.Lost, Doubtful: lag.Doubtful}
	if !lag.Oldest.IsZero() {
		s.Age = max(0, time.Since(lag.Oldest))
	}
	return s
}

// traced is what became of attempts as spans, nil where they become none.
func (d *Daemon) traced() *metrics.Traces {
	if d.traces == nil {
		return nil
	}
	return new(metrics.Traces(d.traces.Counts()))
}
