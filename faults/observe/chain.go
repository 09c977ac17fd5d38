package observe

import "time"

// chain is a call as the first pass makes it out: failures that follow each other on one fingerprint, none of which overlap.
type chain struct {
	// tries counts the attempts so far, 0 when that is not known.
	tries int
	gap   time.Duration
	waits []wait
}

// maxChain bounds the waits of a call from which the client's law is learned.
const maxChain = 24

// wait is one wait of a call.
type wait struct {
	after flight
	gap   time.Duration
}

// goesOn takes in that the call went on.
func (c *chain) goesOn(after *flight, gap time.Duration) {
	if len(c.waits) < maxChain {
		c.waits = append(c.waits, wait{*after, gap})
	}
	c.tries++
	c.gap = gap
}

// clean reports that the waits look like those of one call: they fall back once at most.
func (c *chain) clean() bool {
	falls := 0
	for i := 1; i < len(c.waits); i++ {
		before, after := &c.waits[i-1], &c.waits[i]
		if before.gap >= shortGap && after.gap < before.gap/2 && before.after.wait == after.after.wait {
			falls++
		}
	}
	return falls == 0 || falls == 1 && c.tries <= maxUnproven
}

// learn adds the waits of the call, which is over, to what is known of the client. A request that was under way twice at a time
// teaches nothing.
func (p *imprint) learn(s *study) {
	c := &p.chain
	if !p.crowded && c.clean() {
		for i := range c.waits {
			s.goesOn(i+1, &c.waits[i].after, c.waits[i].gap)
		}
	}
	*c = chain{waits: c.waits[:0]}
}

// patience is how long after the latest answer the call may go on.
func (c *chain) patience(latest *flight) time.Duration {
	return max(latest.least(), min(8*c.gap, maxLearned))
}

// follow takes in an attempt that has just arrived and finds what it means for the call.
func (p *imprint) follow(a *Attempt, s *study) {
	latest := &p.all.latest
	gap := a.Received - latest.answered
	switch {
	case len(p.all.flying) > 0:
		// What crosses teaches nothing.
		p.chain = chain{waits: p.chain.waits[:0]}
	case !p.all.landed:
		p.open(a, s)
	case latest.repeatedBy(a):
	case latest.succeeded:
		p.idle += gap
		p.returns++
		p.open(a, s)
	case !latest.failed:
		p.open(a, s)
	case gap > p.chain.patience(latest):
		p.lapse(a.Received, s)
		p.returns++
		p.open(a, s)
	case p.chain.tries > 0:
		p.chain.goesOn(latest, gap)
		s.runs(p.chain.tries)
	}
}

func (p *imprint) open(a *Attempt, s *study) {
	p.learn(s)
	p.chain.tries = 1
	p.opens++
	if a.Succeeded() {
		p.healthy++
		p.wellBegun = p.wellBegun || p.opens == 1
	}
}

// lapse takes in that nothing more came of a failed call until now.
func (p *imprint) lapse(now time.Duration, s *study) {
	latest := &p.all.latest
	patience := p.chain.patience(latest)
	p.idle += max(now-latest.answered-patience, 0)
	if p.chain.tries > 0 {
		s.givesUp(p.chain.tries, latest.status)
	}
}

// end takes in that nothing more came until watching ended, or until the request was forgotten.
func (p *imprint) end(now time.Duration, s *study) {
	p.all.land(now)
	defer p.learn(s)
	latest := &p.all.latest
	switch {
	case !p.all.landed || len(p.all.flying) > 0:
	case latest.succeeded:
		p.idle += max(now-latest.answered, 0)
	case latest.failed && now > latest.answered+p.chain.patience(latest):
		p.lapse(now, s)
	}
}
