package sweep

import (
	"maps"
	"slices"

	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// gravity says what a finding of the judge counts for.
type gravity int

const (
	// gravityNone is for nothing found, gravityWarn for a warning of the judge, gravityHabit for a fail that the workload earns without
	// any fault too, gravityOpen for one of a service that
	// rests on a single run, and that may be for what an earlier case did, gravityDoubt for one that rests on repeats which a test that is run again makes as well, gravitySure for a fail.
	gravityNone gravity = iota
	gravityWarn
	gravityHabit
	gravityOpen
	gravityDoubt
	gravitySure
)

// accusation is the gravest finding for the sake of the fault.
type accusation struct {
	gravity gravity
	finding verdict.Finding
}

// accuse looks for the gravest finding, the first of equals.
func (w *weighing) accuse() accusation {
	var worst accusation
	k := w.known()
	for _, f := range findings(&w.report) {
		if g := w.gravity(&f, k); g > worst.gravity {
			worst = accusation{g, f}
		}
	}
	return worst
}

// gravity weighs one finding. What does not rest on an attempt that the fault struck is not for its sake.
func (w *weighing) gravity(f *verdict.Finding, k known) gravity {
	cited := k.cited(f)
	switch {
	case len(cited) == 0:
		return gravityNone
	case f.Result == verdict.Warn:
		return gravityWarn
	case f.Result != verdict.Fail:
		return gravityNone
	case slices.ContainsFunc(w.bar.Peace, func(c Complaint) bool { return c.Check == f.Check }):
		return gravityHabit
	case !w.bar.Service && familyOf(f.Check) != verdict.FamilySurface && doubtful(cited):
		return gravityDoubt
	case !w.confirmed(f):
		return gravityOpen
	}
	return gravitySure
}

func familyOf(check string) verdict.Family {
	for _, c := range verdict.Checks() {
		if c.Name == check {
			return c.Family
		}
	}
	return ""
}

// standing says of an attempt that was struck whether its request came again, and whether it is sure that the attempts are one call.
type standing struct{ again, sure bool }

// doubtful reports that requests came again, and of none it is sure that no test which was run again sent it.
func doubtful(cited []standing) bool {
	return slices.ContainsFunc(cited, func(s standing) bool { return s.again }) &&
		!slices.ContainsFunc(cited, func(s standing) bool { return s.again && s.sure })
}

// known holds the standing of each attempt that was struck, by its sequence number.
type known map[uint64]standing

// cited are the standings of those that a finding rests on; of all, if it names none.
func (k known) cited(f *verdict.Finding) []standing {
	if len(f.Attempts) == 0 {
		return slices.Collect(maps.Values(k))
	}
	var cited []standing
	for _, sequence := range f.Attempts {
		if one, ok := k[sequence]; ok {
			cited = append(cited, one)
		}
	}
	return cited
}

func (w *weighing) known() known {
	k := known{}
	for i := range w.runs {
		r := &w.runs[i]
		bonds, larger := w.bar.Habits.bonds(r, w.bar.Fault), w.bar.Habits.larger(r, w.bar.Fault)
		for key, l := range linesOf(r) {
			sure := !larger && (l.rises() || bonds[key] == bondSure)
			for _, a := range l.all {
				if strikes(a, w.bar.Fault) {
					k[a.Sequence] = standing{again: l.first > 1, sure: sure || identified(a)}
				}
			}
		}
	}
	return k
}

// identified reports that the caller itself says which call an attempt belongs to.
func identified(a *observe.Attempt) bool {
	return a.CallIDHeader != "" || a.IdempotencyKey != "" || a.Counter != observe.NoCounter
}

// accused takes the accusation, if it is of that gravity.
func (w *weighing) accused(g gravity) bool {
	if w.accusation.gravity != g {
		return false
	}
	f := &w.accusation.finding
	switch g {
	case gravitySure:
		w.say(verdict.Fail, f.Check, "%s", f.Summary)
	case gravityDoubt:
		w.say(verdict.Warn, f.Check, "%s; a test that is run again at once looks like it", f.Summary)
	case gravityHabit:
		w.say(verdict.Inconclusive, f.Check, "%s; but without any fault the workload does not pass %s either", f.Summary, f.Check)
	case gravityOpen:
		w.say(verdict.Inconclusive, f.Check, "%s; but the service passes no trace on, so that it may be for what an earlier case did", f.Summary)
	case gravityWarn:
		w.say(verdict.Warn, f.Check, "%s", f.Summary)
	case gravityNone:
	}
	return true
}

// warned lets what the judge found stand over a pass, and over what could not be told of the same matter.
func (w *weighing) warned() {
	switch w.cell.Result {
	case verdict.Pass, verdict.Info:
		w.accused(w.accusation.gravity)
	case verdict.Inconclusive:
		if w.accusation.gravity == gravityDoubt || w.accusation.gravity == gravityOpen || w.accusation.gravity == gravityWarn && familyOf(w.accusation.finding.Check) == verdict.FamilyIf {
			w.accused(w.accusation.gravity)
		}
	case verdict.Warn, verdict.Fail:
	}
}
