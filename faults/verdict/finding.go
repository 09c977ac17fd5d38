package verdict

import (
	"iter"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// Result is what a check came to.
type Result string

// Results, from good to bad. Info and Warn do not fail a verdict.
const (
	Pass         Result = "pass"
	Info         Result = "info"
	Warn         Result = "warn"
	Inconclusive Result = "inconclusive"
	Fail         Result = "fail"
)

// Finding is the result of one check on one client, with its evidence.
type Finding struct {
	// Check is the name of the check in the catalogue.
	Check string `json:"check"`
	// Status narrows the finding to one status code, 0 for none.
	Status int `json:"status,omitempty"`
	// Endpoints narrow the finding to those for which the policy has a rule of their own; empty for all others.
	Endpoints []string `json:"endpoints,omitempty"`
	Result    Result   `json:"result"`
	// Summary is one sentence with the measured figure.
	Summary string `json:"summary"`
	// Missing says what evidence an inconclusive finding lacks.
	Missing string `json:"missing,omitempty"`
	// Advice says what to change in the client, for fail and warn.
	Advice string `json:"advice,omitempty"`
	// Calls and Attempts are what the finding rests on: call ids and attempt
	// sequence numbers, at most MaxEvidence each.
	Calls    []string `json:"calls,omitempty"`
	Attempts []uint64 `json:"attempts,omitempty"`
	// Grouping is the weakest way in which those calls were grouped.
	Grouping observe.Grouping `json:"grouping,omitempty"`
	// Exposed counts the calls that the check could look at; 0 means that
	// nothing happened that it is about.
	Exposed int `json:"exposed"`
	// Norm names the rule behind the check.
	Norm string `json:"norm"`
}

// MaxEvidence bounds the calls and attempts that a finding names.
const MaxEvidence = 20

// Verdict is all findings about one client.
type Verdict struct {
	Client string `json:"client"`
	Result Result `json:"result"`
	// Calls and Attempts count what was seen of the client.
	Calls    int `json:"calls"`
	Attempts int `json:"attempts"`
	// Laws say how the client waits before it asks again, none where it was not seen to: first for all statuses together, then for those that have
	// another one.
	Laws []Law `json:"laws,omitempty"`
	// Findings are in the order of the catalogue, at least one a check.
	Findings []Finding `json:"findings"`
	// Endpoints and Statuses are the same judgement on the calls to one endpoint, and on those that met one status first, as far as a check
	// could look at any of them.
	Endpoints []Part `json:"endpoints,omitempty"`
	Statuses  []Part `json:"statuses,omitempty"`
}

// Part is the verdict on a part of what a client did. It weighs nothing in the whole.
type Part struct {
	// Endpoint or Status says which part.
	Endpoint string `json:"endpoint,omitempty"`
	Status   int    `json:"status,omitempty"`
	Result   Result `json:"result"`
	Calls    int    `json:"calls"`
	Attempts int    `json:"attempts"`
	// Findings are those of the checks that something happened for.
	Findings []Finding `json:"findings"`
}

// FaultUse says how often a fault matched and fired while a journal was made.
type FaultUse struct {
	Name    string `json:"name"`
	Matched uint64 `json:"matched"`
	Fired   uint64 `json:"fired"`
}

// Journal is what was seen: the input of Judge.
type Journal struct {
	// Attempts gives what was recorded, the same each time that it is ranged over. What it gives is the judge's.
	Attempts iter.Seq[*observe.Attempt]
	// Release takes back attempts that the judge needs no more, so that their memory may serve for others; nil leaves them to the collector. It
	// is called while Attempts is ranged over, by another goroutine.
	Release func(*observe.Attempt)
	// Ended reports that the workload is known to have ended, so that a
	// repeat which has not come will not come.
	Ended bool
	// Faults says what each fault did; nil when that is not known.
	Faults []FaultUse
	// Outcomes are what callers told their users, in the order in which they were reported.
	Outcomes []observe.Outcome
	// Dropped counts older attempts that are not in the journal any more. A
	// call may then lack its beginning, and none of the first minutes counts.
	Dropped uint64
	// Missed counts those of Dropped that need not be older ones, as they were lost on their way from another node. What is absent
	// then proves nothing, wherever it is.
	Missed uint64
}

// each is Attempts, and nothing where there are none.
func (j *Journal) each() iter.Seq[*observe.Attempt] {
	if j.Attempts == nil {
		return Of(nil)
	}
	return j.Attempts
}

// Of gives the attempts of a slice, for Journal.
func Of(attempts []observe.Attempt) iter.Seq[*observe.Attempt] {
	return func(yield func(*observe.Attempt) bool) {
		for i := range attempts {
			if !yield(&attempts[i]) {
				return
			}
		}
	}
}

// Report is the verdict on everything that was seen.
type Report struct {
	// Version is the version of this document's format.
	Version int `json:"version"`
	// Result is the worst of the results of those clients that met a failure, and Inconclusive at
	// best when a fault never fired or no client met one.
	Result Result `json:"result"`
	// Reasons says in words why the result is not Pass, beyond the findings.
	Reasons []string  `json:"reasons,omitempty"`
	Clients []Verdict `json:"clients"`
	// Findings are those about all clients together, if something happened that they are about or they were asked for.
	Findings []Finding  `json:"findings,omitempty"`
	Faults   []FaultUse `json:"faults,omitempty"`
	// Notes say what of the journal could not be used, and why. They do not weigh on the result.
	Notes []string `json:"notes,omitempty"`
}
