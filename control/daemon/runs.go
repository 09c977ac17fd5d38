package daemon

import (
	"time"

	"github.com/groovechaos/groovechaos/control/experiment/runner"
)

// Site is where experiments are run here.
func (d *Daemon) Site() runner.Site {
	checks, policy := d.verdict()
	return runner.Site{
		Faults: d.faults, Brake: d.brake, Attempts: d.attempts, Outcomes: &d.outcomes, Uses: d.engine.Uses,
		Checks: checks, Policy: policy, Logger: d.logger, Now: time.Now,
		Renew: func() {
			if d.proxy != nil { // A control node has none.
				d.proxy.Renew()
			}
		},
	}
}

// serveRuns adds the part that ends the runs: before what they steer and watch.
func (d *Daemon) serveRuns() {
	d.parts = append(d.parts, part{name: "runs", run: d.runs.Serve, close: func() error { return nil }})
}
