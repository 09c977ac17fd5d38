package observe

import "time"

// traffic counts the attempts of one request where calls cross, so that nobody can say which attempt belongs to which call.
// Counts need no pairing.
type traffic struct {
	attempts, failed int
	// sure counts the attempts that came when no failed call was waiting: they opened calls.
	sure int
	// waiting is how many failed calls wait, as far as can be told, busy how long at least one did.
	waiting int
	busy    time.Duration
	latest  time.Duration
}

// fail takes in that so many answers failed since the latest attempt.
func (t *traffic) fail(n int) {
	t.failed += n
	t.waiting += n
}

// arrive takes in an attempt.
func (t *traffic) arrive(a *Attempt) {
	pause := a.Received - t.latest
	switch {
	case t.attempts == 0:
	case pause > defaultWindow:
		t.waiting = 0
	case t.waiting > 0:
		t.busy += pause
	}
	t.latest = a.Received
	t.attempts++
	if t.waiting == 0 {
		t.sure++
		return
	}
	t.waiting--
}

// openings is how many calls of their own came per second while others waited, when that share of the failed ones
// goes on.
func (t *traffic) openings(going float64) float64 {
	opened := float64(t.attempts) - going*float64(t.failed)
	return (max(opened-float64(t.sure), 0) + 0.5) / (t.busy.Seconds() + 1)
}
