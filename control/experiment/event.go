package experiment

import (
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// Event is something that happened: a *Seen, Ended, Probed, Rounded, Braked, Asked, Ready or Failed. Nothing happening is told by no event.
type Event interface{ event() }

// Seen says that an attempt ended.
type Seen struct{ Attempt *observe.Attempt }

// Ended says that the workload's command ended by itself, or that it could not be started.
type Ended struct {
	// Status is its exit status, -1 for none: a signal ended it.
	Status int
	// Text says how it ended, for people: "exit status 2".
	Text string
	// Struck reports that a fault struck something since it began, by the engine's own count: the attempt may not be recorded yet.
	Struck bool
	// Err says that it could not be run at all; nil for nothing.
	Err error
}

// Probed says what came of a probe.
type Probed struct {
	// Probe is its index in Experiment.Probes, Phase that of the phase in which it was sent.
	Probe, Phase int
	// Wrong says what was not as it must be; nil for nothing.
	Wrong []string
	// Took is how long the answer took.
	Took time.Duration
}

// Rounded says that all rounds of a phase have their answers: see Phase.Rounds.
type Rounded struct{ Phase int }

// Braked says that the brake was pulled.
type Braked struct{ Reason string }

// Asked says that somebody wants the run to stop.
type Asked struct{ Reason string }

// Ready says that the workload answers: see Workload.Ready.
type Ready struct{}

// Failed says that what was to be done could not be.
type Failed struct{ Err error }

func (*Seen) event()   {}
func (Ended) event()   {}
func (Probed) event()  {}
func (Rounded) event() {}
func (Braked) event()  {}
func (Asked) event()   {}
func (Ready) event()   {}
func (Failed) event()  {}

// Action is something to be done: a Launch, Halt, Enter, Change, Leave or Finish.
type Action interface{ action() }

// Launch starts the workload: the load, or the command anew.
type Launch struct{}

// Halt ends the workload.
type Halt struct{}

// Enter begins a phase: its faults come into force and its probes are sent.
type Enter struct {
	Phase  int
	Faults []faults.Fault
}

// Change puts other shares in the place of those of the phase's faults.
type Change struct {
	Phase  int
	Faults []faults.Fault
}

// Leave ends a phase: its faults go, and its probes are sent no more.
type Leave struct{ Phase int }

// Finish is the last action of a run.
type Finish struct{ End End }

func (Launch) action() {}
func (Halt) action()   {}
func (Enter) action()  {}
func (Change) action() {}
func (Leave) action()  {}
func (Finish) action() {}

// State says how far a run is.
type State string

// The states of a run. They are a closed set.
const (
	// StateRunning is for a run that goes on.
	StateRunning State = "running"
	// StateFinished is for one that came to its end.
	StateFinished State = "finished"
	// StateStopped is for one that a guardrail or a person ended.
	StateStopped State = "stopped"
	// StateFailed is for one that could not be done.
	StateFailed State = "failed"
)

// End is how a run ended.
type End struct {
	State State
	// Reason says why it was stopped or failed, "" for a run that finished.
	Reason string
	// Quiet reports that the workload ended by itself, so that what has not come will not come.
	Quiet bool
	// Phases says how far each phase came.
	Phases []PhaseState
	// Notes say what was not as it should be with the workload.
	Notes []Note
}

// PhaseState is how far a phase came.
type PhaseState struct {
	Name string
	// Reached reports that it began, Over that it ended in order.
	Reached, Over bool
	// Begin and End are when, from the run's beginning on.
	Begin, End time.Duration
	// Calls counts what the phase counts.
	Calls int
	// Why says what ended it: "calls", "rounds", "idle", "duration", "workload" or "stop".
	Why string
}

// Note is something about the workload that weighs on the result.
type Note struct {
	Text string
	// Unmet reports that an expectation was not met; else it makes the run inconclusive.
	Unmet bool
}
