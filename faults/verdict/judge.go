package verdict

import (
	"fmt"
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
}

// Judge groups the attempts of the journal and judges every client in it. The
// order of the attempts does not matter. A name in o.Checks that does not
// exist makes the report inconclusive: see ValidateChecks.
func Judge(j Journal, o Options) Report {
	calls := observe.Group(j.Attempts, j.Ended)
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

func judgeCalls(calls []observe.Call, faults []FaultUse, o Options) Report {
	report := Report{Version: ReportVersion, Result: Pass, Clients: []Verdict{}, Faults: slices.Clone(faults)}
	touched := false
	for _, s := range newSubjects(calls) {
		v := s.judge(o)
		report.Clients = append(report.Clients, v)
		if v.exposed() {
			touched = true
			report.Result = worse(report.Result, v.Result)
		}
	}
	report.Reasons = reasons(len(calls) > 0, touched, faults, o)
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

// judge runs every check on one client.
func (s *subject) judge(o Options) Verdict {
	v := Verdict{Client: s.client, Result: Pass, Calls: len(s.calls), Attempts: s.attempts}
	for i := range catalogue {
		v.Findings = append(v.Findings, catalogue[i].findings(s)...)
	}
	if !v.exposed() {
		v.Result = Inconclusive
	}
	for i := range v.Findings {
		f := &v.Findings[i]
		asked := f.Exposed > 0
		if len(o.Checks) > 0 {
			asked = slices.Contains(o.Checks, f.Check)
		}
		if f.Result == Fail || f.Result == Inconclusive && asked {
			v.Result = worse(v.Result, f.Result)
		}
	}
	return v
}

// exposed reports that something happened that a check is about.
func (v *Verdict) exposed() bool {
	return slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Exposed > 0 })
}

// worse returns the worse of two results of a verdict.
func worse(a, b Result) Result {
	order := []Result{Pass, Inconclusive, Fail}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
