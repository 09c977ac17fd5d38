//go:build e2e

package main

import (
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// resident is a client of the zoo.
type resident struct {
	name string
	// driver is the kind of program that makes its calls, and what that one is told.
	driver []string
	// scenarios are what it goes through after the baseline.
	scenarios []scenario
	// inTurn lets it make one call at a time, so that the machine delays its retries least.
	inTurn bool
	// watched is how long after the baseline it is watched at least, if a call has not ended.
	watched time.Duration

	policy policy
	// law is that of its own waits, none if it has none.
	law backoff.Family
	// must are the findings that the table of known clients asks for, by check, or check and status.
	must claims
	// owed are those among them of which the judge cannot always be sure, and why.
	owed map[string]string
	// also is what its source says of findings to which not all ordeals of the table lead.
	also claims
}

// claims are findings by their result.
type claims map[verdict.Result][]string

// results are the same by finding.
func (c claims) results() map[string]verdict.Result {
	all := make(map[string]verdict.Result)
	for result, keys := range c {
		for _, key := range keys {
			all[key] = result
		}
	}
	return all
}

// results of findings, for short.
const (
	passes = verdict.Pass
	warns  = verdict.Warn
	fails  = verdict.Fail
	infos  = verdict.Info
)

// residents are the clients of the zoo, the slowest first.
var residents = slices.Concat(goResidents, commandResidents, scriptResidents, ownResidents, healthyResidents)

// commandResidents are programs that are run anew for every call.
var commandResidents = []resident{
	{
		name: "curl-retry", driver: []string{"go", "command", "curl", "--retry", "5"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 6, writes: true, delay: exactly(powers(1, 2, 600)), obeys: waits, dates: true,
		},
		law: doubling,
		must: claims{
			fails: {"write-not-repeated", "amplification"},
			warns: {"jitters"},
			passes: {
				"transient-retried 503", "transient-retried 429", "final-not-retried", "attempts-capped", "grows",
				"retry-after-honoured", "retry-after-not-early",
			},
		},
	},
	{
		name: "curl-retry-all", driver: []string{"go", "command", "curl", "--retry", "3", "--retry-all-errors", "-f"}, scenarios: ordeals,
		policy: policy{
			on: anything, attempts: 4, writes: true, lost: true, delay: exactly(powers(1, 2, 600)), obeys: waits, dates: true,
		},
		law: doubling,
		must: claims{
			fails:  {"final-not-retried", "unauthorized-not-hammered", "write-not-repeated"},
			warns:  {"conflict-not-blind"},
			passes: {"attempts-capped", "retry-after-honoured"},
		},
	},
	{
		name: "wget", driver: []string{"go", "command", "wget", "--retry-on-http-error=503,429", "--tries=4"}, scenarios: ordeals,
		policy: policy{on: onlyBusy, attempts: 4, writes: true, lost: true, delay: exactly(steps(1))},
		law:    linear,
		must: claims{
			fails:  {"retry-after-honoured", "transient-retried 502", "write-not-repeated"},
			warns:  {"jitters"},
			passes: {"transient-retried 503", "attempts-capped", "grows"},
		},
		owed: map[string]string{"retry-after-honoured": byChance},
	},
}

// scriptResidents are libraries of Python and Node.
var scriptResidents = []resident{
	{
		name: "python-requests", driver: []string{"python"}, scenarios: ordeals,
		policy: policy{on: busyOr5xx, attempts: 5, delay: atOnce(powers(0.5, 2, 120)), obeys: waits, dates: true, stumbles: true},
		law:    doubling,
		must: claims{
			warns: {"jitters"},
			passes: {
				"backs-off", "write-not-repeated", "transient-retried 503", "final-not-retried", "attempts-capped",
				"retry-after-honoured", "retry-after-not-early", "retry-after-date",
			},
		},
	},
	{
		name: "node-got", driver: []string{"node", "got"}, scenarios: ordeals,
		policy: policy{on: busyOr5xx, attempts: 3, delay: plus(powers(1, 2, 1e9), 0.1), obeys: waits, dates: true},
		law:    additive,
		must: claims{
			passes: {
				"write-not-repeated", "transient-retried 503", "final-not-retried", "attempts-capped", "grows", "jitters",
				"retry-after-honoured", "retry-after-not-early", "retry-after-date",
			},
		},
	},
	{
		name: "node-ky", driver: []string{"node", "ky"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 3, delay: exactly(powers(0.3, 2, 1e9)), obeys: waits, dates: true, zero: true, stumbles: true,
		},
		law: doubling,
		must: claims{
			warns: {"jitters"},
			passes: {
				"write-not-repeated", "transient-retried 503", "final-not-retried", "attempts-capped",
				"retry-after-honoured", "retry-after-not-early",
			},
		},
	},
	{
		name: "node-undici", driver: []string{"node", "undici"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 6, delay: exactly(powers(0.5, 2, 30)), obeys: waits, dates: true, clamp: 30 * time.Second,
		},
		law: doubling,
		must: claims{
			fails: {"retry-after-long"},
			warns: {"jitters"},
			passes: {
				"write-not-repeated", "transient-retried 503", "final-not-retried", "attempts-capped",
				"retry-after-honoured", "retry-after-not-early",
			},
		},
	},
	{
		name: "node-superagent", driver: []string{"node", "superagent"}, scenarios: append([]scenario{drain}, ordeals...), inTurn: true,
		policy: policy{on: busyOr5xx, attempts: 4, writes: true, lost: true, delay: exactly(steps(0))},
		law:    noDelay,
		must: claims{
			fails:  {"backs-off", "write-not-repeated", "retry-after-honoured"},
			passes: {"final-not-retried", "attempts-capped"},
		},
		owed: map[string]string{"retry-after-honoured": byChance},
	},
	{
		name: "node-wretch", driver: []string{"node", "wretch"}, scenarios: ordeals,
		policy: policy{on: anything, attempts: 11, writes: true, delay: exactly(steps(0.5))},
		law:    linear,
		must: claims{
			fails: {
				"final-not-retried", "unauthorized-not-hammered", "attempts-capped", "amplification", "write-not-repeated",
				"retry-after-honoured",
			},
			warns:  {"conflict-not-blind", "jitters"},
			passes: {"grows"},
		},
		owed: map[string]string{"retry-after-honoured": byChance},
	},
}
