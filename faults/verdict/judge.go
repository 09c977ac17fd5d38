package verdict

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// ReportVersion is the version of the Report's format.
const ReportVersion = 1

// Options steers a judgement.
type Options struct {
	// Checks names the checks that are asked for: one that could not be judged
	// makes the verdict inconclusive. Empty asks for every check that something
	// happened for. Checks that are not asked for are judged all the same, and
	// fail a verdict when they fail.
	Checks []string
	// Policy says how severe the checks are, and their limits. The zero value is the catalogue as it is.
	Policy Policy
}

// Judge groups the attempts of the journal and judges every client in it. The
// order of the attempts does not matter. A name in o.Checks that does not
// exist makes the report inconclusive: see ValidateChecks.
func Judge(j Journal, o Options) Report {
	var attempts []observe.Attempt
	for a := range j.each() {
		attempts = append(attempts, *a)
	}
	calls := observe.Group(attempts, j.Ended)
	if j.Dropped == 0 {
		return judgeCalls(calls, j.Faults, o)
	}
	doubtEdge(calls)
	report := judgeCalls(calls, j.Faults, o)
	report.Reasons = append(report.Reasons, fmt.Sprintf("the journal lost %s for want of room ([observe] attempts)", count(j.Dropped, "older attempt")))
	report.Result = worse(report.Result, Inconclusive)
	return report
}

// edge is how far a call can reach back: observe gives up on a repeat after
// five minutes at the latest.
const edge = 5 * time.Minute

// doubtEdge marks the calls whose beginning may be missing from a journal that
// lost its oldest attempts: what looks like a first attempt may be a last one.
func doubtEdge(calls []observe.Call) {
	var first time.Duration
	for i := range calls {
		if received := calls[i].Attempts[0].Received; i == 0 || received < first {
			first = received
		}
	}
	for i := range calls {
		if calls[i].Attempts[0].Received < first+edge {
			calls[i].Grouping = observe.GroupingAmbiguous
		}
	}
}

// judgeCalls judges calls that are all there.
func judgeCalls(calls []observe.Call, faults []FaultUse, o Options) Report {
	b := newBar(o)
	byClient := map[string][]observe.Call{}
	for i := range calls {
		byClient[calls[i].Client] = append(byClient[calls[i].Client], calls[i])
	}
	for _, name := range slices.Sorted(maps.Keys(byClient)) {
		b.take(name, byClient[name])
	}
	return b.report(faults)
}

// bar is every client before the judge.
type bar struct {
	options Options
	clients map[string]*client
	seen    bool
}

func newBar(o Options) *bar { return &bar{options: o, clients: map[string]*client{}} }

// take hears a chapter of one client.
func (b *bar) take(name string, calls []observe.Call) {
	b.seen = b.seen || len(calls) > 0
	who := b.clients[name]
	if who == nil {
		who = newClient(name, b.options.Policy)
	}
	if s := newSubject(who, calls); s != nil {
		b.clients[name] = who
		who.take(s)
	}
}

// report is what was heard so far.
func (b *bar) report(faults []FaultUse) Report {
	report := Report{Version: ReportVersion, Result: Pass, Clients: []Verdict{}, Faults: slices.Clone(faults)}
	touched := false
	for _, name := range slices.Sorted(maps.Keys(b.clients)) {
		v := b.clients[name].verdict(b.options)
		report.Clients = append(report.Clients, v)
		if v.exposed() {
			touched = true
			report.Result = worse(report.Result, v.Result)
		}
	}
	report.Reasons = reasons(b.seen, touched, faults, b.options)
	if len(report.Reasons) > 0 {
		report.Result = worse(report.Result, Inconclusive)
	}
	return report
}

// reasons says what keeps a report from being a Pass, beyond the findings.
func reasons(seen, touched bool, faults []FaultUse, o Options) []string {
	var list []string
	switch {
	case !seen:
		list = append(list, "no attempts were seen")
	case !touched:
		list = append(list, "no client met a failure that a check is about")
	}
	if err := ValidateChecks(o.Checks); err != nil {
		list = append(list, err.Error())
	}
	for _, use := range faults {
		switch {
		case use.Fired > 0:
		case use.Matched == 0:
			list = append(list, fmt.Sprintf("fault %q never matched", use.Name))
		default:
			list = append(list, fmt.Sprintf("fault %q matched %s and never fired", use.Name, count(use.Matched, "exchange")))
		}
	}
	return list
}

// verdict is the judgement on a client.
func (who *client) verdict(o Options) Verdict {
	v := Verdict{Client: who.name, Calls: who.calls, Attempts: who.attempts, Findings: who.whole.findings()}
	v.Result = sum(v.Findings, o)
	for _, endpoint := range slices.Sorted(maps.Keys(who.endpoints)) {
		v.Endpoints = appendPart(v.Endpoints, Part{Endpoint: endpoint}, who.endpoints[endpoint], o)
	}
	for _, status := range slices.Sorted(maps.Keys(who.statuses)) {
		v.Statuses = appendPart(v.Statuses, Part{Status: status}, who.statuses[status], o)
	}
	return v
}

// appendPart completes a part and appends it, unless nothing happened in it that a check is about.
func appendPart(parts []Part, p Part, d *docket, o Options) []Part {
	p.Calls, p.Attempts = d.calls, d.attempts
	p.Findings = slices.DeleteFunc(d.findings(), func(f Finding) bool { return f.Exposed == 0 })
	if len(p.Findings) == 0 {
		return parts
	}
	p.Result = sum(p.Findings, o)
	return append(parts, p)
}

// sum is what findings come to.
func sum(findings []Finding, o Options) Result {
	result := Pass
	if !exposed(findings) {
		result = Inconclusive
	}
	for i := range findings {
		f := &findings[i]
		asked := f.Exposed > 0
		if len(o.Checks) > 0 {
			asked = slices.Contains(o.Checks, f.Check)
		}
		if f.Result == Fail || f.Result == Inconclusive && asked {
			result = worse(result, f.Result)
		}
	}
	return result
}

// exposed reports that something happened that a check is about.
func (v *Verdict) exposed() bool { return exposed(v.Findings) }

func exposed(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Exposed > 0 })
}

// worse returns the worse of two results of a verdict.
func worse(a, b Result) Result {
	order := []Result{Pass, Inconclusive, Fail}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
