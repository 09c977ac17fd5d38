//go:build e2e

package main

import "time"

// goResidents are libraries of Go.
var goResidents = []resident{
	{
		name: "go-cenkalti", driver: []string{"go", "cenkalti"}, scenarios: ordeals, watched: 105 * time.Second,
		policy: policy{on: busyOr5xx, writes: true, lost: true, delay: spread(powers(0.5, 1.5, 60), 0.5, 1.5)},
		law:    proportional,
		must: claims{
			fails:  {"attempts-capped", "retry-after-honoured", "write-not-repeated"},
			passes: {"transient-retried 503", "backs-off", "jitters"},
		},
		owed: map[string]string{"attempts-capped": fallsBack, "retry-after-honoured": byChance},
	},
	{
		name: "go-nethttp", driver: []string{"go", "net/http"}, scenarios: append([]scenario{drain}, ordeals...),
		policy: policy{attempts: 1},
		must: claims{
			fails:  {"transient-retried 503", "transient-retried 502", "transient-retried 429"},
			warns:  {"transient-retried 500"},
			passes: {"final-not-retried", "write-not-repeated", "attempts-capped"},
		},
	},
	{
		name: "go-retryablehttp", driver: []string{"go", "retryablehttp"}, scenarios: ordeals, policy: retryablehttpPolicy,
		law: doubling,
		must: claims{
			fails: {"write-not-repeated"},
			warns: {"jitters", "retry-after-zero"},
			passes: {
				"transient-retried 503", "transient-retried 429", "final-not-retried", "attempts-capped", "grows", "body-kept",
				"retry-after-honoured", "retry-after-not-early", "retry-after-date",
			},
		},
	},
	{
		name: "go-resty", driver: []string{"go", "resty"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 5, delay: spread(powers(0.2, 2, 2), 0.5, 1), obeys: waits, dates: true, zero: true,
		},
		law: equal,
		must: claims{
			warns: {"retry-after-zero"},
			passes: {
				"write-not-repeated", "transient-retried 503", "grows", "jitters",
				"retry-after-honoured", "retry-after-not-early", "retry-after-date",
			},
		},
	},
	{
		name: "go-failsafe", driver: []string{"go", "failsafe"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 5, writes: true, lost: true,
			delay: spread(powers(0.2, 2, 5), 0.75, 1.25), obeys: jitters, zero: true,
		},
		law: proportional,
		must: claims{
			fails:  {"retry-after-not-early", "write-not-repeated"},
			warns:  {"retry-after-date", "retry-after-zero"},
			passes: {"transient-retried 503", "attempts-capped", "jitters"},
		},
	},
	{
		name: "go-azcore", driver: []string{"go", "azcore"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 4, writes: true, lost: true,
			delay: spread(func(k int) float64 { return 0.8 * (powers(2, 2, 1e9)(k) - 1) }, 0.8, 1.3), obeys: waits, dates: true,
		},
		law: lessOne,
		must: claims{
			fails: {"write-not-repeated"},
			passes: {
				"transient-retried 503", "transient-retried 500", "attempts-capped", "jitters", "body-kept",
				"retry-after-honoured", "retry-after-not-early",
			},
		},
	},
}

// Why the judge owes a finding.
const (
	fallsBack = "it believes in one call of more than 10 attempts only if no gap falls back by a fifth, which jitter seldom allows"
	byChance  = "it takes drawn waits that rise with Retry-After by chance for waits that follow it"
)

var retryablehttpPolicy = policy{
	on: busyOr5xx, attempts: 5, writes: true, lost: true,
	delay: exactly(powers(1, 2, 30)), obeys: waits, dates: true, zero: true,
}

// ownResidents are clients of our own, each with something that the others have not.
var ownResidents = []resident{
	{
		name: "decorrelated", driver: []string{"go", "decorrelated"}, scenarios: ordeals,
		policy: policy{
			on: busyOr5xx, attempts: 6,
			delay: func(k int) (low, high float64) { return 0.1, powers(0.3, 3, 3)(k) },
		},
		law: decorrelated,
		must: claims{
			fails:  {"retry-after-honoured"},
			passes: {"backs-off", "jitters", "write-not-repeated", "attempts-capped"},
		},
		owed: map[string]string{"retry-after-honoured": byChance},
	},
	{
		name: "retry-budget", driver: []string{"go", "retry-budget"}, scenarios: []scenario{drain},
		policy: policy{on: busyOr5xx, attempts: 3, delay: exactly(steps(0.1)), budget: 3},
		must:   claims{warns: {"transient-retried 503"}, infos: {"retry-budget"}, passes: {"attempts-capped", "amplification"}},
		also:   claims{warns: {"transient-retried 503"}, passes: {"attempts-capped", "amplification", "backs-off"}},
	},
	{
		name: "body-loser", driver: []string{"go", "body-loser"}, scenarios: losing, policy: losingPolicy,
		must: claims{fails: {"body-kept", "write-not-repeated"}}, also: losingClaims,
	},
	{
		name: "body-loser-named", driver: []string{"go", "body-loser", "named"}, scenarios: losing, policy: losingPolicy,
		must: claims{fails: {"body-kept", "write-not-repeated"}}, also: losingClaims,
	},
	{
		name: "token-refresher", driver: []string{"go", "token-refresher"}, scenarios: []scenario{stale},
		policy: policy{on: []int{401}, attempts: 2, delay: exactly(steps(0))},
		must:   claims{passes: {"token-refreshed", "unauthorized-not-hammered"}},
		also:   claims{passes: {"token-refreshed", "unauthorized-not-hammered"}},
	},
	{
		name: "token-keeper", driver: []string{"go", "token-keeper"}, scenarios: []scenario{stale}, policy: policy{attempts: 1},
		must: claims{fails: {"token-refreshed"}, passes: {"unauthorized-not-hammered"}},
		also: claims{fails: {"token-refreshed"}, passes: {"unauthorized-not-hammered"}},
	},
	{
		name: "crowd", driver: []string{"go", "retryablehttp"}, scenarios: []scenario{crowd}, policy: retryablehttpPolicy,
		also: claims{passes: {"transient-retried 503", "backs-off", "attempts-capped"}, warns: {"amplification"}},
	},
}

var (
	losing       = []scenario{ordealOf("w503"), ordealOf("w500"), ordealOf("exhaust"), ordealOf("recover")}
	losingPolicy = policy{on: busyOr5xx, attempts: 3, writes: true, lost: true, delay: exactly(steps(0.3)), loses: true}
	losingClaims = claims{
		fails: {"body-kept", "write-not-repeated"}, passes: {"transient-retried 503", "backs-off", "attempts-capped", "amplification"},
	}
)

// ordealOf is the one of that name.
func ordealOf(name string) scenario {
	for _, s := range ordeals {
		if s.name == name {
			return s
		}
	}
	panic("there is no ordeal " + name)
}

// healthyResidents do what they should; their repeats are no retries.
var healthyResidents = []resident{
	{
		name: "poller", driver: []string{"go", "net/http"}, scenarios: []scenario{polls, pollsNone, pollsDenied},
		policy: policy{attempts: 1},
	},
	{
		name: "person", driver: []string{"go", "net/http"}, scenarios: []scenario{reloads, misses, presses},
		policy: policy{attempts: 1}, also: claims{warns: {"write-not-repeated"}},
	},
}
