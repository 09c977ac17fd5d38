package sweeper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
	"github.com/groovechaos/groovechaos/control/experiment/sweep"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Place is a groovechaos of its own, with the way to bring the workload there.
type Place struct {
	Site runner.Site
	// Command runs the workload once until it has ended, with all that it started, and writes what it prints to out. When ctx
	// ends it is asked to end. A service serves until then; nil for one that runs elsewhere.
	Command func(ctx context.Context, out io.Writer) experiment.Ended
	// Reset forgets what was written upstream; nil where that cannot be done.
	Reset func(ctx context.Context) error
}

// Options says what to sweep, and where.
type Options struct {
	// Places are where cases are run, one at a time on each; at least one.
	Places []Place
	// Service is how a workload is driven that stays up over all cases; nil for a command that is run anew for each.
	Service *Service
	// Setup is what the workload is and how cases are run. A Limit of 0 is for one by what the workload takes in peace.
	Setup sweep.Setup
	// Plan says which cases there are.
	Plan sweep.Options
	// Policy is that of the judge.
	Policy verdict.Policy
	// Budget is how long the sweep may take, its runs in peace included; 0 for no bound. A case under way is let end.
	Budget time.Duration
	// State is the file for how far the sweep is, "" for none. Resume goes on with what it says.
	State  string
	Resume bool
	// Fresh begins anew although the file says that a sweep is not finished; else that is an *UnfinishedError.
	Fresh bool
	// DryRun ends with the plan.
	DryRun bool
	// Output gets all that the workload prints; nil drops it.
	Output io.Writer
	// Watch is told how far the sweep is; nil for nobody. It must not block, and is never called twice at a time.
	Watch func(Progress)
	// Seen is given each attempt that counts, one at a time; nil for nobody.
	Seen func(*observe.Attempt)
}

// Service drives a service by its own front door. There is one place then, as there is one front door.
type Service struct {
	// Probes are sent in each round, one after another; at least one.
	Probes []experiment.Probe
	// Ready is a URL that must answer before the first round.
	Ready string
}

// Progress is how far a sweep is.
type Progress struct {
	// Peace numbers the run in peace that begins, 0 for a case.
	Peace int
	// Plan is the plan that was just made, nil for none. Known counts the cells that were known from the file.
	Plan  *sweep.Plan
	Known int
	// Begun is the case that begins, Cell what came of one that has ended; nil for none.
	Begun *sweep.Case
	Cell  *sweep.Cell
	// Left counts the cases that are still to be run, Guess says how long that may take.
	Left  int
	Guess time.Duration
}

// Result is what a sweep came to.
type Result struct {
	Habits *sweep.Habits
	Plan   *sweep.Plan
	Cells  []sweep.Cell
	// Limit is the time that a run of a case could take.
	Limit time.Duration
	// Interrupted reports that somebody ended it before its time. Known counts the cells that were known from the file.
	Interrupted bool
	Known       int
	// Early are the endpoints that a service calls at its start and not in a round, so that they are not swept.
	Early []string
	// Peace says what the judge found against the workload without any fault.
	Peace []string
	// Took is how long it took.
	Took time.Duration
}

// PeaceError says that the workload does not do well without faults.
type PeaceError struct {
	// Reason says what it did, Tail is the end of what it printed.
	Reason, Tail string
}

// Error implements error.
func (e *PeaceError) Error() string {
	return "run the workload without faults: " + e.Reason + "; mend that first, as a sweep compares with it"
}

// PatternError names a pattern of sweep.Options that fits no case.
type PatternError struct{ Pattern string }

// Error implements error.
func (e *PatternError) Error() string {
	return fmt.Sprintf("no case fits %q, want endpoint/fault/mode such as search/503/once, or one of the three; groovechaos sweep --dry-run lists them", e.Pattern)
}

// Errors of a workload of which nothing can be learned.
var (
	// ErrSilent says that it made no call by way of groovechaos.
	ErrSilent = errors.New("no attempts were seen")
	// ErrOutside says that it called no endpoint of the contract.
	ErrOutside = errors.New("no call was to an endpoint of the contract")
)
