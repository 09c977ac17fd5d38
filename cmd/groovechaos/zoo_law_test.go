//go:build e2e

package main

import (
	"maps"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
)

// Laws of the table of known clients.
var (
	noDelay      = backoff.Family{Curve: backoff.NoDelay, Jitter: backoff.NoJitter}
	doubling     = backoff.Family{Curve: backoff.Exponential, Jitter: backoff.NoJitter}
	linear       = backoff.Family{Curve: backoff.Linear, Jitter: backoff.NoJitter}
	proportional = backoff.Family{Curve: backoff.Exponential, Jitter: backoff.Proportional}
	lessOne      = backoff.Family{Curve: backoff.LessOne, Jitter: backoff.Proportional}
	equal        = backoff.Family{Curve: backoff.Exponential, Jitter: backoff.Equal}
	additive     = backoff.Family{Curve: backoff.Exponential, Jitter: backoff.Additive}
	decorrelated = backoff.Family{Curve: backoff.Decorrelated, Jitter: backoff.NoJitter}
)

// swamped reports whether the machine stood still for so long that it had a part in the waits of a client: a fifth of its shortest.
func (r *resident) swamped(stood time.Duration) bool {
	shortest, _ := r.policy.delay(1)
	if shortest == 0 {
		shortest, _ = r.policy.delay(2)
	}
	return stood > standstill && stood.Seconds() > shortest/5
}

// isNamed has the law of a client named from what it did: never another, and that one if the machine was not in the way. Of a client
// with two retries a single law need not be named; and a machine that stands still is like jitter on top of a wait, which hides of what
// kind a client's own is.
func (r *resident) isNamed(t teller, all truth, stood time.Duration) {
	t.Helper()
	if r.law == (backoff.Family{}) {
		return
	}
	fit := backoff.Classify(r.calls(all), backoff.Options{})
	t.Logf("its law: %s, from %d gaps of %d calls", fit, fit.Gaps, fit.Calls)
	right := slices.ContainsFunc(fit.Laws, func(l backoff.Law) bool {
		late := l.Curve == r.law.Curve && l.Jitter == backoff.Additive || drawn(r.law) && drawn(l.Family)
		return sameLaw(l.Family, r.law) || stood > standstill && late
	})
	short := r.policy.attempts > 0 && r.policy.attempts <= 3
	switch {
	case len(fit.Laws) > 0 && !right && !r.swamped(stood):
		t.Errorf("its law is named %q, want %v or none", fit, r.law)
	case len(fit.Laws) == 0 && !short && stood <= standstill:
		t.Errorf("its law has no name, want %v", r.law)
	}
	grows := r.law.Curve != backoff.NoDelay && r.law.Curve != backoff.Constant
	jitters := drawn(r.law)
	for what, answers := range map[string][2]backoff.Answer{"grows": {fit.Grows, answer(grows)}, "jitters": {fit.Jitters, answer(jitters)}} {
		got, want := answers[0], answers[1]
		late := stood > standstill && what == "jitters" && got == backoff.Yes
		if got != want && got != backoff.Unknown && !late {
			t.Errorf("its law %s: %q, want %q", what, got, want)
		}
	}
}

// drawn reports that waits are drawn.
func drawn(f backoff.Family) bool {
	return f.Jitter != backoff.NoJitter || f.Curve == backoff.Decorrelated
}

// sameLaw compares families. With jitter one growing curve is hardly told from another.
func sameLaw(got, want backoff.Family) bool {
	if want.Jitter != backoff.NoJitter {
		return got.Jitter == want.Jitter && got.Curve != backoff.Constant
	}
	return got == want
}

func answer(yes bool) backoff.Answer {
	if yes {
		return backoff.Yes
	}
	return backoff.No
}

// calls are the gaps of a client as they really were.
func (r *resident) calls(all truth) []backoff.Call {
	var calls []backoff.Call
	for i := range r.scenarios {
		s := &r.scenarios[i]
		if s.visits > 0 || s.crowd > 0 {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(all[s.name])) {
			attempts := all[s.name][name]
			call := backoff.Call{GaveUp: attempts[len(attempts)-1].Status >= 400 && !r.policy.endless(s)}
			for k := 1; k < len(attempts); k++ {
				wait := time.Duration(gap(attempts, k) * float64(time.Second))
				call.Gaps = append(call.Gaps, backoff.Gap{Index: k, Wait: max(0, wait), AfterRetryAfter: s.field != absent})
			}
			calls = append(calls, call)
		}
	}
	return calls
}
