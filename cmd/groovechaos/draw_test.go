//go:build e2e

package main

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"sync"
	"testing"
)

// The same seed and the same calls meet the same faults at any concurrency.
func TestOneSeedFaultsTheSameCalls(t *testing.T) {
	t.Parallel()
	const (
		calls  = 3000
		faults = `
[[faults]]
name = "overloaded"
share = 0.2
answer.status = 503
[[faults]]
name = "throttled"
share = 0.1
answer.status = 429
`
	)
	statuses := func(seed, width int) map[int]int {
		s := serve(t, fmt.Sprintf("seed = %d", seed), "", faults)
		c := s.caller(t, width)
		met := make(map[int]int)
		var mu sync.Mutex
		sideBySide(calls, width, func(i int) {
			status := c.get(t, fmt.Sprintf("%s?call=%d", genres, i))
			mu.Lock()
			defer mu.Unlock()
			met[i] = status
		})
		s.stop()
		return met
	}
	alone, crowd, other := statuses(7, 1), statuses(7, 64), statuses(8, 64)
	if !maps.Equal(alone, crowd) {
		t.Error("one at a time and 64 at a time, other calls met faults")
	}
	if maps.Equal(crowd, other) {
		t.Error("another seed faulted the same calls")
	}
}

func TestFirstThreeAreExactlyThree(t *testing.T) {
	t.Parallel()
	const calls = 50
	s := serve(t, "", "", "[[faults]]\nname = \"first\"\nfirst = 3\nanswer.status = 503\n")
	c := s.caller(t, calls)
	var mu sync.Mutex
	met := make(map[int]int)
	sideBySide(calls, calls, func(i int) {
		status := c.get(t, fmt.Sprintf("%s?call=%d", genres, i))
		mu.Lock()
		defer mu.Unlock()
		met[status]++
	})
	if met[http.StatusServiceUnavailable] != 3 || met[http.StatusOK] != calls-3 {
		t.Errorf("statuses are %v, want exactly 3 of 503 and %d of 200", met, calls-3)
	}
}

// Shares add up, over one kept-alive connection as over many.
func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	const (
		calls  = 20_000
		faults = `
[[faults]]
name = "throttled"
share = "10%"
answer.status = 429
[[faults]]
name = "overloaded"
share = "5%"
answer.status = 503
`
	)
	for _, connections := range []int{1, 32} {
		t.Run(fmt.Sprintf("over %d connections", connections), func(t *testing.T) {
			t.Parallel()
			s := serve(t, "", "", faults)
			c := s.caller(t, connections)
			sideBySide(calls, connections, func(i int) { c.get(t, fmt.Sprintf("%s?call=%d", genres, i)) })
			met, conns := make(map[int]int), make(map[string]bool)
			for _, attempts := range s.attempts(t) {
				for _, a := range attempts {
					met[a.Status]++
					conns[a.Conn] = true
				}
			}
			within(t, met[http.StatusTooManyRequests], calls, 0.10)
			within(t, met[http.StatusServiceUnavailable], calls, 0.05)
			within(t, met[http.StatusOK], calls, 0.85)
			if len(conns) != connections {
				t.Errorf("there were %d connections, want %d", len(conns), connections)
			}
		})
	}
}

// within checks a count against the 99.9 % bound of the binomial distribution.
func within(t *testing.T, got, of int, share float64) {
	t.Helper()
	mean := float64(of) * share
	bound := 3.2905*math.Sqrt(mean*(1-share)) + 1
	if math.Abs(float64(got)-mean) > bound {
		t.Errorf("%d of %d, want %.0f ± %.0f", got, of, mean, bound)
	}
}
