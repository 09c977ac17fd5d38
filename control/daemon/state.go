package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/groovechaos/groovechaos/control/metrics"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
)

// stateTime bounds how long reading the state for others may take.
const stateTime = 2 * time.Second

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

// ready says what is missing for work, nil for nothing: the listeners are served, the store does its work, and the newest
// faults that this node has heard of are in force here.
func (d *Daemon) ready(ctx context.Context) error {
	switch {
	case d.stopping.Load() || d.streams.Err() != nil:
		return errors.New("stopping")
	case !d.serving.Load():
		return errors.New("starting")
	}
	if d.fleet != nil {
		if err := d.fleet.hub.Ready(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, stateTime)
	defer cancel()
	newest, err := d.faults.Revision(ctx)
	if err != nil {
		return errors.New("the store does not answer")
	}
	if d.fleet == nil {
		return nil
	}
	if refused := d.fleet.faults.Refused(); refused != nil {
		return fmt.Errorf("newer faults are refused: revision %d is in force, revision %d is not: %s", d.fleet.faults.Applied(), refused.Revision, refused.Problem)
	}
	if d.fleet.faults.Applied() < newest {
		return errors.New("the newest faults are not in force yet")
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
	s := &metrics.Shipping{Connected: d.fleet.hub.Connected(), Waiting: lag.Waiting, Shipped: lag.Shipped, Lost: lag.Lost}
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
