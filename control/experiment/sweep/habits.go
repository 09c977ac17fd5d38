package sweep

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// Ran is one run of the workload, as it was seen.
type Ran struct {
	// Attempts are those of this run alone, in the order of their arrival.
	Attempts []observe.Attempt
	// Outcomes are what callers told their users meanwhile.
	Outcomes []observe.Outcome
	// Dropped counts the attempts that were forgotten for want of room.
	Dropped uint64
	// Exit is the exit status of the command, ExitText how it ended in words; 0 and "" for well.
	Exit     int
	ExitText string
	// Hung reports that it did not end within the time of a case and was stopped.
	Hung bool
	// Tail is the end of what it printed.
	Tail string
	// Died says how a service ended, which is to stay up, "" for one that did not.
	Died string
	// Traces are the trace ids of the probes of a round; none for a command.
	Traces []string
	// Since is how long after the fault of another run was gone a round in peace ended.
	Since time.Duration
	// After are the rounds in peace after the fault of a service was gone.
	After []Ran
	// Fired counts the exchanges that the fault struck.
	Fired uint64
	// Took is how long the run took.
	Took time.Duration
}

// requestKey says which attempts ask for the same. Unlike a fingerprint it does not say who asks, as a credential may be
// another one in each run.
func requestKey(a *observe.Attempt) string {
	return strings.TrimSpace(a.Method + " " + a.Target + " " + a.BodyDigest)
}

// Habit is what the workload does with one request in peace.
type Habit struct {
	Endpoint string `json:"endpoint,omitempty"`
	// Count is how often it sends it, Succeeded how often with success.
	Count     int `json:"count"`
	Succeeded int `json:"succeeded"`
}

// Habits is what the workload does in peace.
type Habits struct {
	// Requests are those that it sends in every run alike, by what they ask for.
	Requests map[string]Habit `json:"requests"`
	// Order is the order of all requests, by a digest of each; none if it was not the same in every run, or is too long.
	Order []string `json:"order,omitempty"`
	// Calls counts the requests to each endpoint of the contract, of the run that had the most.
	Calls map[string]int `json:"calls"`
	// Outside counts the requests to no endpoint of the contract.
	Outside int `json:"outside,omitempty"`
	// Unsettled counts the requests that were not the same in every run.
	Unsettled int `json:"unsettled,omitempty"`
	// Tied reports that a service passes the traces of its probes on: what it sends for one is known from what it sends for others.
	Tied bool `json:"tied,omitempty"`
	// Took is how long the longest run took.
	Took time.Duration `json:"took_ns"`
}

// Learn reads habits from runs in peace, at least one.
func Learn(runs []Ran) *Habits {
	h := &Habits{Requests: map[string]Habit{}, Calls: map[string]int{}, Tied: true}
	for i := range runs {
		seen, calls := countOf(&runs[i])
		for endpoint, n := range calls {
			h.Calls[endpoint] = max(h.Calls[endpoint], n)
		}
		h.Outside = max(h.Outside, calls[""])
		h.Took = max(h.Took, runs[i].Took)
		h.Tied = h.Tied && runs[i].tied()
		order := orderOf(&runs[i])
		if i == 0 {
			h.Requests, h.Order = seen, order
			continue
		}
		h.agree(seen)
		if !slices.Equal(h.Order, order) {
			h.Order = nil
		}
	}
	delete(h.Calls, "")
	return h
}

// countOf counts the requests of a run, by what they ask for and by endpoint.
func countOf(r *Ran) (seen map[string]Habit, calls map[string]int) {
	seen, calls = map[string]Habit{}, map[string]int{}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		one := seen[requestKey(a)]
		one.Endpoint = a.Endpoint
		one.Count++
		if a.Succeeded() {
			one.Succeeded++
		}
		seen[requestKey(a)] = one
		calls[a.Endpoint]++
	}
	return seen, calls
}

// longestOrder bounds Habits.Order.
const longestOrder = 10_000

// orderOf is the order of a run's requests, none of one that is too long.
func orderOf(r *Ran) []string {
	if len(r.Attempts) > longestOrder {
		return nil
	}
	order := make([]string, len(r.Attempts))
	for i := range r.Attempts {
		order[i] = shortKey(&r.Attempts[i])
	}
	return order
}

// agree keeps what another run did just so.
func (h *Habits) agree(seen map[string]Habit) {
	for key, habit := range h.Requests {
		if seen[key] != habit {
			delete(h.Requests, key)
			h.Unsettled++
		}
	}
	for key := range seen {
		if _, known := h.Requests[key]; !known {
			h.Unsettled++
		}
	}
}

// Endpoints are those of the contract that the workload uses, in the order of the contract.
func (h *Habits) Endpoints() []groove.Endpoint {
	var used []groove.Endpoint
	for _, e := range groove.Endpoints() {
		if h.Calls[e.Name] > 0 {
			used = append(used, e)
		}
	}
	return used
}

// Without are those of the endpoints that are called elsewhere and not in peace, in the order of the contract.
func (h *Habits) Without(elsewhere map[string]int) []string {
	var list []string
	for _, e := range groove.Endpoints() {
		if elsewhere[e.Name] > 0 && h.Calls[e.Name] == 0 {
			list = append(list, e.Name)
		}
	}
	return list
}

// Differs says what a new run in peace does otherwise than the habits have it, "" for nothing that matters: the workload has
// changed since they were learned.
func (h *Habits) Differs(r *Ran) string {
	seen, calls := countOf(r)
	for _, e := range groove.Endpoints() {
		if (h.Calls[e.Name] > 0) != (calls[e.Name] > 0) {
			return fmt.Sprintf("%s is called %s, was called %s", e.Name, times(calls[e.Name]), times(h.Calls[e.Name]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(h.Requests)) {
		if seen[key] != h.Requests[key] {
			return fmt.Sprintf("%.120s came %s, was sent %s", key, times(seen[key].Count), times(h.Requests[key].Count))
		}
	}
	return ""
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
