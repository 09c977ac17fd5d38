package observe

import "time"

// maxFlying bounds the attempts of one fingerprint that are followed while they are under way.
const maxFlying = 256

// flight is what is remembered of an attempt once it is gone.
type flight struct {
	answered time.Duration
	// wait is what a Retry-After asked for, -1 for nothing.
	wait   time.Duration
	conn   uint64
	node   string
	status int
	// died reports that a reused connection broke without an answer.
	failed, succeeded, died bool
}

func flightOf(a *Attempt) flight {
	f := flight{
		answered: a.Answered, wait: -1, conn: a.Conn, node: a.Node, status: a.Status, failed: a.Failed(), succeeded: a.Succeeded(),
		died: a.End == EndBroken && a.Status == 0 && a.ConnUse > 1,
	}
	if wait, ok := a.Wait(); ok {
		f.wait = wait.Wait
	}
	return f
}

// least is how long after its answer another attempt of the call may come, whatever the gaps before were.
func (f *flight) least() time.Duration {
	if f.wait < 0 {
		return defaultWindow
	}
	return max(defaultWindow, f.wait+waitSlack)
}

// repeatedBy reports whether a is the repeat by the client's HTTP stack: see transportRepeat.
func (f *flight) repeatedBy(a *Attempt) bool {
	gap := a.Received - f.answered
	return f.died && (a.Conn != f.conn || a.Node != f.node) && gap >= 0 && gap <= transportWindow
}

// track follows the attempts of one fingerprint in order of arrival, and samples the gaps since the latest answer by what that
// answer was; one that was spoiled says nothing, and a success nothing while a failed call waits that may go on.
type track struct {
	// waiting is how many failed calls wait, as far as can be told.
	waiting int
	latest  flight
	landed  bool
	flying  []flight
	// success and failure are the gaps after each.
	success, failure sample
	// first is when the first attempt arrived, last the latest one.
	first time.Duration
	last  mark
}

// mark identifies an attempt.
type mark struct {
	received time.Duration
	sequence uint64
	node     string
}

func markOf(a *Attempt) mark { return mark{a.Received, a.Sequence, a.Node} }

// land takes up the answers that were handed over by then, and counts those that failed.
func (t *track) land(now time.Duration) (failed int) {
	flying := t.flying[:0]
	for _, f := range t.flying {
		if f.failed && f.answered <= now {
			failed++
		}
		switch {
		case f.answered > now:
			flying = append(flying, f)
		case !t.landed || f.answered >= t.latest.answered:
			t.latest, t.landed = f, true
		}
	}
	t.flying = flying
	return failed
}

// arrive measures the gap before a, and counts the answers that failed since the attempt before.
func (t *track) arrive(a *Attempt) (failed int) {
	failed = t.land(a.Received)
	t.waiting += failed
	if a.Received-t.last.received > defaultWindow {
		t.waiting = 0
	}
	waiting := t.waiting
	t.waiting = max(waiting-1, 0)
	if !t.landed || t.latest.repeatedBy(a) {
		return failed
	}
	gap := a.Received - t.latest.answered
	switch {
	case t.latest.failed:
		t.failure.add(gap)
	case t.latest.succeeded && waiting == 0:
		t.success.add(gap)
	}
	return failed
}

// depart follows a, whose gap was measured.
func (t *track) depart(a *Attempt, f flight) {
	if t.last == (mark{}) {
		t.first = a.Received
	}
	t.last = markOf(a)
	if len(t.flying) >= maxFlying {
		t.flying = append(t.flying[:0], t.flying[1:]...)
	}
	t.flying = append(t.flying, f)
}

// clone returns a copy that goes its own way.
func (t *track) clone() *track {
	c := *t
	c.flying = append([]flight(nil), t.flying...)
	c.success.gaps = append([]time.Duration(nil), t.success.gaps...)
	c.failure.gaps = append([]time.Duration(nil), t.failure.gaps...)
	return &c
}
