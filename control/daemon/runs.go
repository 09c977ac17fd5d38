package daemon

import (
	"context"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment/runner"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
)

// Site is where experiments are run here.
func (d *Daemon) Site() runner.Site {
	return runner.Site{
		Faults: d.faults, Brake: d.brake, Attempts: d.attempts, Outcomes: d.outcomes, Uses: d.allUses,
		Verdict: d.verdict, Logger: d.logger, Now: time.Now,
		Renew: func() {
			if d.proxy != nil { // A control node has none.
				d.proxy.Renew()
			}
		},
	}
}

// records is where the runs are kept: with all else that is kept, where anybody can ask for them.
func (d *Daemon) records() runner.Records {
	if d.fleet == nil || d.fleet.runs == nil {
		return &runner.Memory{}
	}
	return runner.NewKept(runner.KeptOptions{Shelf: d.fleet.runs, Faults: d.faults, Node: d.fleet.process, Logger: d.logger})
}

// runsTime is how long the runs may take to end, so that a store that hangs leaves time for all else.
const runsTime = 5 * time.Second

// serveRuns adds the part that ends the runs: before what they steer and watch.
func (d *Daemon) serveRuns() {
	d.parts = append(d.parts, part{name: "runs", run: d.endRuns, close: func() error { return nil }})
}

// endRuns serves the runs until ctx ends, and then waits for their end, but not for longer than there is time.
func (d *Daemon) endRuns(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- d.runs.Serve(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	late := time.NewTimer(d.ending.left(runsTime))
	defer late.Stop()
	select {
	case err := <-ended:
		return err
	case <-late.C:
		return errLate
	}
}

// uses is what the faults of the set did, here and on all other nodes.
func (d *Daemon) uses() []faults.Use { return d.counter().Uses() }

// allUses is uses, followed by what faults did that are gone.
func (d *Daemon) allUses() []faults.Use { return d.counter().AllUses() }

func (d *Daemon) counter() store.Counter {
	if d.fleet != nil && d.fleet.tallies != nil {
		return d.fleet.tallies
	}
	return d.engine
}
