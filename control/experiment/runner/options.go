package runner

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Faults is where faults are put in force. Its errors are those of package store.
type Faults interface {
	// Faults returns all that are kept, expired ones too.
	Faults(ctx context.Context) ([]store.Fault, error)
	// Write makes all changes or none.
	Write(ctx context.Context, writes []store.Write) ([]store.Fault, error)
	// Delete removes a fault, at any revision for 0.
	Delete(ctx context.Context, name string, revision uint64) error
}

// Brake is the brake.
type Brake interface {
	// Brake returns its state.
	Brake(ctx context.Context) (store.Brake, error)
}

// Attempts is the journal.
type Attempts interface {
	// Page returns at most limit attempts from a position on, and the position after them.
	Page(position uint64, limit int) (page []observe.Attempt, next uint64)
	// Counts returns how many there were and how many of them were forgotten.
	Counts() (total, dropped uint64)
	// Missed returns how many there were beside, on other nodes, of which nobody here will ever know more.
	Missed() uint64
}

// Outcomes is what callers told their users.
type Outcomes interface {
	// Add keeps an outcome, which is valid and clean.
	Add(o observe.Outcome)
	// All returns what is kept, in the order in which it was reported, and how many older ones were forgotten.
	All() (kept []observe.Outcome, dropped uint64)
}

// Site is where experiments are run: one groovechaos.
type Site struct {
	Faults   Faults
	Brake    Brake
	Attempts Attempts
	Outcomes Outcomes
	// Uses says what each fault did so far, those too that are gone.
	Uses func() []faults.Use
	// Renew lets what comes from now on belong to no call from before, so that faults count its attempts from 1; nil for
	// nothing of the kind.
	Renew func()
	// Verdict returns the checks that a verdict asks for where the experiment names none, and the policy of the site, of which the experiment's
	// has the last word. A run goes by what it says when it is made; nil is for neither.
	Verdict func() (checks []string, policy verdict.Policy)
	// Logger gets what happens; nil drops it.
	Logger *slog.Logger
	// Now reads the wall clock; nil is time.Now.
	Now func() time.Time
}

// Command runs a workload's command until it has ended, with all that it started. When ctx ends it is asked to end.
type Command func(ctx context.Context) experiment.Ended

// Options says what to run.
type Options struct {
	Site
	// Experiment is what to run; it must have passed its validation, and must not be changed.
	Experiment *experiment.Experiment
	// Command is its command; nil if it has none.
	Command Command
	// Standing counts the faults that are in force anyway among those of the run.
	Standing bool
	// Watch is told whenever the run came further; nil for nobody. It must not block.
	Watch func(Status)
}

// ErrNoCommand says that an experiment has a command where none can be run.
var ErrNoCommand = errors.New("the experiment has a command, which is run by groovechaos run alone; " +
	"leave it out to judge traffic that comes from elsewhere, or give it a workload.load")

// Status is how far a run is.
type Status struct {
	State  experiment.State
	Reason string
	// Phase is the phase under way, "" for none.
	Phase  string
	Phases []experiment.PhaseState
	Notes  []experiment.Note
	// Started and Ended are wall clock times; Ended is zero while the run goes on.
	Started, Ended time.Time
	// Attempts and Calls count what was seen, Answers the probes' answers, Right those that were as they must be.
	Attempts, Calls, Answers, Right int
	// Load counts the requests of the built-in load, Failed those that got no answer below 500.
	Load, LoadFailed int
}
