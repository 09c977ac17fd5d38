package faults

import (
	"fmt"
	"time"
)

// Decision is what is to happen to one exchange, and why. The zero value
// relays it untouched.
type Decision struct {
	// Holds are the delays to wait for, one after the other, before anything else.
	Holds []Hold
	// Answer is the fault that answers, nil to relay.
	Answer *Active
	// Reason says why, for the journal: "slow: share 0.1, draw 0.0432".
	Reason string
}

// Hold is one delay of a decision.
type Hold struct {
	Fault *Active
	Wait  time.Duration
}

// Decide says what is to happen to x, and counts it for the triggers; whoever
// carries the decision out calls Fire on the faults that really strike.
//
// Among terminal faults those that count (first, every, attempts) come before
// those that draw, each in creation order; at most one answers, and a fault
// counts only what no earlier one answers. The draw of an exchange is shared:
// the shares of the faults lie side by side, first those that draw once a call,
// then those that draw on every exchange, scaled to what the former leave. A
// share is therefore exact whatever stands beside it, but for what counting
// faults take away.
func (e *Engine) Decide(x *Exchange) Decision {
	var d Decision
	var drawing stack
	for _, a := range e.set.Load().candidates(x) {
		if a.expired(x.Now) || !a.match.match(x) {
			continue
		}
		a.tally.matched.Add(1)
		eligible := a.Fault.Trigger.eligible(x.Place.Attempt)
		switch {
		case a.Fault.Terminal() && !a.Fault.Trigger.counted():
			// A fault that is through with this call keeps its place on the
			// draw, so that the others keep theirs.
			drawing.push(a)
		case !eligible:
		case !a.Fault.Terminal():
			e.hold(&d, a, x.Place)
		case d.Answer == nil:
			d.count(a, x.Place)
		}
	}
	if d.Answer == nil && !drawing.empty() {
		e.drawAnswer(&d, &drawing, x.Place)
	}
	return d
}

// count lets a counting fault answer if its turn has come.
func (d *Decision) count(a *Active, place Place) {
	if reason, fires := a.count(place); fires {
		d.answer(a, reason)
	}
}

func (d *Decision) answer(a *Active, reason string) {
	d.Answer = a
	d.because(a, reason)
}

func (d *Decision) because(a *Active, reason string) {
	if d.Reason != "" {
		d.Reason += "; "
	}
	d.Reason += a.Fault.Name + ": " + reason
}

// hold adds the delay of a if it fires.
func (e *Engine) hold(d *Decision, a *Active, place Place) {
	reason, fires := e.delays(a, place)
	if !fires {
		return
	}
	u := draw(e.seed, purposeWait, a.subject, place.Fingerprint, place.Sequence)
	d.Holds = append(d.Holds, Hold{Fault: a, Wait: a.Fault.Delay.At(u)})
	d.because(a, reason)
}

// delays decides whether a delay fires. Each draws for itself.
func (e *Engine) delays(a *Active, place Place) (reason string, fires bool) {
	t := &a.Fault.Trigger
	if t.counted() {
		return a.count(place)
	}
	occurrence := place.Sequence
	if t.Attempts > 0 {
		occurrence = place.Call
	}
	u := draw(e.seed, purposeDelay, a.subject, place.Fingerprint, occurrence)
	if u >= t.share() || !a.counters.take(t.Limit) {
		return "", false
	}
	return drawn(t.share(), u), true
}

func drawn(share, u float64) string { return fmt.Sprintf("share %v, draw %.6f", share, u) }
