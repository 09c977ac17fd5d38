package sweep

import (
	"time"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

const (
	// earlyWait and earlyDate are by how much a repeat may come before it was asked for, as a date has whole seconds.
	earlyWait, earlyDate = 10 * time.Millisecond, time.Second
	// leastWindow is for how long a caller is watched at the least that was told to stay away for long, windows how many of its own waits it must hold.
	leastWindow, windows = 2 * time.Second, 3
)

// Window is for how long a run of a case is watched that tells the caller to stay away for long, where plain is what came of the same answer
// without a Retry-After: three times the caller's own wait. It reports false for any other case.
func (m *Machine) Window(c *Case) (window time.Duration, ok bool) {
	if c.Fault.Told != ToldLong {
		return 0, false
	}
	plain := m.cells[c.likeWithout()[0]]
	wait := time.Duration(0)
	if plain.Runs > 0 {
		wait = max(plain.Took/time.Duration(plain.Runs)-m.plan.took, 0)
	}
	return m.plan.took + max(leastWindow, windows*wait), true
}

// early returns the wait after which a request came again that was told to wait longer.
func (w *weighing) early() (wait time.Duration, early bool) {
	if w.cell.Fault.Told == "" {
		return 0, false
	}
	for i := range w.runs {
		for _, l := range linesOf(&w.runs[i]) {
			for at := 1; at < len(l.all); at++ {
				told, ok := l.all[at-1].Wait()
				if ok && strikes(l.all[at-1], w.bar.Fault) && l.gap(at) < told.Wait-w.cell.Fault.tolerance() {
					return l.gap(at), true
				}
			}
		}
	}
	return 0, false
}

func (f *Fault) tolerance() time.Duration {
	if f.Told == ToldDate {
		return earlyDate
	}
	return earlyWait
}

// awayForLong wants a caller that is told to stay away for long not to come back before: it gives up, or waits until it is stopped.
func (w *weighing) awayForLong() {
	e := &w.evidence
	hung := w.cell.Hung
	w.cell.Hung = false // It is what was asked for.
	wait, early := w.early()
	switch {
	case early:
		w.say(verdict.Inconclusive, "", "came again after %v, and was told to stay away for an hour, which is too little to tell why; %s", wait.Round(time.Millisecond), w.ending())
	case e.alone == e.requests && hung:
		w.say(verdict.Pass, "", "still waited when it was stopped: %s", counted(e.requests, "request"))
	case e.alone == e.requests:
		w.say(verdict.Pass, "", "gave up and did not come again: %s; %s", counted(e.requests, "request"), w.ending())
	default:
		w.unclear()
	}
}
