package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/daemon"
	"github.com/groovechaos/groovechaos/control/report"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// freePort is the address of a listener that others are told of.
const freePort = "127.0.0.1:0"

// startLocal makes a daemon on free ports that keeps its state in memory, and its log to itself unless
// something is wrong.
// The proxy listens at the address that is given.
func (r *root) startLocal(ctx context.Context, c *config.Config, listen string) (*daemon.Daemon, error) {
	c.Proxy.Listen, c.Standin.Listen = listen, freePort
	c.Control.GRPC, c.Control.REST = freePort, freePort
	c.Store, c.Node.Role = config.Default().Store, config.RoleAll
	c.Store.Storage = config.StorageMemory
	return daemon.New(ctx, daemon.Options{Config: c, Logger: r.quietLogger(c), Version: readBuild().Version})
}

// errInterrupted says that a signal came before the work was done.
var errInterrupted = errors.New("interrupted before there was a verdict")

// during runs do while d is running, and returns when both have ended.
func during(ctx context.Context, d *daemon.Daemon, do func(context.Context) error) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	ran := make(chan error, 1)
	go func() {
		defer cancel()
		ran <- d.Run(inner)
	}()
	err := do(inner)
	cancel()
	if errors.Is(err, context.Canceled) {
		err = nil // One of the two that follow is why.
	}
	err = errors.Join(err, <-ran)
	if err == nil && ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// outlast runs do while all of them are running. They outlive an interruption, as what was seen until then is reported; do is told of
// it, and of one that ends by itself.
func outlast(ctx context.Context, all []*daemon.Daemon, do func(context.Context) error) error {
	inner := func(serving context.Context) error {
		doing, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(serving, cancel)()
		return do(doing)
	}
	for _, d := range all {
		next := inner
		inner = func(serving context.Context) error { return during(serving, d, next) }
	}
	return inner(context.WithoutCancel(ctx))
}

// suspect puts the likely reason after the one that nobody was seen.
func suspect(v *verdict.Report, reason string) {
	if len(v.Clients) == 0 {
		v.Reasons = slices.Insert(v.Reasons, min(1, len(v.Reasons)), reason)
	}
}

// printReport writes the verdict to standard output.
func (r *root) printReport(v verdict.Report, verbose bool) error {
	if r.json {
		return report.JSON(r.Out, v)
	}
	return report.Text(r.Out, v, report.TextOptions{Color: r.Color, Width: r.Width, Verbose: verbose})
}
