package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// inForce is the set for the engine: what has expired is switched off.
func inForce(set []Fault, now time.Time) []faults.Fault {
	plain := make([]faults.Fault, len(set))
	for i := range set {
		plain[i] = set[i].Fault
		plain[i].Disabled = set[i].Disabled || set[i].Expired(now)
	}
	return plain
}

// NextExpiry is when the next fault of a set ceases to be in force for its age, zero for never. Of one that is switched off nothing
// changes then.
func NextExpiry(set []Fault, now time.Time) (next time.Time) {
	for i := range set {
		f := &set[i]
		if !f.ExpiresAt.IsZero() && !f.Disabled && !f.Expired(now) && (next.IsZero() || f.ExpiresAt.Before(next)) {
			next = f.ExpiresAt
		}
	}
	return next
}

// reviewAgain writes down what is doubtful about a set in place of what was, and returns until when that holds.
func reviewAgain(set []Fault, now time.Time) time.Time {
	warn(set, faults.Validate(inForce(set, now)).Warnings)
	return NextExpiry(set, now)
}

// warn gives the faults of a set the warnings of its review.
func warn(set []Fault, warnings faults.Problems) {
	for i := range set {
		set[i].Warnings = nil
	}
	for _, warning := range warnings {
		if i, field, ok := splitIndex(warning.Field); ok {
			set[i].Warnings = append(set[i].Warnings, field+" "+warning.Text)
		}
	}
}

// relocate renames the fields of problems with a whole set to those of the
// change that caused them: places says where in the set its faults are. A
// problem that shows on another fault is told of the change, if that is a
// single one, and else of the changes together.
func relocate(problems faults.Problems, set []Fault, places []int) faults.Problems {
	changes := make(map[int]int, len(places))
	for change, place := range places {
		if place >= 0 {
			changes[place] = change
		}
	}
	moved := make(faults.Problems, len(problems))
	for i, problem := range problems {
		moved[i] = problem
		place, field, ok := splitIndex(problem.Field)
		if !ok {
			continue
		}
		if change, ok := changes[place]; ok {
			moved[i].Field = fmt.Sprintf("faults[%d].%s", change, field)
			continue
		}
		moved[i].Field = "faults"
		if len(changes) == 1 {
			moved[i].Field = "faults[0]." + field
		}
		moved[i].Text = fmt.Sprintf("would clash with %q, whose %s %s", set[place].Name, field, problem.Text)
	}
	return moved
}

// splitIndex takes "faults[3].share" apart into 3 and "share".
func splitIndex(field string) (index int, rest string, ok bool) {
	number, rest, ok := strings.Cut(strings.TrimPrefix(field, "faults["), "].")
	index, err := strconv.Atoi(number)
	return index, rest, ok && err == nil
}
