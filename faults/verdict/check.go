package verdict

import (
	"fmt"
	"slices"
	"strings"
)

// Family says which side of a client's conduct a check looks at.
type Family string

const (
	// FamilyIf asks whether a client repeats what it should and nothing else.
	FamilyIf Family = "if"
	// FamilyWhen asks how long it waits and when it stops.
	FamilyWhen Family = "when"
	// FamilyHow asks what it sends when it repeats.
	FamilyHow Family = "how"
	// FamilySurface asks what it tells its own user.
	FamilySurface Family = "surface"
)

// Check is one rule about client conduct.
type Check struct {
	// Name is the word for the check in findings, options and reports.
	Name   string
	Family Family
	// Rule says when the check fails, Needs what it must have seen at least.
	Rule, Needs string
	// Norm names the rule behind the check, Advice what to change in a client
	// that breaks it.
	Norm, Advice string
	// Example is a client that breaks the rule and what the finding says of it, in a sentence or two.
	Example string

	// begin makes what gathers the evidence on one client. It leaves Check, Norm and Advice of findings open.
	begin func(*client, *Limits) tally
	// Mild reports that the check never fails a client. It makes a verdict inconclusive only if it was asked for by name.
	Mild bool
	// whole reports that the check is about all that the client did, and says nothing of a part of it.
	whole bool
	// together reports that the check is about all clients together, and its finding one of the report.
	together bool
	// about says which calls the check looks at, as others say nothing to it: those with any of the traits, every call for 0.
	about trait
	// pair reports that two different requests are enough for a Fail, and one for a Warn: nobody polls by writing.
	pair bool
}

// catalogue holds every check in the order in which findings are reported.
var catalogue = slices.Concat(ifChecks, whenChecks, shapeChecks, askedChecks, loadChecks, howChecks, surfaceChecks, recoveryChecks, herdChecks)

// Checks returns the catalogue in the order in which findings are reported.
// The caller owns the slice.
func Checks() []Check { return slices.Clone(catalogue) }

// ValidateChecks returns an error that names each unknown name in names and lists the
// checks there are, or nil when all of them exist.
func ValidateChecks(names []string) error {
	known := make([]string, len(catalogue))
	for i, c := range catalogue {
		known[i] = c.Name
	}
	var unknown []string
	for _, name := range names {
		if !slices.Contains(known, name) {
			unknown = append(unknown, fmt.Sprintf("%q", name))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("unknown check %s, want %s", strings.Join(unknown, ", "), strings.Join(known, ", "))
}

// Mild reports that the check of that name never fails anybody.
func Mild(check string) bool {
	return slices.ContainsFunc(catalogue, func(c Check) bool { return c.Name == check && c.Mild })
}
