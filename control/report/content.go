package report

import (
	"time"

	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Content is what a report for people is made of: the input of HTML and Markdown, and of Document. Only Verdict is needed; what
// is left out is not spoken of.
type Content struct {
	Verdict verdict.Report
	// Failures are those of the verdict's Reasons that fail it by themselves. The others keep it open.
	Failures []string
	// Title says what was judged, such as the name of an experiment; "" for nothing in particular.
	Title string
	// Traffic is what was seen, nil for not known. Collect makes it.
	Traffic *Traffic
	// Coverage is what the callers were exposed to, nil for not known. Collect makes it.
	Coverage *coverage.Matrix
	// Phases are the stages of the run, in the order of their beginnings.
	Phases []Phase
	// Expectations are what had to hold, Probes what the caller's own front was asked.
	Expectations, Probes []Assessment
	// Sweep is what each fault did to each endpoint, nil for no sweep.
	Sweep *Sweep
}

// Phase is a stage of a run.
type Phase struct {
	Name string
	// Begin and End are on the wall clock that the attempts have.
	Begin, End time.Time
	// Faults are the names of those that were on.
	Faults []string
}

// Assessment is one thing that was asked, and what came of it.
type Assessment struct {
	Name   string
	Result verdict.Result
	// Summary is a sentence with the measured figure.
	Summary string
}
