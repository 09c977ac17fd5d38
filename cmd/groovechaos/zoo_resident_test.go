//go:build e2e

package main

import (
	"time"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// resident is a client of the zoo.
type resident struct {
	name string
	// driver is the program that makes its calls and what it is told, after the program's own name here.
	driver []string
	// scenarios are what it goes through after the baseline.
	scenarios []scenario
	// inTurn lets it make one call at a time, so that the machine delays its retries least.
	inTurn bool
	// watched is how long after the baseline it is watched at least, if a call has not ended.
	watched time.Duration

	policy policy
	// must are findings that the table of known clients asks for, by check, or check and status.
	must map[string]verdict.Result
	// guilty are the checks that it fails by its source, each with the reason.
	guilty map[string]string
}

// residents are the clients of the zoo, the slowest first.
var residents = []resident{
	{
		name: "go-cenkalti", driver: []string{"go", "cenkalti"}, scenarios: ordeals, watched: 100 * time.Second,
		policy: policy{on: busyOr5xx, writes: true, lost: true, delay: spread(powers(0.5, 1.5, 60), 0.5, 1.5)},
	},
	{
		name: "go-nethttp", driver: []string{"go", "net/http"}, scenarios: append([]scenario{drain}, ordeals...),
		policy: policy{attempts: 1},
	},
	{
		name: "go-retryablehttp", driver: []string{"go", "retryablehttp"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 5, writes: true, lost: true,
			delay: exactly(powers(1, 2, 30)), obeys: waits, dates: true, zero: true,
		},
	},
	{
		name: "go-resty", driver: []string{"go", "resty"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 5, delay: spread(powers(0.2, 2, 2), 0.5, 1), obeys: waits, dates: true, zero: true,
		},
	},
	{
		name: "go-failsafe", driver: []string{"go", "failsafe"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 5, writes: true, lost: true,
			delay: spread(powers(0.2, 2, 5), 0.75, 1.25), obeys: jitters, zero: true,
		},
	},
	{
		name: "go-azcore", driver: []string{"go", "azcore"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 4, writes: true, lost: true,
			delay: spread(func(k int) float64 { return 0.8 * (powers(2, 2, 1e9)(k) - 1) }, 0.8, 1.3), obeys: waits, dates: true,
		},
	},
	{
		name: "curl-retry", driver: []string{"go", "command", "curl", "--retry", "5"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 6, writes: true, delay: exactly(powers(1, 2, 600)), obeys: waits, dates: true,
		},
	},
	{
		name: "curl-retry-all", driver: []string{"go", "command", "curl", "--retry", "3", "--retry-all-errors", "-f"}, scenarios: ordeals,
		policy: policy{
			on: anything, attempts: 4, writes: true, lost: true, delay: exactly(powers(1, 2, 600)), obeys: waits, dates: true,
		},
	},
	{
		name: "wget", driver: []string{"go", "command", "wget", "--retry-on-http-error=503,429", "--tries=4"}, scenarios: ordeals,
		policy: policy{on: onlyBusy, attempts: 4, writes: true, lost: true, delay: exactly(steps(1))},
	},
	{
		name: "python-requests", driver: []string{"python"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 5, obeys: waits, dates: true, stumbles: true,
			delay: exactly(func(k int) float64 { return map[bool]float64{true: 0, false: powers(0.5, 2, 120)(k)}[k == 1] }),
		},
	},
	{
		name: "node-got", driver: []string{"node", "got"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 3, obeys: waits, dates: true,
			delay: func(k int) (float64, float64) { e := powers(1, 2, 1e9)(k); return e, e + 0.1 },
		},
	},
	{
		name: "node-ky", driver: []string{"node", "ky"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 3, delay: exactly(powers(0.3, 2, 1e9)), obeys: waits, dates: true, zero: true, stumbles: true,
		},
	},
	{
		name: "node-undici", driver: []string{"node", "undici"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 6, delay: exactly(powers(0.5, 2, 30)), obeys: waits, dates: true, clamp: 30 * time.Second,
		},
	},
	{
		name: "node-superagent", driver: []string{"node", "superagent"}, scenarios: append([]scenario{drain}, ordeals...), inTurn: true,
		policy: policy{on: busyOr5xx, attempts: 4, writes: true, lost: true, delay: exactly(steps(0))},
	},
	{
		name: "node-wretch", driver: []string{"node", "wretch"}, scenarios: ordeals,
		policy: policy{on: anything, attempts: 11, writes: true, delay: exactly(steps(0.5))},
	},

	// Clients of our own, each with something that the others have not.
	{
		name: "decorrelated", driver: []string{"go", "decorrelated"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 6,
			delay: func(k int) (float64, float64) { return 0.1, powers(0.3, 3, 3)(k) },
		},
	},
	{
		name: "retry-budget", driver: []string{"go", "retry-budget"}, scenarios: []scenario{drain},
		policy: policy{on: busyOr5xx, attempts: 3, delay: exactly(steps(0.1)), budget: 3},
	},
	{
		name: "body-loser", driver: []string{"go", "body-loser"}, scenarios: losing,
		policy: policy{on: busyOr5xx, attempts: 3, writes: true, lost: true, delay: exactly(steps(0.3)), loses: true},
	},
	{
		name: "body-loser-named", driver: []string{"go", "body-loser", "named"}, scenarios: losing,
		policy: policy{on: busyOr5xx, attempts: 3, writes: true, lost: true, delay: exactly(steps(0.3)), loses: true},
	},
	{name: "token-refresher", driver: []string{"go", "token-refresher"}, scenarios: []scenario{stale}, policy: policy{on: []int{401}, attempts: 2, delay: exactly(steps(0))}},
	{name: "token-keeper", driver: []string{"go", "token-keeper"}, scenarios: []scenario{stale}, policy: policy{attempts: 1}},
	{
		name: "crowd", driver: []string{"go", "retryablehttp"}, scenarios: []scenario{crowd},
		policy: policy{on: busyOr5xx, attempts: 5, writes: true, lost: true, delay: exactly(powers(1, 2, 30)), obeys: waits, dates: true, zero: true},
	},

	// Healthy ones, whose repeats are no retries.
	{name: "poller", driver: []string{"go", "net/http"}, scenarios: []scenario{polls, pollsNone, pollsDenied}, policy: policy{attempts: 1}},
	{name: "person", driver: []string{"go", "net/http"}, scenarios: []scenario{reloads, misses, presses}, policy: policy{attempts: 1}},
}

var losing = []scenario{named("w503"), named("w500"), named("exhaust"), named("recover")}

// named is an ordeal.
func named(name string) scenario {
	for _, s := range ordeals {
		if s.name == name {
			return s
		}
	}
	panic("no ordeal " + name)
}
