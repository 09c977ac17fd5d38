package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment/sweep"
	"github.com/groovechaos/groovechaos/control/experiment/sweeper"
	"github.com/groovechaos/groovechaos/control/report"
	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// refuse says why there is no sweep. Of a workload of which nothing can be learned there is a verdict: too little was seen.
func (o *sweepOptions) refuse(ctx context.Context, err error, what *subject, files *reports) error {
	peace, failed := errors.AsType[*sweeper.PeaceError](err)
	pattern, odd := errors.AsType[*sweeper.PatternError](err)
	reason := what.told()
	switch {
	case errors.Is(err, sweeper.ErrOutside):
		reason = "its calls went to addresses that are none of Groove's: groovechaos contract endpoints lists those"
	case errors.Is(err, sweeper.ErrSilent):
	case failed:
		if peace.Tail != "" {
			fmt.Fprintf(o.Err, "%s\n", printableLines(peace.Tail))
		}
		return err
	case odd:
		return usage("%w", pattern)
	case ctx.Err() != nil:
		return errInterrupted
	default:
		return err
	}
	v := verdict.Report{Version: verdict.ReportVersion, Result: verdict.Inconclusive, Reasons: []string{err.Error(), reason}}
	return o.report(report.Content{Verdict: v, Title: what.title(), Sweep: &report.Sweep{}}, files)
}

// printableLines keeps what a command printed from steering a terminal.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = printable(strings.ReplaceAll(lines[i], "\t", "    "))
	}
	return strings.Join(lines, "\n")
}

func titleOf(words []string) string { return "Sweep of " + strings.Join(words, " ") }

// report prints and writes what came of a sweep, and turns it into the exit status.
func (o *sweepOptions) report(c report.Content, files *reports) error {
	var err error
	if o.json {
		err = report.Document(o.Out, c)
	} else {
		err = report.SweepText(o.Out, c, report.TextOptions{Color: o.Color, Width: o.Width, Verbose: o.verbose})
	}
	if err != nil {
		return err
	}
	if err := files.writeContent(c); err != nil {
		return err
	}
	return judged(c.Verdict.Result)
}

// sweepContent is what a report says of a sweep.
func (o *sweepOptions) sweepContent(what *subject, r *sweeper.Result, st *stages, covered *coverage.Matrix) report.Content {
	tally := sweep.TallyOf(r.Cells)
	s := &report.Sweep{Peace: r.Habits.Took, Took: r.Took, Notes: o.sweepNotes(r, st)}
	for i := range r.Cells {
		s.Cells = append(s.Cells, cellOf(&r.Cells[i]))
	}
	c := report.Content{
		Title: what.title(), Sweep: s,
		Verdict: verdict.Report{Version: verdict.ReportVersion, Result: tally.Result(), Reasons: o.sweepReasons(r, &tally)},
	}
	if r.Known == 0 {
		c.Coverage = covered // Of what was known from the file the attempts are gone.
	}
	return c
}

// sweepReasons says what keeps a sweep from being a pass, beyond its cells.
func (o *sweepOptions) sweepReasons(r *sweeper.Result, t *sweep.Tally) []string {
	var list []string
	further := ""
	if o.state != "" {
		further = "; --resume goes on"
	}
	switch {
	case r.Interrupted:
		list = append(list, fmt.Sprintf("interrupted with %s not run%s", plural(t.Left, "case"), further))
	case t.Left > 0:
		list = append(list, fmt.Sprintf("%s left out, as there was no time for them in the budget of %v%s", wasWere(t.Left, "case"), o.budget, further))
	}
	if t.Unreached > 0 {
		list = append(list, wasWere(t.Unreached, "case")+" not reached: the fault never fired")
	}
	if unclear := t.Results[verdict.Inconclusive] - t.Unreached; unclear > 0 {
		list = append(list, wasWere(unclear, "case")+" not to be judged")
	}
	return list
}

func wasWere(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " was"
	}
	return fmt.Sprintf("%d %ss were", n, noun)
}

// sweepNotes say what a sweep rests on.
func (o *sweepOptions) sweepNotes(r *sweeper.Result, st *stages) []string {
	notes := []string{r.Plan.Text()}
	if r.Known > 0 {
		notes = append(notes, fmt.Sprintf("%s known from %s", wasWere(r.Known, "case"), o.state))
	}
	if n := r.Habits.Unsettled; n > 0 {
		notes = append(notes, fmt.Sprintf("%s not the same in both runs without faults, so that less can be told of what is sent again", wasWere(n, "request")))
	}
	if len(r.Early) > 0 {
		notes = append(notes, fmt.Sprintf("called only when the service starts, and so not swept: %s", strings.Join(r.Early, ", ")))
	}
	if o.file != "" && !r.Habits.Tied {
		notes = append(notes, "the service passes no traceparent on, so that a fail takes more than one round, and less can be told")
	}
	if st.upstream != upstreamStandin {
		notes = append(notes, "the upstream is not the stand-in: what one case writes is there for the next")
	}
	notes = append(notes, r.Peace...)
	return append(notes, mergedNotes(r.Cells)...)
}

// mergedNotes name what stands for what.
func mergedNotes(cells []sweep.Cell) []string {
	var names []string
	merged := map[string][]string{}
	for i := range cells {
		f := &cells[i].Fault
		if len(f.Merged) == 0 {
			continue
		}
		if merged[f.Name] == nil {
			names = append(names, f.Name)
		}
		words := f.Merged
		if f.Code != "" {
			words = append([]string{string(f.Code)}, words...)
		}
		for _, word := range words {
			if !slices.Contains(merged[f.Name], word) {
				merged[f.Name] = append(merged[f.Name], word)
			}
		}
	}
	notes := make([]string, len(names))
	for i, name := range names {
		notes[i] = fmt.Sprintf("%s stands for %s", name, strings.Join(merged[name], ", "))
	}
	return notes
}

// cellOf turns a cell into its form in reports.
func cellOf(c *sweep.Cell) report.SweepCell {
	state := report.SweepRan
	switch {
	case c.State == sweep.StateSame:
		state = report.SweepSame
	case c.State == sweep.StateLeft:
		state = report.SweepLeft
	case !c.Reached:
		state = report.SweepMissed
	}
	return report.SweepCell{
		Endpoint: c.Endpoint, Fault: c.Fault.Name, Mode: string(c.Mode), Merged: c.Fault.Merged, State: state, Result: c.Result,
		Check: c.Check, Summary: c.Summary, Hung: c.Hung, Exit: c.Exit, Runs: c.Runs, Attempts: c.Attempts, Struck: c.Struck,
		Tail: c.Tail, Took: c.Took,
	}
}

// plannedCase is a case of a plan, in JSON.
type plannedCase struct {
	Case   string   `json:"case"`
	Merged []string `json:"merged,omitempty"`
	Guess  string   `json:"guess"`
}

// printPlan lists what would be tried.
func (o *sweepOptions) printPlan(r *sweeper.Result) error {
	cases := []plannedCase{}
	var all time.Duration
	for i := range r.Plan.Cases {
		c := &r.Plan.Cases[i]
		guess := r.Plan.Estimate(c)
		all += guess
		cases = append(cases, plannedCase{c.ID(), c.Fault.Merged, guess.Round(time.Millisecond).String()})
	}
	if o.json {
		return o.printJSON(struct {
			Cases    []plannedCase `json:"cases"`
			Variants int           `json:"variants"`
			Filtered int           `json:"filtered"`
			Guess    string        `json:"guess"`
		}{cases, r.Plan.Variants, r.Plan.Filtered, all.Round(time.Millisecond).String()})
	}
	rows := [][]string{{"place", "case", "guess", "stands for"}}
	for i, c := range cases {
		stands := "itself"
		if len(c.Merged) > 0 {
			stands = plural(len(c.Merged)+1, "error")
		}
		rows = append(rows, []string{strconv.Itoa(i + 1), c.Case, c.Guess, stands})
	}
	if err := o.printTable(rows, "nothing to try"); err != nil {
		return err
	}
	_, err := fmt.Fprintf(o.Out, "%s; one after another they may take %s, less what need not be run\n", r.Plan.Text(), roughly(all))
	return err
}
