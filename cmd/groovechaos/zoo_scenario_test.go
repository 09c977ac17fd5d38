//go:build e2e

package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// scenario is something that befalls calls of a client. Every one has requests of its own, which the proxy
// knows by their query.
type scenario struct {
	name string
	// writes makes the requests writes. They are reads otherwise.
	writes bool
	// requests counts the different requests.
	requests int
	// inTurn makes each request when the one before has ended. They are made side by side otherwise.
	inTurn bool
	// visits is how often each request is made anew whatever came of it, 0 for once: one after the other, with
	// these waits before each but the first, over and over.
	visits int
	waits  []time.Duration
	// crowd is how many callers make the same request at the same time, 0 for one.
	crowd int
	// start is when it begins, after the baseline.
	start time.Duration

	// status is what its fault answers, code the error code with it. lost breaks the connection when the upstream has
	// answered instead. With neither there is no fault.
	status int
	code   string
	lost   bool
	// failures is how many attempts of each call the fault strikes, 0 for all; every strikes every so many only.
	failures, every int
	// field is the Retry-After of the answer, and wait how long it says to wait.
	field field
	wait  time.Duration
}

// field is a kind of Retry-After.
type field string

const (
	absent  field = ""
	seconds field = "seconds"
	date    field = "date"
	garbage field = "garbage"
)

// planned is how many failures are planned for a call that is never to succeed.
const planned = 14

// longWait is a Retry-After that nobody waits for here.
const longWait = time.Hour

// ordeals are what every client of the table goes through. They begin one after the other, so that a machine that is
// busy for a moment does not delay all of them: last those in which a delay says most. What a Retry-After says is more than any client
// waits at first by itself. Of 24 calls that are told to wait a client that applies jitter to it comes early at two or fewer once in 30 000 times, of 12 once in 40.
var ordeals = []scenario{
	{name: "exhaust", requests: 12, start: 2 * time.Second, status: 503, failures: planned},
	{name: "recover", requests: 5, start: 4 * time.Second, status: 503, failures: 2},
	{name: "s429", requests: 8, start: 4 * time.Second, status: 429, code: "TOO_MANY_REQUESTS", failures: planned},
	{name: "s500", requests: 8, start: 5 * time.Second, status: 500, code: "INTERNAL_SERVER_ERROR", failures: planned},
	{name: "s502", requests: 8, start: 6 * time.Second, status: 502, code: "CATALOG_UNAVAILABLE", failures: planned},

	{name: "n400", requests: 3, status: 400, code: "INVALID_INPUT_PARAMETER", failures: planned},
	{name: "n401", requests: 3, status: 401, code: "ACCESS_TOKEN_INVALID", failures: planned},
	{name: "n403", requests: 3, status: 403, code: "NO_MUSIC_PASS_SUBSCRIPTION", failures: planned},
	{name: "n404", requests: 3, start: 1 * time.Second, status: 404, code: "CATALOG_NO_RESULT", failures: planned},
	{name: "n409", requests: 3, start: 1 * time.Second, status: 409, code: "DELIVERY_CONCURRENT_STREAMING", failures: planned},

	{name: "w503", writes: true, requests: 4, start: 3 * time.Second, status: 503, failures: planned},
	{name: "w500", writes: true, requests: 4, start: 3 * time.Second, status: 500, code: "INTERNAL_SERVER_ERROR", failures: planned},
	{name: "w409", writes: true, requests: 3, start: 1 * time.Second, status: 409, code: "COLLECTION_CONCURRENT_UPDATE", failures: planned},
	{name: "lost", writes: true, requests: 4, start: 1 * time.Second, lost: true, failures: 1},

	{name: "ra503-2", requests: 4, start: 8 * time.Second, status: 503, failures: 1, field: seconds, wait: 2 * time.Second},
	{name: "ra503-3", requests: 4, start: 8 * time.Second, status: 503, failures: 1, field: seconds, wait: 3 * time.Second},
	{name: "ra503-5", requests: 4, start: 9 * time.Second, status: 503, failures: 1, field: seconds, wait: 5 * time.Second},
	{name: "ra429-2", requests: 4, start: 8 * time.Second, status: 429, failures: 1, field: seconds, wait: 2 * time.Second},
	{name: "ra429-3", requests: 4, start: 8 * time.Second, status: 429, failures: 1, field: seconds, wait: 3 * time.Second},
	{name: "ra429-5", requests: 4, start: 9 * time.Second, status: 429, failures: 1, field: seconds, wait: 5 * time.Second},
	{name: "date", requests: 3, start: 10 * time.Second, status: 503, failures: 1, field: date, wait: 6 * time.Second},
	{name: "zero", requests: 2, start: 7 * time.Second, status: 503, failures: planned, field: seconds},
	{name: "garbage", requests: 2, start: 7 * time.Second, status: 503, failures: planned, field: garbage},
	{name: "long", requests: 3, status: 503, failures: 1, field: seconds, wait: longWait},
}

var (
	// baseline is what comes before everything else.
	baseline = scenario{name: "baseline", requests: 10, inTurn: true}
	// drain is a failure that does not end, one call after the other.
	drain = scenario{name: "drain", requests: 40, inTurn: true, status: 503, failures: planned}
	// stale are tokens that have expired.
	stale = scenario{name: "stale", requests: 4, inTurn: true, status: 401, code: "ACCESS_TOKEN_EXPIRED", failures: 1}
	// crowd are 64 callers with the same request.
	crowd = scenario{name: "crowd", requests: 1, crowd: 64, status: 503}

	// A poller asks again whatever it was told.
	polls       = scenario{name: "poll", requests: 1, visits: 30, waits: evenly, status: 503, every: 3}
	pollsNone   = scenario{name: "poll404", requests: 2, visits: 12, waits: evenly, status: 404, code: "CATALOG_NO_RESULT"}
	pollsDenied = scenario{name: "poll401", requests: 1, visits: 8, waits: evenly, status: 401, code: "ACCESS_TOKEN_INVALID"}

	// A person loads a page again that did not come, and presses a button again.
	reloads = scenario{name: "reload", requests: 3, visits: 4, waits: unevenly, status: 503, failures: 2}
	misses  = scenario{name: "reload404", requests: 2, visits: 3, waits: unevenly, status: 404, code: "CATALOG_NO_RESULT"}
	presses = scenario{name: "press", writes: true, requests: 1, visits: 2, waits: unevenly, status: 500, code: "INTERNAL_SERVER_ERROR", failures: 1}

	evenly   = []time.Duration{400 * time.Millisecond}
	unevenly = []time.Duration{1700 * time.Millisecond, 3100 * time.Millisecond, 900 * time.Millisecond}
)

// everyScenario are all there are.
func everyScenario() []scenario {
	return append([]scenario{
		baseline, drain, stale, crowd, polls, pollsNone, pollsDenied, reloads, misses, presses,
	}, ordeals...)
}

// faulty reports whether there is a fault.
func (s *scenario) faulty() bool { return s.status != 0 || s.lost }

// toml is its fault.
func (s *scenario) toml() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n[[faults]]\nname = %q\nmatch.query = { zoo = %q }\n", s.name, s.name)
	if s.failures > 0 {
		fmt.Fprintf(&b, "attempts = %d\n", s.failures)
	}
	if s.every > 0 {
		fmt.Fprintf(&b, "every = %d\n", s.every)
	}
	if s.lost {
		b.WriteString("break = { how = \"reset\", at = \"after\" }\n")
		return b.String()
	}
	fmt.Fprintf(&b, "answer.status = %d\n", s.status)
	if s.code != "" {
		fmt.Fprintf(&b, "answer.error_code = %q\n", s.code)
	}
	switch s.field {
	case seconds:
		fmt.Fprintf(&b, "answer.retry_after.seconds = %d\n", int(s.wait.Seconds()))
	case date:
		fmt.Fprintf(&b, "answer.retry_after.date_in = %q\n", s.wait)
	case garbage:
		b.WriteString("answer.retry_after.raw = \"soon\"\n")
	case absent:
	}
	return b.String()
}

// zooConfig is the configuration of the proxy: a fault for every scenario.
func zooConfig() (top, faults string) {
	var b strings.Builder
	for _, s := range everyScenario() {
		if s.faulty() {
			b.WriteString(s.toml())
		}
	}
	return "[observe]\nclient_by = [\"header:X-Zoo-Client\"]\n", b.String()
}

// zooCall is a line of a driver's input.
type zooCall struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	Path   string `json:"path"`
	Body   string `json:"body"`
}

// call is request i of a scenario, made for the so manieth time.
func (s *scenario) call(i, time int) zooCall {
	c := zooCall{
		ID: fmt.Sprintf("%s-%d-%d", s.name, i, time), Method: http.MethodGet,
		Path: fmt.Sprintf("/1/content/%s/lookup?zoo=%s&call=%d", track, s.name, i),
	}
	if s.writes {
		c.Method, c.Path = http.MethodPost, fmt.Sprintf("%s?zoo=%s&call=%d", add, s.name, i)
		c.Body = fmt.Sprintf(`{"TrackIds":[%q]}`, track)
	}
	return c
}
