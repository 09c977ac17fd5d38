package daemon

import (
	"context"
	"errors"
	"time"

	"github.com/groovechaos/groovechaos/control/metrics"
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
	s.Recorded, s.Dropped = d.attempts.Counts()
	effects := make(map[string]string, len(set))
	for i := range set {
		effects[set[i].Name] = effectOf(&set[i].Fault)
	}
	for _, use := range d.engine.Uses() {
		s.Faults = append(s.Faults, metrics.Fault{Use: use, Effect: effects[use.Name]})
	}
	return s, nil
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

// ready says what is missing for work, nil for nothing.
func (d *Daemon) ready(ctx context.Context) error {
	if d.streams.Err() != nil {
		return errors.New("stopping")
	}
	ctx, cancel := context.WithTimeout(ctx, stateTime)
	defer cancel()
	if _, err := d.faults.Faults(ctx); err != nil {
		return errors.New("the store does not answer")
	}
	return nil
}
