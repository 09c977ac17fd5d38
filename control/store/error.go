package store

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults"
)

// ExistsError says that a name is taken.
type ExistsError struct{ Name string }

func (e *ExistsError) Error() string { return fmt.Sprintf("fault %.80q exists already", e.Name) }

// MissingError says that there is no fault of a name.
type MissingError struct{ Name string }

func (e *MissingError) Error() string { return fmt.Sprintf("there is no fault %.80q", e.Name) }

// MovedError says that a fault is not at the revision that was expected.
type MovedError struct {
	Name string
	// Want is the revision that was expected, Current the one it is at.
	Want, Current uint64
}

func (e *MovedError) Error() string {
	return fmt.Sprintf("fault %.80q is at revision %d, not %d: read it again", e.Name, e.Current, e.Want)
}

// BrakedError says that the brake is pulled, so that nothing can be put in
// force.
type BrakedError struct{ Brake Brake }

func (e *BrakedError) Error() string {
	if e.Brake.Reason == "" {
		return "the brake is pulled: release it first"
	}
	return fmt.Sprintf("the brake is pulled (%s): release it first", e.Brake.Reason)
}

// InvalidError says what is wrong with the faults of a change. Fields are
// named "faults[i].…" by the index in the change, or "faults" for what no
// single one of them has brought about.
type InvalidError struct{ Problems faults.Problems }

func (e *InvalidError) Error() string { return e.Problems.Error() }

// Unwrap returns the problems.
func (e *InvalidError) Unwrap() error { return e.Problems }
