package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment/sweep"
	"github.com/groovechaos/groovechaos/control/experiment/sweeper"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// sweepProgress tells a person how far a sweep is: a line for each case that has ended. On a terminal those that pass leave no
// line, and the last line says what is under way.
type sweepProgress struct {
	out   io.Writer
	live  bool
	start time.Time
}

func (r *root) newSweepProgress() *sweepProgress {
	return &sweepProgress{out: r.Err, live: r.Live, start: time.Now()}
}

// watch is told how far the sweep is.
func (p *sweepProgress) watch(s sweeper.Progress) {
	switch {
	case s.Peace > 0:
		p.line("without faults, run %d", s.Peace)
	case s.Plan != nil && s.Known > 0:
		p.line("%s; %d are known, %d are left, which may take %s", s.Plan.Text(), s.Known, s.Left, roughly(s.Guess))
	case s.Plan != nil:
		p.line("%s; that may take %s", s.Plan.Text(), roughly(s.Guess))
	case s.Cell != nil:
		p.ended(s.Cell, s.Left)
	}
	if s.Begun != nil && p.live {
		fmt.Fprintf(p.out, "%s%5.1f s  %d left, %s: %s …", eraseLine, time.Since(p.start).Seconds(), s.Left, roughly(s.Guess), s.Begun.ID())
	}
}

// signs are the results as they are told.
var signs = map[verdict.Result]string{
	verdict.Pass: "✓", verdict.Info: "i", verdict.Warn: "!", verdict.Inconclusive: "?", verdict.Fail: "✗",
}

func (p *sweepProgress) ended(c *sweep.Cell, left int) {
	if p.live && (c.Result == verdict.Pass || c.Result == verdict.Info) {
		return
	}
	what := ""
	if c.Check != "" {
		what = ": " + c.Check
	}
	p.line("%s %s%s (%d left)", signs[c.Result], c.ID(), what, left)
}

func (p *sweepProgress) line(format string, args ...any) {
	p.end()
	fmt.Fprintf(p.out, "%5.1f s  %s\n", time.Since(p.start).Seconds(), fmt.Sprintf(format, args...))
}

// end leaves no line that is written anew.
func (p *sweepProgress) end() {
	if p.live {
		fmt.Fprint(p.out, eraseLine)
	}
}

// roughly is a time that is guessed.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "about " + d.Round(time.Second).String()
	default:
		return "about " + d.Round(10*time.Second).String()
	}
}
