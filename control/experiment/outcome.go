package experiment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Answer is what came of one request of a probe.
type Answer struct {
	// Probe is its name, Phase the phase in which it was sent.
	Probe, Phase string
	// Right reports that it was as it must be, Wrong what was not.
	Right bool
	Wrong []string
	// Status is 0 where none came.
	Status int
	Took   time.Duration
	// Trace is the trace id that it carried.
	Trace string
	Time  time.Time
}

// Met is an expectation with what became of it.
type Met struct {
	// Expectation says what was expected, Figure what was so.
	Expectation, Figure string
	Result              verdict.Result
}

// Conclusion is what a run comes to.
type Conclusion struct {
	Result verdict.Result
	// Reasons say why it is not a pass, beyond the verdict's own and the expectations; Failures are those of them for which it is a fail.
	Reasons, Failures []string
	Met               []Met
	Verdict           verdict.Report
}

// Conclude weighs a run: how it ended, what the judge says and what the probes got.
func (e *Experiment) Conclude(end End, report verdict.Report, answers []Answer) Conclusion {
	c := Conclusion{Result: verdict.Pass, Verdict: report}
	if e.Expect.Verdict {
		c.worsen(report.Result)
	}
	for _, x := range e.Expect.Findings {
		c.meet(x.met(&report))
	}
	for _, x := range e.Expect.Probes {
		c.meet(x.met(answers))
	}
	for _, use := range report.Faults {
		if use.Fired == 0 {
			c.worsen(verdict.Inconclusive) // The verdict gives the reason.
		}
	}
	for _, note := range end.Notes {
		c.Reasons = append(c.Reasons, note.Text)
		if note.Unmet {
			c.Failures = append(c.Failures, note.Text)
			c.worsen(verdict.Fail)
		} else {
			c.worsen(verdict.Inconclusive)
		}
	}
	if end.State == StateStopped || end.State == StateFailed {
		c.Reasons = append(c.Reasons, fmt.Sprintf("the run %s: %s", stateWord(end.State), end.Reason))
		c.worsen(verdict.Inconclusive)
	}
	return c
}

func stateWord(s State) string {
	if s == StateStopped {
		return "was stopped"
	}
	return "failed"
}

func (c *Conclusion) meet(m Met) {
	c.Met = append(c.Met, m)
	c.worsen(m.Result)
}

func (c *Conclusion) worsen(r verdict.Result) {
	order := []verdict.Result{verdict.Pass, verdict.Inconclusive, verdict.Fail}
	c.Result = order[max(slices.Index(order, c.Result), slices.Index(order, r))]
}

// met holds the findings of a report against x.
func (x *FindingExpectation) met(report *verdict.Report) Met {
	m := Met{Expectation: fmt.Sprintf("%s is %s", x.Check, resultWords(x.Results)), Result: verdict.Inconclusive, Figure: "it was not judged"}
	// open is what of a finding is not known; one that something happened for keeps the others from being enough.
	open, exposed := "", false
	for _, f := range x.findings(report) {
		switch {
		case !slices.Contains(x.Results, f.Result) && f.Result != verdict.Inconclusive:
			return Met{Expectation: m.Expectation, Result: verdict.Fail, Figure: fmt.Sprintf("it is %s: %s", f.Result, f.Summary)}
		case slices.Contains(x.Results, f.Result):
			m.Result, m.Figure = verdict.Pass, fmt.Sprintf("it is %s", f.Result)
		case open == "" || f.Exposed > 0 && !exposed:
			open, exposed = "too little was seen: "+f.Summary, f.Exposed > 0
		}
	}
	if open != "" && (exposed || m.Result != verdict.Pass) {
		m.Result, m.Figure = verdict.Inconclusive, open
	}
	return m
}

func (x *FindingExpectation) findings(report *verdict.Report) []verdict.Finding {
	var found []verdict.Finding
	for _, client := range report.Clients {
		if x.Client != "" && !faults.Fits(x.Client, client.Client) {
			continue
		}
		for _, f := range client.Findings {
			if f.Check == x.Check {
				found = append(found, f)
			}
		}
	}
	for _, f := range report.Findings {
		if f.Check == x.Check {
			found = append(found, f)
		}
	}
	return found
}

func resultWords(results []verdict.Result) string {
	words := make([]string, len(results))
	for i, r := range results {
		words[i] = string(r)
	}
	return strings.Join(words, " or ")
}

// met holds the answers to a probe against x.
func (x *ProbeExpectation) met(answers []Answer) Met {
	m := Met{Expectation: x.words()}
	var times []time.Duration
	right := 0
	wrong := ""
	for i := range answers {
		a := &answers[i]
		if a.Probe != x.Probe || x.Phase != "" && a.Phase != x.Phase {
			continue
		}
		times = append(times, a.Took)
		if a.Right {
			right++
		} else if wrong == "" && len(a.Wrong) > 0 {
			wrong = ", first: " + a.Wrong[0]
		}
	}
	n := len(times)
	if n == 0 {
		m.Result, m.Figure = verdict.Inconclusive, "it was never sent"
		return m
	}
	slices.Sort(times)
	p99 := times[(99*n+99)/100-1]
	m.Result, m.Figure = verdict.Pass, fmt.Sprintf("%d of %d were right, 99 %% within %v%s", right, n, p99.Round(time.Millisecond), wrong)
	if float64(right)/float64(n) < x.Share || x.P99 > 0 && p99 > x.P99 {
		m.Result = verdict.Fail
	}
	return m
}

func (x *ProbeExpectation) words() string {
	text := fmt.Sprintf("probe %s is right in %.4g %%", x.Probe, 100*x.Share)
	if x.P99 > 0 {
		text += fmt.Sprintf(" and takes at most %v in 99 %%", x.P99)
	}
	if x.Phase != "" {
		text += " in phase " + x.Phase
	}
	return text
}
