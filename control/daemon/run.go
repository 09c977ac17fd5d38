package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
)

// Run serves until ctx ends or a part fails, and returns once everything has
// ended. It returns nil after ctx ended and all parts stopped cleanly.
func (d *Daemon) Run(ctx context.Context) error {
	failed := make(chan struct{}, len(d.parts))
	running := make([]*running, 0, len(d.parts))
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
	d.logger.InfoContext(ctx, "stopping")
	cut := d.metrics.Broken()
	err := stopAll(running)
	d.logger.InfoContext(ctx, "stopped", slog.Uint64("cut_exchanges", d.metrics.Broken()-cut))
	return err
}

// configured is how many faults the file has, as it was last read.
func (d *Daemon) configured() int {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	return len(d.config.Faults)
}

// stopAll ends parts in the opposite order of their start. Those of one name that follow one another, such as the listeners
// of the proxy, end together: what they wait for has one bound.
func stopAll(running []*running) error {
	var errs []error
	for end := len(running); end > 0; {
		begin := end
		for begin > 0 && running[begin-1].name == running[end-1].name {
			begin--
			running[begin].cancel()
		}
		for _, r := range slices.Backward(running[begin:end]) {
			errs = append(errs, r.stop())
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

// stop ends the part and waits for it.
func (r *running) stop() error {
	r.cancel()
	if err := <-r.ended; err != nil {
		return fmt.Errorf("serve %s: %w", r.name, err)
	}
	return nil
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
