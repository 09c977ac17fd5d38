package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Run serves until ctx ends or a part fails, and returns once everything has
// ended. It returns nil after ctx ended and all parts stopped cleanly.
func (d *Daemon) Run(ctx context.Context) error {
	failed := make(chan struct{}, len(d.parts))
	running := make([]*running, 0, len(d.parts))
	d.serving.Store(true)
	for _, p := range d.parts {
		running = append(running, start(context.WithoutCancel(ctx), p, failed))
		d.logger.DebugContext(ctx, "part started", slog.String("part", p.name))
	}
	d.logger.InfoContext(ctx, "ready", slog.String("proxy", d.addresses.Proxy), slog.String("upstream", d.addresses.Upstream),
		slog.String("grpc", d.addresses.GRPC), slog.String("rest", d.addresses.REST), slog.Int("faults", d.configured()))
	select {
	case <-ctx.Done():
	case <-failed:
	}
	return d.stop(ctx, running)
}

// stop ends all parts under one deadline, and says what that took.
func (d *Daemon) stop(ctx context.Context, running []*running) error {
	begun, cut := time.Now(), d.metrics.Broken()
	d.ending.begin(d.within())
	d.stopping.Store(true)
	d.logger.InfoContext(ctx, "stopping", slog.Duration("within", d.within()))
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.ending.whole())
	defer cancel()
	err := stopAll(late, running)
	said := []slog.Attr{slog.Uint64("cut_exchanges", d.metrics.Broken()-cut), slog.Duration("took", time.Since(begun))}
	d.logger.LogAttrs(ctx, slog.LevelInfo, "stopped", append(said, d.delivered()...)...)
	return err
}

// delivered is what became of the attempts that were recorded.
func (d *Daemon) delivered() (said []slog.Attr) {
	if d.fleet != nil {
		lag := d.fleet.attempts.Lag()
		said = append(said, slog.Uint64("shipped_attempts", lag.Shipped), slog.Uint64("lost_attempts", lag.Lost+lag.Waiting-lag.Doubtful),
			slog.Uint64("doubtful_attempts", lag.Doubtful))
	}
	if d.traces != nil {
		counts := d.traces.Counts()
		said = append(said, slog.Uint64("exported_spans", counts.Exported), slog.Uint64("dropped_spans", counts.Dropped))
	}
	return said
}

// configured is how many faults the file has, as it was last read.
func (d *Daemon) configured() int {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	return len(d.config.Faults)
}

// stopAll ends parts in the opposite order of their start. Those of one name that follow one another, such as the listeners
// of the proxy, end together: what they wait for has one bound. Nothing is waited for once late has ended: a part that hangs
// is left behind, and named.
func stopAll(late context.Context, running []*running) error {
	var errs []error
	for end := len(running); end > 0; {
		begin := end
		for begin > 0 && running[begin-1].name == running[end-1].name {
			begin--
			running[begin].cancel()
		}
		for _, r := range slices.Backward(running[begin:end]) {
			errs = append(errs, r.stop(late))
		}
		end = begin
	}
	return errors.Join(errs...)
}

// running is a part that was started.
type running struct {
	name   string
	cancel context.CancelFunc
	ended  chan error
}

// start runs p on its own; failed is told when it ends without being stopped.
func start(ctx context.Context, p part, failed chan<- struct{}) *running {
	ctx, cancel := context.WithCancel(ctx)
	r := &running{name: p.name, cancel: cancel, ended: make(chan error, 1)}
	go func() {
		err := p.run(ctx)
		if ctx.Err() == nil {
			err = errors.Join(err, errors.New("ended by itself"))
		}
		r.ended <- err
		failed <- struct{}{}
	}()
	return r
}

// stop ends the part and waits for it, but not for longer than until it is late.
func (r *running) stop(late context.Context) error {
	r.cancel()
	var err error
	select {
	case err = <-r.ended:
	case <-late.Done():
		err = r.hangs()
	}
	if err != nil {
		return fmt.Errorf("serve %s: %w", r.name, err)
	}
	return nil
}

// hangs is how a part ended that had a moment left, or that it has not.
func (r *running) hangs() error {
	timer := time.NewTimer(lateTime)
	defer timer.Stop()
	select {
	case err := <-r.ended:
		return err
	case <-timer.C:
		return errLate
	}
}

// closeAll closes what New opened before it failed.
func (d *Daemon) closeAll() error {
	var errs []error
	for _, p := range slices.Backward(d.parts) {
		errs = append(errs, p.close())
	}
	return errors.Join(errs...)
}

// Close ends a daemon that was never run.
func (d *Daemon) Close() error { return d.closeAll() }
