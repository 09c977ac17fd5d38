package observe

import "time"

// chain is a call as the first pass makes it out: failures that follow each other on one fingerprint, none of which overlap.
type chain struct {
	// tries counts the attempts so far, 0 when that is not known.
	tries int
	gap   time.Duration
}

// patience is how long after the latest answer the call may go on.
func (c *chain) patience(latest *flight) time.Duration {
	return max(latest.least(), min(8*c.gap, maxLearned))
}

// follow takes in an attempt that has just arrived and finds what it means for the call.
func (p *print) follow(a *Attempt, s *study) {
	latest := &p.all.latest
	gap := a.Received - latest.answered
	switch {
	case len(p.all.flying) > 0:
		p.chain = chain{}
	case !p.all.landed:
		p.open(a)
	case latest.repeatedBy(a):
	case latest.succeeded:
		p.idle += gap
		p.returns++
		p.open(a)
	case !latest.failed:
		p.open(a)
	case gap > p.chain.patience(latest):
		p.lapse(a.Received, s)
		p.returns++
		p.open(a)
	case p.chain.tries > 0:
		s.goesOn(p.chain.tries, latest, gap)
		p.chain.tries++
		p.chain.gap = gap
		s.runs(p.chain.tries)
	}
}

func (p *print) open(a *Attempt) {
	p.chain = chain{tries: 1}
	p.opens++
	if a.Succeeded() {
		p.healthy++
	}
}

// lapse takes in that nothing more came of a failed call until now.
func (p *print) lapse(now time.Duration, s *study) {
	latest := &p.all.latest
	patience := p.chain.patience(latest)
	p.idle += max(now-latest.answered-patience, 0)
	if p.chain.tries > 0 {
		s.givesUp(p.chain.tries, latest.status)
	}
}

// end takes in that nothing more came until watching ended, or until the request was forgotten.
func (p *print) end(now time.Duration, s *study) {
	p.all.land(now)
	latest := &p.all.latest
	switch {
	case !p.all.landed || len(p.all.flying) > 0:
	case latest.succeeded:
		p.idle += max(now-latest.answered, 0)
	case latest.failed && now > latest.answered+p.chain.patience(latest):
		p.lapse(now, s)
	}
}
