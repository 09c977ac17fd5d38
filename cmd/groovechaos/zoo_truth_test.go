//go:build e2e

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// early is how much too early an attempt may come before it is proof. lateFirst and late are how late the earliest of many
// may come on a busy machine, beyond a part of the delay: first retries come while all clients start.
const (
	early     = 0.010
	lateFirst = 1.0
	late      = 0.3
	latePart  = 0.2
)

// sighting is an attempt as the journal has it.
type sighting struct {
	Sequence           uint64 `json:",string"`
	Client, Method     string
	Target             string
	Status             int
	Received, Answered string
	BodyLength         int64  `json:"body_length,string"`
	Credential         string `json:"credential"`
	received, answered time.Duration
}

// truth is what a client really did, by scenario and then request: every request that is not visited again is one
// call, whatever the judge makes of it.
type truth map[string]map[string][]sighting

// readTruth reads what "attempts --json" prints.
func readTruth(t *testing.T, text string) map[string]truth {
	t.Helper()
	all := make(map[string]truth)
	decoder := json.NewDecoder(strings.NewReader(text))
	for decoder.More() {
		var s sighting
		if err := decoder.Decode(&s); err != nil {
			t.Fatal(err)
		}
		s.received, s.answered = duration(t, s.Received), duration(t, s.Answered)
		if all[s.Client] == nil {
			all[s.Client] = make(truth)
		}
		_, query, _ := strings.Cut(s.Target, "?")
		request, name, _ := strings.Cut(query, "&zoo=") // the journal sorts the query
		if all[s.Client][name] == nil {
			all[s.Client][name] = make(map[string][]sighting)
		}
		all[s.Client][name][request] = append(all[s.Client][name][request], s)
	}
	for _, of := range all {
		of.sort()
	}
	return all
}

// sort brings the attempts of each request into the order in which they came.
func (tr truth) sort() {
	for _, requests := range tr {
		for _, attempts := range requests {
			slices.SortFunc(attempts, func(a, b sighting) int { return cmp.Compare(a.Sequence, b.Sequence) })
		}
	}
}

// gap is the wait before attempt k, from 1, in seconds.
func gap(attempts []sighting, k int) float64 {
	return (attempts[k].received - attempts[k-1].answered).Seconds()
}

// confirm holds a policy against what a client did: how many attempts it made, when, and of what.
func (r *resident) confirm(t teller, all truth) {
	t.Helper()
	own := make(map[int][]float64) // gaps by retry, where it went by its own law
	for i := range r.scenarios {
		s := &r.scenarios[i]
		if len(all[s.name]) != s.requests {
			t.Errorf("%s: %d requests came, want %d", s.name, len(all[s.name]), s.requests)
		}
		for request, attempts := range all[s.name] {
			name := s.name + " " + request
			if s.visits > 0 || s.crowd > 0 {
				r.countAll(t, name, s, len(attempts))
				continue
			}
			r.count(t, name, s, attempts)
			r.neverEarly(t, name, s, attempts)
			r.whole(t, name, attempts)
		}
		if r.ownLaw(s) {
			collect(own, all[s.name])
		}
	}
	r.heedless(t, all)
	r.lawful(t, own)
	r.thrifty(t, all["drain"])
}

// boundless is the least number of attempts that a client without a bound makes while it is watched.
const boundless = 11

// count checks how many attempts a call had: it ends with a success, or when the client has done all that it does. How often a fault
// strikes is the proxy's matter, and more than planned if the machine stands still for half a minute.
func (r *resident) count(t teller, name string, s *scenario, attempts []sighting) {
	t.Helper()
	n, last := len(attempts), attempts[len(attempts)-1].Status
	most := r.policy.attempts
	switch {
	case !r.policy.repeats(s):
		if n != 1 {
			t.Errorf("%s: it made %d attempts, want 1", name, n)
		}
	case r.policy.budget > 0:
	case r.policy.unbounded(s):
		if n < boundless {
			t.Errorf("%s: it made %d attempts, want %d or more", name, n, boundless)
		}
	case last >= 200 && last < 300:
		if n == 1 || most > 0 && n > most {
			t.Errorf("%s: it made %d attempts to a success, want 2 to %d", name, n, most)
		}
	case n != most:
		t.Errorf("%s: it made %d attempts and gave up, want %d", name, n, most)
	}
	for i, a := range attempts[:n-1] {
		if a.Status >= 200 && a.Status < 300 && !s.lost {
			t.Errorf("%s: it went on after a success, attempt %d", name, i+1)
		}
	}
}

// countAll checks how many attempts came of visits, or of a crowd.
func (r *resident) countAll(t teller, name string, s *scenario, n int) {
	t.Helper()
	want := max(1, s.visits, s.crowd)
	if r.policy.repeats(s) {
		want *= r.policy.attempts
	}
	if n != want {
		t.Errorf("%s: %d attempts came, want %d", name, n, want)
	}
}

// neverEarly checks that no attempt came before its time.
func (r *resident) neverEarly(t teller, name string, s *scenario, attempts []sighting) {
	t.Helper()
	for k := 1; k < len(attempts); k++ {
		low, _ := r.policy.delayAt(s, k)
		if g := gap(attempts, k); g < low-early {
			t.Errorf("%s: it came back after %.3f s for attempt %d, want %.3f s or more", name, g, k+1, low)
		}
	}
}

// whole checks that every attempt has the body of the first, if it is not lost.
func (r *resident) whole(t teller, name string, attempts []sighting) {
	t.Helper()
	want := attempts[0].BodyLength
	if (attempts[0].Method == http.MethodPost) != (want > 0) {
		t.Errorf("%s: the body has %d bytes", name, want)
	}
	if r.policy.loses {
		want = 0
	}
	for _, a := range attempts[1:] {
		if a.BodyLength != want {
			t.Errorf("%s: a body has %d bytes, want %d", name, a.BodyLength, want)
		}
	}
}

// thrifty checks that a budget is spent on the first calls of a failure that does not end.
func (r *resident) thrifty(t teller, requests map[string][]sighting) {
	t.Helper()
	if r.policy.budget == 0 {
		return
	}
	calls := slices.SortedFunc(maps.Values(requests), func(a, b []sighting) int { return cmp.Compare(a[0].Sequence, b[0].Sequence) })
	spent := 0
	for _, attempts := range calls {
		want := min(r.policy.attempts, r.policy.budget-spent+1)
		if len(attempts) != want {
			t.Errorf("%s: it made %d attempts, want %d", attempts[0].Target, len(attempts), want)
		}
		spent += len(attempts) - 1
	}
}

// ownLaw reports whether a client goes by its own law in a scenario, several times.
func (r *resident) ownLaw(s *scenario) bool {
	return s.field == absent && s.visits == 0 && s.crowd == 0 && r.policy.repeats(s)
}

func collect(gaps map[int][]float64, requests map[string][]sighting) {
	for _, attempts := range requests {
		for k := 1; k < len(attempts); k++ {
			gaps[k] = append(gaps[k], gap(attempts, k))
		}
	}
}

// enough gaps tell a law: of so many draws one lies in the lower half but for once in ten thousand times.
const enough = 14

// lawful checks the gaps by retry: the earliest of many came when the law says, and where the law has jitter they spread.
func (r *resident) lawful(t teller, gaps map[int][]float64) {
	t.Helper()
	for k, all := range gaps {
		low, high := r.policy.delay(k)
		if len(all) < enough {
			continue
		}
		first, last := slices.Min(all), slices.Max(all)
		latest := (1+latePart)*(low+high)/2 + late
		if k == 1 {
			latest += lateFirst - late
		}
		if first > latest {
			t.Errorf("retry %d came after %.3f s at the earliest, want %.3f s or less", k, first, latest)
		}
		if spread := (high - low) / 3; last-first < spread {
			t.Errorf("retry %d came after %.3f s to %.3f s, want %.3f s or more between them", k, first, last, spread)
		}
	}
}

// heedless checks that a client which pays no heed to a kind of Retry-After really comes earlier, now and then.
func (r *resident) heedless(t teller, all truth) {
	t.Helper()
	sooner := make(map[field]bool)
	for i := range r.scenarios {
		s := &r.scenarios[i]
		unheeded := s.field == seconds && r.policy.obeys == ignores || s.field == date && !r.policy.dates
		if s.wait < 5*time.Second || !unheeded || !r.policy.repeats(s) {
			continue
		}
		for _, attempts := range all[s.name] {
			early := len(attempts) > 1 && gap(attempts, 1) < s.wait.Seconds()-1
			sooner[s.field] = sooner[s.field] || early
		}
	}
	for field, early := range sooner {
		if !early {
			t.Errorf("it never came earlier than a Retry-After in %s said", field)
		}
	}
}

// summary says in a line what a client did at one scenario.
func summary(s *scenario, requests map[string][]sighting) string {
	counts := make(map[int]int)
	for _, attempts := range requests {
		counts[len(attempts)]++
	}
	gaps := make(map[int][]float64)
	collect(gaps, requests)
	var b strings.Builder
	fmt.Fprintf(&b, "%s: attempts %v", s.name, counts)
	for k := 1; k <= len(gaps); k++ {
		fmt.Fprintf(&b, " %.3f–%.3f", slices.Min(gaps[k]), slices.Max(gaps[k]))
	}
	return b.String()
}
