package faults

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong or doubtful, and the field it is in.
type Problem struct {
	// Field is the path of the field in the words of config.toml and the API:
	// "share", "answer.retry_after.seconds", in a set "faults[2].share".
	Field string
	// Text says what it is and what is wanted: "is 1.2, want 0 to 1".
	Text string
}

// String joins field and text into one sentence.
func (p Problem) String() string { return p.Field + " " + p.Text }

// Problems is an error made of at least one Problem.
type Problems []Problem //nolint:errname // A list of problems that is an error when it is not empty; the word is the design's.

// Error lists every problem, separated by semicolons.
func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, problem := range p {
		texts[i] = problem.String()
	}
	return strings.Join(texts, "; ")
}

// Prefix returns p with every field placed under prefix.
func (p Problems) Prefix(prefix string) Problems {
	moved := make(Problems, len(p))
	for i, problem := range p {
		moved[i] = Problem{Field: prefix + problem.Field, Text: problem.Text}
	}
	return moved
}

// Review is the outcome of a validation.
type Review struct {
	// Problems forbid the use of what was validated.
	Problems Problems
	// Warnings do not.
	Warnings Problems
}

// Err returns the problems as an error, or nil if there are none.
func (r Review) Err() error {
	if len(r.Problems) == 0 {
		return nil
	}
	return r.Problems
}

func (r *Review) problem(field, format string, args ...any) {
	r.Problems = append(r.Problems, Problem{Field: field, Text: fmt.Sprintf(format, args...)})
}

func (r *Review) warning(field, format string, args ...any) {
	r.Warnings = append(r.Warnings, Problem{Field: field, Text: fmt.Sprintf(format, args...)})
}

// merge takes over what other found, under prefix.
func (r *Review) merge(prefix string, other Review) {
	r.Problems = append(r.Problems, other.Problems.Prefix(prefix)...)
	r.Warnings = append(r.Warnings, other.Warnings.Prefix(prefix)...)
}
