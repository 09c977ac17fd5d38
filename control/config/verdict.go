package config

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Verdict is the section [verdict]: what the judge is asked.
type Verdict struct {
	// Checks names the checks that are asked for: one that could not be judged
	// makes the verdict inconclusive. Empty asks for every check that
	// something happened for.
	Checks []string `toml:"checks"`
	// Policies say how severe the checks are, and their limits; the later ones have the last word.
	Policies []PolicyRule `toml:"policies"`
}

// Policy returns the rules for the judge.
func (v *Verdict) Policy() verdict.Policy {
	policy, _ := policyOf(v.Policies)
	return policy
}

func defaultVerdict() Verdict { return Verdict{} }

func (v *Verdict) validate() faults.Problems {
	var problems faults.Problems
	known := checkNames()
	for i, name := range v.Checks {
		if verdict.ValidateChecks([]string{name}) != nil {
			problems = append(problems, faults.Problem{
				Field: fmt.Sprintf("checks[%d]", i),
				Text:  fmt.Sprintf("is %s, %s", quote(name), hint(nearest(name, known), known)),
			})
		}
	}
	_, wrong := policyOf(v.Policies)
	return append(problems, wrong...)
}

func checkNames() []string {
	var names []string
	for _, check := range verdict.Checks() {
		names = append(names, check.Name)
	}
	return names
}
