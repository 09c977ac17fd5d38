package runner

import (
	"iter"
	"slices"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Judge judges a run that has ended, by what was recorded until now. It may be asked again; what was forgotten meanwhile
// is missing then, and makes the verdict inconclusive.
func (r *Run) Judge() experiment.Conclusion {
	r.mu.Lock()
	begun, end, answers := r.begun, r.end, r.answers
	r.mu.Unlock()
	attempts, dropped, missed := r.attempts()
	e := r.o.Experiment
	apart := r.apart()
	journal := verdict.Journal{
		Attempts: apart.Tell(attempts), Ended: end.Quiet, Faults: r.uses(attempts), Dropped: dropped + missed, Missed: missed,
	}
	outcomes, _ := r.o.Outcomes.All()
	for _, o := range outcomes {
		if !o.Time.Before(begun) {
			journal.Outcomes = append(journal.Outcomes, o)
		}
	}
	journal.Outcomes = apart.Told(journal.Outcomes, attempts)
	checks := e.Expect.Checks
	if len(checks) == 0 {
		checks = r.checks
	}
	report := verdict.Judge(journal, verdict.Options{Checks: checks, Policy: slices.Concat(r.policy, e.Expect.Policy)})
	return e.Conclude(end, report, answers)
}

// uses are what the faults that belong to the run did.
func (r *Run) uses(attempts []observe.Attempt) []verdict.FaultUse {
	uses := r.force.uses(r.o.Experiment, struck(attempts))
	if !r.o.Standing {
		return uses
	}
	for _, use := range r.o.Uses() {
		if use.Armed && !use.Gone && r.force.did[use.Name] == nil {
			uses = append(uses, verdict.FaultUse{Name: use.Name, Matched: use.Matched, Fired: use.Fired})
		}
	}
	return uses
}

// struck is how many attempts each fault struck.
func struck(attempts []observe.Attempt) map[string]uint64 {
	count := map[string]uint64{}
	for i := range attempts {
		a := &attempts[i]
		if a.Fault != "" {
			count[a.Fault]++
		}
		for _, name := range a.DelayedBy {
			count[name]++
		}
		for _, name := range a.SpoiledBy {
			count[name]++
		}
	}
	return count
}

// apart is what the run knows of its attempts.
func (r *Run) apart() *experiment.Apart {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &experiment.Apart{Starts: r.starts, Prefix: r.front.prefix}
}

// Attempts gives the attempts of a run that has ended, as they were judged, and whether what has not come will not come.
func (r *Run) Attempts() (seen iter.Seq[*observe.Attempt], ended bool) {
	attempts, _, _ := r.attempts()
	r.mu.Lock()
	ended = r.end.Quiet
	r.mu.Unlock()
	return r.apart().Tell(attempts), ended
}
