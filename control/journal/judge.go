package journal

import (
	"fmt"
	"slices"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Question is what the judge is asked.
type Question struct {
	// Checks are those that are asked for: see verdict.Options.
	Checks []string
	// Policy says how severe the checks are, and their limits.
	Policy verdict.Policy
	// Ended reports that the workload ended with the recording.
	Ended bool
}

// silences are the checks that hold against a client that something did not come.
var silences = []string{"transient-retried", "token-refreshed"}

// Judge judges the journal, as the groovechaos that recorded it would. What could not be read makes it careful: no
// check fails because something did not come, and nothing passes.
func (j *Journal) Judge(q Question) (verdict.Report, error) {
	report, err := j.judge(q)
	if lost := j.Losses(); err == nil && lost.Unreadable > 0 {
		// Another time, now that it is known.
		if report, err = j.judge(Question{Checks: q.Checks, Policy: slices.Concat(q.Policy, careful()), Ended: q.Ended}); err == nil {
			doubt(&report, fmt.Sprintf("%d records of the journal could not be read", lost.Unreadable))
		}
	}
	if err == nil && j.Losses().Cut {
		doubt(&report, "the journal has no end")
	}
	return report, err
}

func (j *Journal) judge(q Question) (verdict.Report, error) {
	report := verdict.Judge(verdict.Journal{
		Attempts: j.Attempts(), Release: j.spare.Put, Ended: q.Ended && !j.Losses().Cut, Faults: j.Header.Faults,
		Outcomes: j.Outcomes, Dropped: j.Header.Dropped,
	}, verdict.Options{Checks: q.Checks, Policy: q.Policy})
	return report, j.Err()
}

// careful is the policy that holds no silence against a client.
func careful() verdict.Policy {
	var known []string
	for _, check := range verdict.Checks() {
		if slices.Contains(silences, check.Name) {
			known = append(known, check.Name)
		}
	}
	if len(known) == 0 {
		return nil
	}
	return verdict.Policy{{Checks: known, Severity: verdict.SeverityWarn}}
}

// doubt gives a report a reason not to be a pass.
func doubt(r *verdict.Report, reason string) {
	r.Reasons = append(r.Reasons, reason)
	if r.Result == verdict.Pass {
		r.Result = verdict.Inconclusive
	}
}
