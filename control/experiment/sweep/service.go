package sweep

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// checkRecovers is the check of package verdict that the rounds after a fault are for.
const checkRecovers = "recovers"

// Extra counts the requests of a round in peace beyond those that are its habit: what an earlier round has left under way.
func (h *Habits) Extra(r *Ran) int {
	seen, _ := countOf(r)
	extra := 0
	for key, usual := range h.Requests {
		extra += max(0, seen[key].Count-usual.Count)
	}
	return extra
}

// Well reports that a round in peace is as it should be: its probes are right, and nothing else is under way.
func (h *Habits) Well(r *Ran) bool { return r.Exit == 0 && !r.Hung && r.Died == "" && h.Extra(r) == 0 }

const (
	// firstPause and longestPause bound the time between two rounds of a service that is not well, which doubles.
	firstPause, longestPause = 100 * time.Millisecond, time.Second
	// beyondLimit is by how much a service is watched beyond the time in which it must be well: two rounds at least.
	beyondLimit = 3 * time.Second
)

// recoveryRule is what a policy makes of the check "recovers".
func recoveryRule(p verdict.Policy) (limit time.Duration, severity verdict.Severity) {
	for i := range p {
		if len(p[i].Checks) == 0 || slices.Contains(p[i].Checks, checkRecovers) {
			limit, severity = cmp.Or(p[i].Limits.Recovery, limit), cmp.Or(p[i].Severity, severity)
		}
	}
	return cmp.Or(limit, verdict.DefaultLimits().Recovery), severity
}

// Patience is how long a service is watched that is not well after a fault: longer than a policy gives it.
func Patience(p verdict.Policy) time.Duration {
	limit, _ := recoveryRule(p)
	return limit + beyondLimit
}

// Recovery says which rounds in peace a service needs until it is well. It is not safe for concurrent use.
type Recovery struct {
	habits   *Habits
	patience time.Duration
	rounds   int
}

// NewRecovery begins to watch a service for so long at most.
func NewRecovery(h *Habits, patience time.Duration) *Recovery {
	return &Recovery{habits: h, patience: patience}
}

// Take takes in a round that ended when so much time had passed since the fault went. It returns after which pause another is due, and
// reports false if none is: the service is well, or gone, or there is no patience left.
func (r *Recovery) Take(ran *Ran, elapsed time.Duration) (pause time.Duration, again bool) {
	if r.habits.Well(ran) || ran.Died != "" || elapsed >= r.patience {
		return 0, false
	}
	pause = min(firstPause<<min(r.rounds, 10), longestPause)
	r.rounds++
	return pause, true
}

// tied reports that all attempts of a round but those for tokens carry the trace of one of its probes, so that what belongs to
// another round can be told from them.
func (r *Ran) tied() bool {
	return len(r.Traces) > 0 && !slices.ContainsFunc(r.Attempts, func(a observe.Attempt) bool {
		return a.Endpoint != groove.Token && !slices.Contains(r.Traces, a.Trace)
	})
}

// Untried is the cell of a case whose fault was not put in force: the service was not well before it.
func Untried(c Case, why string) Cell {
	return Cell{Case: c, State: StateRan, Result: verdict.Inconclusive, Summary: "not tried: without any fault " + why}
}

// confirmed reports that a finding may be held against a service. One that passes no trace on may still repeat what an earlier case
// has failed, so that the finding must not rest on any one run: without that it must be the same.
func (w *weighing) confirmed(f *verdict.Finding) bool {
	if !w.bar.Service || w.bar.Habits.Tied {
		return true
	}
	for i := range w.runs {
		others := slices.Delete(slices.Clone(w.runs), i, i+1)
		report := verdict.Judge(w.journalOf(others), verdict.Options{Policy: w.bar.Policy})
		if !slices.ContainsFunc(findings(&report), func(one verdict.Finding) bool { return one.Check == f.Check && one.Result == verdict.Fail }) {
			return false
		}
	}
	return true
}

// outlived judges a service that ended under the fault, in every run alike.
func (w *weighing) outlived() bool {
	died := 0
	for i := range w.runs {
		if w.runs[i].Died != "" {
			died++
			w.cell.Exit = w.runs[i].Died
		}
	}
	switch {
	case died == 0:
		return false
	case died == len(w.runs):
		w.say(verdict.Fail, CheckExit, "the service ended with %s under the fault", w.cell.Exit)
	default:
		w.say(verdict.Inconclusive, CheckExit, "the service ended with %s under the fault in %d of %d rounds", w.cell.Exit, died, len(w.runs))
	}
	return true
}

// aftermath judges what came once the fault was gone.
func (w *weighing) aftermath() {
	last := &w.runs[len(w.runs)-1]
	if len(last.After) == 0 || w.cell.Result == verdict.Fail {
		return
	}
	late, well := 0, w.bar.Habits.Well(&last.After[len(last.After)-1])
	for i := range w.runs {
		for j := range w.runs[i].After {
			late += w.bar.Habits.Extra(&w.runs[i].After[j])
		}
	}
	if w.unrecovered(well) {
		return
	}
	demand := w.cell.demand()
	if late > 0 && w.cell.Result == verdict.Pass && (demand == demandAlone || demand == demandMend) {
		w.say(verdict.Inconclusive, "", "%s came after the fault was gone that peace does not know: they may be repeats", counted(late, "request"))
	}
}

// leastWrong is how many rounds must be wrong after the time: one may have a cause of its own.
const leastWrong = 2

// unrecovered judges a service that was not well in time after the fault. Its probes say so without any attempt: behind a breaker that is open
// nothing comes.
func (w *weighing) unrecovered(well bool) bool {
	if well {
		return false
	}
	limit, severity := recoveryRule(w.bar.Policy)
	after := w.runs[len(w.runs)-1].After
	wrong, last := 0, &after[len(after)-1]
	for i := range after {
		if after[i].Exit != 0 && after[i].Since >= limit {
			wrong++
		}
	}
	late := fmt.Sprintf("%v after the fault was gone", last.Since.Round(100*time.Millisecond))
	switch {
	case wrong < leastWrong || last.Exit == 0:
		w.say(verdict.Inconclusive, checkRecovers, "the service was not well %s: %s", late, cmp.Or(last.ExitText, "it sends what peace does not know"))
	case severity == verdict.SeverityOff || severity == verdict.SeverityInfo:
		return false
	case severity == verdict.SeverityWarn:
		w.say(verdict.Warn, checkRecovers, "the service still failed %s: %s", late, last.ExitText)
	default:
		w.say(verdict.Fail, checkRecovers, "the service still failed %s: %s", late, last.ExitText)
	}
	return true
}

// The words for a workload, which is a command or a service that is driven by probes.

// ending says how the workload took it.
func (w *weighing) ending() string {
	service, n := w.bar.Service, len(w.runs)
	switch {
	case w.failed == 0 && service:
		return "the probes were right"
	case w.failed == 0:
		return "the command ended well"
	case w.failed < n && service:
		return fmt.Sprintf("%s, in %d of %d rounds", w.cell.Exit, w.failed, n)
	case w.failed < n:
		return fmt.Sprintf("the command ended with %s in %d of %d runs", w.cell.Exit, w.failed, n)
	case service:
		return w.cell.Exit
	default:
		return "the command ended with " + w.cell.Exit
	}
}

// exitCheck names what a workload that took it badly fails by.
func (w *weighing) exitCheck() string {
	if w.bar.Service {
		return CheckProbe
	}
	return CheckExit
}
