package config

import (
	"fmt"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// PolicyRule is one of [[verdict.policies]]: see verdict.Rule. What is not given stays as it is.
type PolicyRule struct {
	Checks    []string     `toml:"checks"`
	Clients   []string     `toml:"clients"`
	Endpoints []string     `toml:"endpoints"`
	Severity  string       `toml:"severity"`
	Limits    PolicyLimits `toml:"limits"`
}

// PolicyLimits are figures by which checks judge: see verdict.Limits.
type PolicyLimits struct {
	Transient     []int          `toml:"transient"`
	Final         []int          `toml:"final"`
	Attempts      *int           `toml:"attempts"`
	Amplification *float64       `toml:"amplification"`
	Quick         *time.Duration `toml:"quick"`
	Early         *time.Duration `toml:"early"`
	Delay         *time.Duration `toml:"delay"`
	Call          *time.Duration `toml:"call"`
	Answer        *time.Duration `toml:"answer"`
	Recovery      *time.Duration `toml:"recovery"`
}

// rule returns the rule for the judge.
func (r *PolicyRule) rule() verdict.Rule {
	l := &r.Limits
	return verdict.Rule{
		Checks: r.Checks, Clients: r.Clients, Endpoints: r.Endpoints, Severity: verdict.Severity(r.Severity),
		Limits: verdict.Limits{
			Transient: l.Transient, Final: l.Final, Attempts: given(l.Attempts), Amplification: given(l.Amplification),
			Quick: given(l.Quick), Early: given(l.Early), Delay: given(l.Delay), Call: given(l.Call),
			Answer: given(l.Answer), Recovery: given(l.Recovery),
		},
	}
}

// given is what a key says, zero where there is none.
func given[T any](value *T) (said T) {
	if value != nil {
		said = *value
	}
	return said
}

// empty reports the keys whose zero the judge takes as not given.
func (l *PolicyLimits) empty() faults.Problems {
	var e emptiness
	if l.Attempts != nil && *l.Attempts == 0 {
		e.add("attempts", "is 0, want 1 or more, or no such key")
	}
	if l.Amplification != nil && *l.Amplification == 0 {
		e.add("amplification", "is 0, want 1 or more, or no such key")
	}
	e.duration("quick", l.Quick)
	e.duration("early", l.Early)
	e.duration("delay", l.Delay)
	e.duration("call", l.Call)
	e.duration("answer", l.Answer)
	e.duration("recovery", l.Recovery)
	return e.problems
}

// policyOf returns the policy of rules, and what is wrong with it, by fields such as "policies[1].limits.quick".
func policyOf(rules []PolicyRule) (verdict.Policy, faults.Problems) {
	var policy verdict.Policy
	var problems faults.Problems
	for i := range rules {
		policy = append(policy, rules[i].rule())
		problems = append(problems, rules[i].Limits.empty().Prefix(fmt.Sprintf("policies[%d].limits.", i))...)
	}
	wrong, _ := policy.Validate().(faults.Problems) //nolint:errorlint // As it is returned.
	return policy, append(problems, wrong.Prefix("policies")...)
}
