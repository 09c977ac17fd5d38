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

// Judge groups the attempts of the journal and judges every client in it. It ranges over the attempts twice, three times
// where there are outcomes, and its memory is bounded by what is under way at a time and by the number of clients and outcomes, not by the number of attempts. A name in o.Checks that does not
// exist makes the report inconclusive: see ValidateChecks.
func Judge(j Journal, o Options) Report {
	known := observe.LearnAndRelease(ahead(j.each()), j.Release)
	b := newBar(o)
	b.tokens.full = j.Missed > 0
	b.listen(j.Outcomes)
	b.fitAll(&j, known)
	counts := b.hear(&j, known)
	report := b.report(j.Faults)
	report.Notes = append(b.notes(), notesOf(counts)...)
	if j.Dropped > 0 {
		report.Reasons = append(report.Reasons, fmt.Sprintf("the journal lost %s for want of room ([observe] attempts)", count(j.Dropped, "older attempt")))
		report.Result = worse(report.Result, Inconclusive)
	}
	return report
}

// mostChapters is how many chapters wait for the judge at most: the grouper hands over several at a time.
const mostChapters = 8

// hear makes the last pass. One goroutine reads, one groups, and one judges what is grouped already.
func (b *bar) hear(j *Journal, known *observe.Knowledge) observe.Counts {
	first := known.Begin()
	chapters, heard := make(chan *observe.Chapter, mostChapters), make(chan struct{})
	go func() {
		defer close(heard)
		for c := range chapters {
			if j.Dropped > 0 {
				doubtEdge(c.Calls, first)
			}
			if j.Missed > 0 {
				doubtAbsence(c.Calls)
			}
			b.take(c)
			c.Release()
		}
	}()
	g := observe.NewGrouper(observe.Options{Known: known, Release: j.Release, Chapter: func(c *observe.Chapter) { chapters <- c }})
	for a := range ahead(j.each()) {
		g.Add(a)
	}
	counts := g.Close(j.Ended)
	close(chapters)
	<-heard
	return counts
}

// edge is how far a call can reach back: observe gives up on a repeat after
// five minutes at the latest.
const edge = 5 * time.Minute

// doubtEdge marks the calls whose beginning may be missing from a journal that
// lost what came before its first attempt: what looks like a first attempt may be a last one.
func doubtEdge(calls []observe.Call, first time.Duration) {
	for i := range calls {
		if calls[i].Attempts[0].Received < first+edge {
			calls[i].Grouping = observe.GroupingAmbiguous
		}
	}
}

// doubtAbsence marks that a further attempt of any of the calls may have come.
func doubtAbsence(calls []observe.Call) {
	for i := range calls {
		calls[i].Censored = true
	}
}

// bar is every client before the judge.
type bar struct {
	options Options
	clients map[string]*client
	tokens  tokens
	seen    bool
	// together are the checks that are about all clients together.
	together []*bench
	hearsay
	desk desk
}

func newBar(o Options) *bar {
	b := &bar{options: o, clients: map[string]*client{}}
	for i := range catalogue {
		// A rule that names clients or endpoints is not about all of them.
		if set := o.Policy.setting(catalogue[i].Name, "", ""); catalogue[i].together && set.severity != SeverityOff {
			b.together = append(b.together, newBench(&catalogue[i], nil, set))
		}
	}
	return b
}

// take hears a chapter.
func (b *bar) take(c *observe.Chapter) {
	b.seen = b.seen || len(c.Calls) > 0
	b.tokens.take(c)
	who := b.clients[c.Client]
	if who == nil {
		who = newClient(c.Client, b.options.Policy)
		who.tokens = &b.tokens
	}
	if s := newSubject(who, c, &b.desk); s != nil {
		b.clients[c.Client] = who
		b.tell(s, c)
		who.take(s)
		for _, bench := range b.together {
			bench.take(s)
		}
	}
	b.desk.clear()
}

// notesOf say what the grouping could not use.
func notesOf(counts observe.Counts) []string {
	var notes []string
	for _, n := range []struct {
		count uint64
		text  string
	}{
		{counts.Duplicates, "came twice and counted once"},
		{counts.Late, "came too far out of order: their like is in doubt"},
		{counts.Strangers, "were of clients beyond those that can be kept apart: their calls are in doubt"},
	} {
		if n.count > 0 {
			notes = append(notes, fmt.Sprintf("%s %s", count(n.count, "attempt"), n.text))
		}
	}
	if counts.Torn > 0 {
		notes = append(notes, count(counts.Torn, "call")+" had to be let go before the end for want of room: they are in doubt")
	}
	return notes
}

// report is what was heard so far.
func (b *bar) report(faults []FaultUse) Report {
	report := Report{Version: ReportVersion, Result: Pass, Clients: []Verdict{}, Faults: slices.Clone(faults)}
	touched := false
	b.stray()
	for _, name := range slices.Sorted(maps.Keys(b.clients)) {
		v := b.clients[name].verdict(b.options)
		report.Clients = append(report.Clients, v)
		if v.exposed() {
			touched = true
			report.Result = worse(report.Result, v.Result)
		}
	}
	for _, bench := range b.together {
		for _, f := range bench.findings() {
			if f.Exposed > 0 || slices.Contains(b.options.Checks, f.Check) {
				report.Findings = append(report.Findings, f)
			}
		}
	}
	report.Result = worse(report.Result, b.options.weigh(report.Findings, Pass))
	report.Reasons = reasons(b.seen, touched, faults, b.options)
	if touched {
		report.Reasons = append(report.Reasons, b.options.unmet(&report)...)
	}
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

// unmet says of which checks that were asked for nothing was seen, of any client: one that the policy has switched off sees nothing.
func (o *Options) unmet(report *Report) []string {
	met := map[string]bool{}
	note := func(findings []Finding) {
		for i := range findings {
			met[findings[i].Check] = met[findings[i].Check] || findings[i].Exposed > 0
		}
	}
	note(report.Findings)
	for i := range report.Clients {
		note(report.Clients[i].Findings)
	}
	var list []string
	for _, check := range o.Checks {
		if !met[check] && ValidateChecks([]string{check}) == nil {
			list = append(list, check+" was asked for, and nothing happened that it is about")
		}
	}
	return list
}

// verdict is the judgement on a client.
func (w *client) verdict(o Options) Verdict {
	v := Verdict{Client: w.name, Calls: w.calls, Attempts: w.attempts, Laws: w.named(), Findings: w.whole.findings()}
	v.Result = sum(v.Findings, o)
	if len(v.Laws) > 0 {
		v.Laws[0].tell(obeys(v.Findings))
	}
	for _, endpoint := range slices.Sorted(maps.Keys(w.endpoints)) {
		v.Endpoints = appendPart(v.Endpoints, Part{Endpoint: endpoint}, w.endpoints[endpoint], o)
	}
	for _, status := range slices.Sorted(maps.Keys(w.statuses)) {
		v.Statuses = appendPart(v.Statuses, Part{Status: status}, w.statuses[status], o)
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
	if !exposed(findings) {
		return o.weigh(findings, Inconclusive)
	}
	return o.weigh(findings, Pass)
}

// weigh returns the worst of a result and of those findings that count.
func (o *Options) weigh(findings []Finding, result Result) Result {
	for i := range findings {
		f := &findings[i]
		asked := f.Exposed > 0 && !Mild(f.Check)
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
