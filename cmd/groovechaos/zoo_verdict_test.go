//go:build e2e

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// findingKey names a finding: the check, and the status if it is about one.
func findingKey(f *verdict.Finding) string {
	if f.Status == 0 {
		return f.Check
	}
	return fmt.Sprintf("%s %d", f.Check, f.Status)
}

// said are the findings about a client.
type said map[string]verdict.Finding

// saidOf returns what is said of a client, nil if it was not judged.
func saidOf(report *verdict.Report, client string) said {
	for i := range report.Clients {
		if v := &report.Clients[i]; v.Client == client {
			all := make(said)
			for _, f := range v.Findings {
				all[findingKey(&f)] = f
			}
			return all
		}
	}
	return nil
}

// standstill is how long the machine may stand still before a judge may find that it saw too little: a third of what the checks take for jitter.
const standstill = 15 * time.Millisecond

// hidden are the checks whose evidence late attempts hide: nobody comes back early, or too evenly, on a machine that stands still.
var hidden = []string{"backs-off", "jitters", "retry-after-honoured", "retry-after-not-early", "retry-after-zero", "retry-after-long"}

// excused reports whether a result may stand for another because the machine stood still: too little was seen, or what was hidden.
func excused(key string, result verdict.Result, stood time.Duration) bool {
	return stood > standstill && (result == verdict.Inconclusive || slices.Contains(hidden, key) && (result == passes || result == infos))
}

// faces holds what is said of a client against its source, and against what the table of known clients asks for. Some may be
// inconclusive instead: those that the judge is known to owe, and all whose evidence the machine has spoilt.
func (r *resident) faces(t teller, all said, stood time.Duration) {
	t.Helper()
	source := r.source()
	for key, f := range all {
		proven, known := source[key]
		switch {
		case f.Result == verdict.Inconclusive || f.Result == verdict.Info:
		case known && !slices.Contains(proven, f.Result) && !excused(key, f.Result, stood):
			t.Errorf("%s is %q: %s; by its source it is one of %q", key, f.Result, f.Summary, proven)
		case known:
		case f.Result == verdict.Fail:
			t.Errorf("%s is %q: %s; nothing in its source justifies that", key, f.Result, f.Summary)
		}
	}
	for key, want := range r.must.results() {
		f, judged := all[key]
		check, _, _ := strings.Cut(key, " ")
		switch {
		case !judged && !catalogued(check):
			t.Logf("there is no check %s, which should find %q", check, want)
		case f.Result == want:
		case judged && f.Result == verdict.Inconclusive && r.owed[key] != "":
			t.Logf("%s is %q, want %q: %s; %s", key, f.Result, want, f.Missing, r.owed[key])
		case judged && f.Result == verdict.Inconclusive && (verdict.Mild(check) || check == "retry-after-long"):
			// Three calls are told to wait for long, which is just enough, and few are repeated often enough for the shapes of waits.
			t.Logf("%s is %q, want %q: %s", key, f.Result, want, f.Missing)
		case judged && excused(key, f.Result, stood):
			t.Logf("%s is %q, want %q: %s; but the machine stood still for %s", key, f.Result, want, f.Missing, stood)
		default:
			t.Errorf("%s is %q, want %q: %s %s", key, f.Result, want, f.Summary, f.Missing)
		}
	}
}

// ownWay checks that a client which goes its own way is convicted of that: of not heeding Retry-After, or of coming before its time.
func (r *resident) ownWay(t teller, all said, stood time.Duration) {
	t.Helper()
	honoured, early := all["retry-after-honoured"], all["retry-after-not-early"]
	sent := len(r.scenarios) >= len(ordeals) && len(r.policy.on) > 0
	if !sent || r.policy.obeys != ignores || honoured.Result == fails || early.Result == fails {
		return
	}
	if why := r.owed["retry-after-honoured"]; why != "" && honoured.Result == verdict.Inconclusive {
		t.Logf("nothing convicts it of going its own way: %s; %s", honoured.Missing, why)
		return
	}
	if excused("retry-after-honoured", honoured.Result, stood) {
		t.Logf("nothing convicts it of going its own way: %s; but the machine stood still for %s", honoured.Missing, stood)
		return
	}
	t.Errorf("nothing convicts it of going its own way: %s %s", honoured.Summary, honoured.Missing)
}

// catalogued reports whether the judge has a check.
func catalogued(check string) bool {
	return slices.ContainsFunc(verdict.Checks(), func(c verdict.Check) bool { return c.Name == check })
}

// source is what the source of a client says that its findings are: all results that it does not disprove. Too little evidence, and a
// mere piece of information, it never disproves. A check that is not here may not fail the client.
func (r *resident) source() map[string][]verdict.Result {
	all := make(map[string][]verdict.Result)
	for key, result := range r.also.results() {
		all[key] = []verdict.Result{result}
	}
	if len(r.scenarios) >= len(ordeals) {
		r.policy.ifs(all)
		r.policy.whens(all)
	}
	return all
}

// oneOf puts down the results that a finding may have: the first if a fact holds, else the second.
func oneOf(fact bool, yes, no verdict.Result) []verdict.Result {
	if fact {
		return []verdict.Result{yes}
	}
	return []verdict.Result{no}
}

// ifs are the findings about what a client repeats.
func (p *policy) ifs(all map[string][]verdict.Result) {
	for status, abandoned := range map[int]verdict.Result{503: fails, 502: fails, 429: fails, 500: warns} {
		all[fmt.Sprintf("transient-retried %d", status)] = oneOf(slices.Contains(p.on, status), passes, abandoned)
	}
	final := slices.Contains(p.on, 404)
	all["final-not-retried"] = oneOf(final, fails, passes)
	all["unauthorized-not-hammered"] = oneOf(final, fails, passes)
	all["conflict-not-blind"] = oneOf(final && p.writes, warns, passes)
	all["write-applied-once"] = oneOf(p.lost, fails, passes)
	switch {
	case p.lost || p.writes && slices.Contains(p.on, 500):
		all["write-not-repeated"] = []verdict.Result{fails}
	case p.writes:
		all["write-not-repeated"] = []verdict.Result{warns}
	default:
		all["write-not-repeated"] = []verdict.Result{passes}
	}
	if p.writes {
		all["body-kept"] = oneOf(p.loses, fails, passes)
	}
	for _, check := range []string{"headers-kept", "target-kept", "no-overlap", "key-stable", "key-not-reused", "stops-after-success"} {
		all[check] = []verdict.Result{passes}
	}
}

// whens are the findings about when it repeats.
func (p *policy) whens(all map[string][]verdict.Result) {
	capped := p.attempts > 0 && p.attempts <= 10
	all["attempts-capped"] = oneOf(capped, passes, fails)
	switch {
	case p.attempts == 0 || p.attempts > 5:
		all["amplification"] = []verdict.Result{fails, warns} // on average: some calls it does not repeat
	case p.attempts > 3:
		all["amplification"] = []verdict.Result{warns, passes}
	default:
		all["amplification"] = []verdict.Result{passes}
	}
	if p.delay == nil {
		return // it never comes back
	}
	low, high := p.delay(2)
	all["backs-off"] = oneOf(high > 0, passes, fails)
	all["jitters"] = oneOf(high > low, passes, warns)
	if high > 0 {
		all["grows"], all["delay-state"], all["delay-capped"] = oneOf(true, passes, ""), oneOf(true, passes, ""), oneOf(true, passes, "")
	}
	all["retry-after-honoured"] = oneOf(p.obeys == ignores, fails, passes)
	all["retry-after-not-early"] = oneOf(p.obeys == waits, passes, fails)
	if p.obeys == ignores {
		// It comes before its time, and the check need not look at one that pays no heed to the field.
		all["retry-after-not-early"] = []verdict.Result{verdict.Inconclusive, fails}
	}
	all["retry-after-long"] = []verdict.Result{passes}
	if p.obeys == ignores || p.clamp > 0 {
		all["retry-after-long"] = []verdict.Result{fails, warns}
	}
	if p.obeys != ignores {
		all["retry-after-date"] = oneOf(p.dates, passes, warns)
	}
	immediate := p.zero && p.attempts > 3 || high == 0
	all["retry-after-zero"] = oneOf(immediate, warns, passes)
}
