package sweep

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Bar is what cells are held against.
type Bar struct {
	Habits *Habits
	Policy verdict.Policy
	// Fault is the full name by which the faults of cases are in force.
	Fault string
	// Peace is what the judge finds without any fault.
	Peace []Complaint
	// Limit is the time that a run of a case may take, Strict reports that it was given on purpose, so that to take longer fails.
	Limit  time.Duration
	Strict bool
	// Service reports that the workload is a service that stays up and is driven by probes.
	Service bool
}

// Weigh says what came of a case by all its runs so far, one at least.
func (b *Bar) Weigh(c Case, runs []Ran) Cell {
	w := weighing{bar: b, runs: runs, cell: Cell{Case: c, State: StateRan, Runs: len(runs)}}
	for i := range runs {
		w.add(&runs[i])
	}
	w.evidence = b.Habits.weigh(&c, runs, b.Fault)
	w.cell.Attempts, w.cell.Struck = w.evidence.attempts, w.evidence.struck
	w.conclude()
	return w.cell
}

// add takes one run into the cell.
func (w *weighing) add(r *Ran) {
	w.cell.Took += r.Took
	for i := range r.After {
		w.cell.Took += r.After[i].Took
	}
	w.cell.Hung = w.cell.Hung || r.Hung
	w.cell.Reached = w.cell.Reached || r.Fired > 0
	if r.Exit != 0 {
		w.cell.Exit = r.ExitText
		w.failed++
	}
}

// weighing is one case before the bar.
type weighing struct {
	bar      *Bar
	runs     []Ran
	evidence evidence
	report   verdict.Report
	// accusation is what the judge found for the sake of the fault.
	accusation accusation
	// failed counts the runs whose command ended badly.
	failed int
	cell   Cell
}

func (w *weighing) conclude() {
	switch {
	case !w.cell.Reached:
		w.say(verdict.Inconclusive, "", "not reached: %s", w.unreached())
		return
	case slices.ContainsFunc(w.runs, func(r Ran) bool { return r.Dropped > 0 }):
		w.say(verdict.Inconclusive, "", "attempts were lost for want of room ([observe] attempts)")
		return
	case w.evidence.struck == 0:
		w.say(verdict.Inconclusive, "", "the fault fired, but what it struck was not recorded in time")
		return
	}
	w.report = verdict.Judge(w.journal(), verdict.Options{Policy: w.bar.Policy})
	w.accusation = w.accuse()
	if !w.accused(gravitySure) && !w.outlived() && !w.late() {
		w.demanded()
		w.warned()
	}
	w.aftermath()
	if w.cell.Result != verdict.Pass && w.cell.Result != verdict.Info {
		w.cell.Tail = w.tail()
	}
}

func (w *weighing) say(r verdict.Result, check, format string, args ...any) {
	w.cell.Result, w.cell.Check, w.cell.Summary = r, check, fmt.Sprintf(format, args...)
}

func (w *weighing) unreached() string {
	if w.evidence.attempts == 0 {
		return "nothing came to the endpoint this time"
	}
	return fmt.Sprintf("none of %s gave the fault something to do", counted(w.evidence.attempts, "attempt"))
}

func (w *weighing) journal() verdict.Journal {
	return w.journalOf(w.runs)
}

// journalOf is the journal of some runs. A service goes on, so that what it has not sent again it may send yet.
func (w *weighing) journalOf(runs []Ran) verdict.Journal {
	j := verdict.Journal{Attempts: w.bar.Habits.named(&w.cell.Case, runs, w.bar.Fault), Ended: !w.cell.Hung && !w.bar.Service}
	for i := range runs {
		for _, o := range runs[i].Outcomes {
			if o.CallID != "" {
				o.CallID += mark(i)
			}
			j.Outcomes = append(j.Outcomes, o)
		}
	}
	return j
}

// findings are all those of a report.
func findings(r *verdict.Report) []verdict.Finding {
	var all []verdict.Finding
	for i := range r.Clients {
		all = append(all, r.Clients[i].Findings...)
	}
	return append(all, r.Findings...)
}

// late judges a command that did not end.
func (w *weighing) late() bool {
	if !w.cell.Hung || w.cell.Fault.Told == ToldLong {
		return false // To wait for an hour is what was asked for.
	}
	result := verdict.Inconclusive
	if w.bar.Strict {
		result = verdict.Fail
	}
	if w.bar.Service {
		w.say(result, CheckTime, "hung: the probes had no answers within %v", w.bar.Limit)
		return true
	}
	w.say(result, CheckTime, "hung: the command did not end within %v and was stopped", w.bar.Limit)
	return true
}

// demanded says whether the caller did what the fault asks of it.
func (w *weighing) demanded() {
	switch w.cell.demand() {
	case demandBack, demandMaybe:
		w.cameBack()
	case demandAlone:
		w.leftAlone()
	case demandMend:
		w.mended()
	case demandWait:
		if w.cell.Fault.Told == ToldLong {
			w.awayForLong()
			return
		}
		w.waited()
	case demandNothing:
		w.silent()
	}
	if w.cell.Result == verdict.Inconclusive && w.report.Result == verdict.Pass && w.evidence.astray == 0 {
		w.cell.Result = verdict.Pass
	}
}

// silent is for what the wire says nothing of: it passes if the user is known to have been told rightly.
func (w *weighing) silent() {
	k := w.known()
	for _, f := range findings(&w.report) {
		if f.Result == verdict.Pass && familyOf(f.Check) == verdict.FamilySurface && f.Check != checkRecovers && len(k.cited(&f)) > 0 {
			w.say(verdict.Pass, "", "%s; %s", f.Summary, w.ending())
			return
		}
	}
	w.say(verdict.Info, "", "%s: whether its user was told, only an outcome or a probe can say", w.ending())
}

// cameBack wants a request that was struck to come again, and to succeed where the fault has passed.
func (w *weighing) cameBack() {
	e := &w.evidence
	once := w.cell.Mode == Once
	if wait, early := w.early(); early {
		w.say(verdict.Inconclusive, "", "came again after %v, and was told to wait longer, which is too little to tell why; %s", wait.Round(time.Millisecond), w.ending())
		return
	}
	switch {
	case once && w.failed == len(w.runs):
		w.failsBy()
	case once && w.failed > 0:
		w.say(verdict.Inconclusive, w.exitCheck(), "%s", w.ending())
	case e.healed == e.requests:
		w.say(verdict.Pass, "", "came again and succeeded: %s; %s", counted(e.healed, "request"), w.ending())
	case !once && e.tried == e.requests:
		w.say(verdict.Pass, "", "came again %s, then gave up; %s", times(e.again), w.ending())
	case e.alone+e.tried < e.requests || e.alone == 0:
		w.unclear()
	case w.cell.demand() == demandMaybe:
		w.say(verdict.Info, "", "%d of %s did not come again, and need not have; %s", e.alone, counted(e.requests, "request"), w.ending())
	default:
		w.say(verdict.Inconclusive, "", "%d of %s did not come again; %s: it may have another way, or hide the failure",
			e.alone, counted(e.requests, "request"), w.ending())
	}
}

// failsBy says that the command ended badly for what one repeat would have mended. It fails only where it is known of every request
// what became of it: who repeats some of many within a budget, or never sends the same twice, is not one that does not repeat, nor is
// who had so many at once that a circuit breaker may have held the repeats back.
func (w *weighing) failsBy() {
	e := &w.evidence
	again, known := "whether it came again cannot be told", false
	switch {
	case e.healed == e.requests:
		again, known = "though it came again and succeeded", true
	case e.alone == e.requests && w.tripped():
		again = "it did not come again, as behind a circuit breaker that opens before the first repeat is due"
	case e.alone == e.requests:
		again, known = "it did not come again", true
	case e.back > 0:
		again = fmt.Sprintf("%d of %s came again", e.back, counted(e.requests, "request"))
	}
	result, verb := verdict.Warn, "may"
	if known && w.cell.demand() == demandBack {
		result, verb = verdict.Fail, "should"
	}
	w.say(result, w.exitCheck(), "%s for a fault that passes at once and %s be mended by a repeat: %s", w.ending(), verb, again)
}

// leftAlone wants a request that was struck not to come again.
func (w *weighing) leftAlone() {
	e := &w.evidence
	switch {
	case e.alone == e.requests:
		w.say(verdict.Pass, "", "%s did not come again; %s", counted(e.requests, "request"), w.ending())
	case e.back > 0:
		w.say(verdict.Inconclusive, "", "came again %s, which is too little to tell why", times(e.again))
	default:
		w.unclear()
	}
}

// mostMended is how often a request may come again, each time after what mends it: what token-refreshed of package verdict allows.
const mostMended = 2

// mended wants something else first. Of a conflict a caller may tell its user; another token it can get by itself.
func (w *weighing) mended() {
	e := &w.evidence
	switch {
	case e.alone == e.requests && className(w.cell.info()) == nameExpired:
		w.say(verdict.Inconclusive, "", "%s did not come again with a new token; %s", counted(e.requests, "request"), w.ending())
	case e.alone == e.requests:
		w.say(verdict.Pass, "", "%s did not come again; %s", counted(e.requests, "request"), w.ending())
	case e.healed == e.requests && w.failed == 0 && w.looked():
		w.say(verdict.Pass, "", "came again after what mends it, and succeeded: %s", counted(e.healed, "request"))
	case w.cell.Mode != Once && e.back == e.requests && e.again <= mostMended*e.requests && w.looked():
		w.say(verdict.Pass, "", "came again %s after what mends it, then gave up; %s", times(e.again), w.ending())
	case e.back > 0:
		w.say(verdict.Inconclusive, "", "came again %s, which is too little to tell why", times(e.again))
	default:
		w.unclear()
	}
}

// looked reports that in every run each struck request that came again did so after what mends it.
func (w *weighing) looked() bool {
	return !slices.ContainsFunc(w.runs, func(r Ran) bool { return blind(&w.cell.Case, r.Attempts, w.bar.Fault) })
}

// blind reports that a request was struck and came again with nothing between that mends it: another credential, or a request for
// one; of a conflict a look at the collection. It looks at each attempt once.
func blind(c *Case, attempts []observe.Attempt, fault string) bool {
	last := map[string]int{} // The place of the latest attempt of each request.
	mended := -1             // That of the latest that mends.
	renewed := className(c.info()) == nameExpired
	for i := range attempts {
		after := &attempts[i]
		key := requestKey(after)
		if at, came := last[key]; came && strikes(&attempts[at], fault) && mended <= at && !(renewed && attempts[at].Credential != after.Credential) {
			return true
		}
		last[key] = i
		if c.mends(after) {
			mended = i
		}
	}
	return false
}

// mends reports an attempt that gets what the fault says is wanted.
func (c *Case) mends(a *observe.Attempt) bool {
	if className(c.info()) == nameExpired {
		return a.Endpoint == groove.Token
	}
	e, _ := groove.EndpointByName(a.Endpoint) // The zero value is for none.
	return e.Repeat == groove.RepeatSafe && strings.Contains(e.Template, "/collection/")
}

// waited wants patience with a late answer.
func (w *weighing) waited() {
	e := &w.evidence
	switch {
	case w.cell.Fault.Kind == KindThrottle && e.alone == e.requests && w.failed == 0:
		w.say(verdict.Pass, "", "waited for %s", counted(e.requests, "request"))
	case w.cell.Mode == Once && w.failed == len(w.runs) && !w.cell.write():
		w.failsBy()
	case e.healed == e.requests && w.failed == 0:
		w.say(verdict.Pass, "", "waited for %s", counted(e.requests, "request"))
	case w.failed > 0:
		w.say(verdict.Info, "", "did not wait; %s", w.ending())
	default:
		w.unclear()
	}
}

// unclear is for requests that are others in each run.
func (w *weighing) unclear() {
	w.say(verdict.Inconclusive, "", "%d of %s cannot be told from others that the workload sends; %s",
		max(w.evidence.unknown, 1), counted(w.evidence.requests, "request"), w.ending())
}

// tail is what the last run that failed printed at its end.
func (w *weighing) tail() string {
	for _, r := range slices.Backward(w.runs) {
		if r.Exit != 0 || r.Hung {
			return r.Tail
		}
	}
	return ""
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
