package cli

import (
	"errors"
	"fmt"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Status is an exit status.
type Status int

// Exit statuses of every command.
const (
	// StatusMet says that the command did its work and what was expected held.
	StatusMet Status = 0
	// StatusFailed says that the command could not do its work.
	StatusFailed Status = 1
	// StatusUsage says that the command line was wrong.
	StatusUsage Status = 2
	// StatusUnmet says that an expectation was not met.
	StatusUnmet Status = 3
	// StatusUndecided says that too little was seen to judge.
	StatusUndecided Status = 4
)

// statusError is an error that asks for an exit status of its own.
type statusError struct {
	status Status
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }

func (e *statusError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &statusError{StatusUsage, fmt.Errorf(format, args...)}
}

// statusOf maps the error of a command to its exit status.
func statusOf(err error) Status {
	var asked *statusError
	switch {
	case err == nil:
		return StatusMet
	case errors.As(err, &asked):
		return asked.status
	default:
		return StatusFailed
	}
}

// judged turns the result of a verdict into the error that exits with its
// status. The report has said why, so the error says it in a word.
func judged(result verdict.Result) error {
	switch result {
	case verdict.Fail:
		return &statusError{StatusUnmet, errSilent}
	case verdict.Inconclusive:
		return &statusError{StatusUndecided, errSilent}
	case verdict.Pass, verdict.Info, verdict.Warn:
		return nil
	}
	return fmt.Errorf("read verdict: result is %q", result)
}

// errSilent is an error about which everything has been said.
var errSilent = errors.New("see above")
