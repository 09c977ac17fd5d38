package observe

import (
	"slices"
	"time"
)

const (
	// leastBreaks is how many calls must have ended alike before their length is believed to be the client's cap.
	leastBreaks = 3
	// maxUnproven is how many attempts are believed to be one call without any sign that they are.
	maxUnproven = 10
	// shortGap is below what gaps are compared by their ratio.
	shortGap = 50 * time.Millisecond
	// leastTold is the shortest Retry-After that tells calls apart, mostOver how late a client may be after one, certainly how
	// sure each attempt must be.
	leastTold, mostOver, certainly = time.Second, 250 * time.Millisecond, 0.95
	// maxEmptied bounds the routes of which it is known that a call began without a body.
	maxEmptied = 1 << 14
)

// doubtLapsed marks a call that opened and those of one attempt that had waited in vain before: a client may wait longer between
// attempts than the window, and a lone attempt gave no gap to learn that from. Beyond maxLearned more
// the client is taken to have come back for something else. Once a call of the route was let go before its end the one
// that opened may be its rest, so that the others go on waiting.
func (i *inference) doubtLapsed(s *bodyStory, opened *draft) {
	s.lapsed = slices.DeleteFunc(s.lapsed, func(d *draft) bool {
		near := opened.first().Received <= d.until+maxLearned
		if near {
			d.grouping, opened.grouping = GroupingAmbiguous, GroupingAmbiguous
		}
		d.lapsed = near && i.tornUntil != 0
		return !d.lapsed
	})
}

// breakAt takes in that one call was taken to end in failure and another to begin.
func (s *bodyStory) breakAt(closed, opened *draft) {
	s.shut(closed)
	closed.breaks++
	opened.breaks++
	s.breaks = append(s.breaks, callBreak{closed: closed, opened: opened})
}

// doubtBreaks marks the calls on both sides of each break, unless the client's cap explains them.
func (s *bodyStory) doubtBreaks() {
	if !s.capped() {
		s.tearBreaks()
	}
}

// tearBreaks marks the calls on both sides of each break.
func (s *bodyStory) tearBreaks() {
	for _, b := range s.breaks {
		b.closed.grouping, b.opened.grouping = GroupingAmbiguous, GroupingAmbiguous
		b.closed.breaks, b.opened.breaks = 0, 0
	}
	s.breaks = nil
}

// capped reports whether the calls that gave up all did so after the same number of attempts, and none took more.
func (s *bodyStory) capped() bool {
	if s.doubtsBreaks || len(s.breaks) < leastBreaks {
		return false
	}
	limit := len(s.breaks[0].closed.attempts)
	for _, b := range s.breaks {
		if len(b.closed.attempts) != limit {
			return false
		}
	}
	return s.longest <= limit
}

// finish marks a call that looks like several in one, when nothing is known of how the client comes back after a
// success: neither for this request, nor that it leaves others alone. The call that ended everything by its
// success is not in doubt. One that a request id made looks like several if that may be the id of a session. A trace may be that of a page of which several
// parts ask for the same, so that one too long is in doubt whatever is known.
func (c *caller) finish(d *draft) {
	known := c.known.of()
	defer d.strike()
	switch {
	case d.story != nil && d.story.crossing && !d.punctual(), d.grouping == GroupingInferred && d.traced() && d.tooLong():
		d.grouping = GroupingAmbiguous
	case d.grouping != GroupingInferred || known.content():
	case d.story == nil:
		if d.last().Failed() && d.looksLikeSeveral() {
			d.grouping = GroupingAmbiguous
		}
	case d.story.rhythm.known || d.story.satisfiedBy(d.last(), c.believed):
	case d.looksLikeSeveral():
		d.grouping = GroupingAmbiguous
	}
}

// punctual reports that the client came back each time just when Retry-After was over, and got what it asked for.
func (d *draft) punctual() bool {
	for i := 1; i < len(d.attempts); i++ {
		told, ok := d.attempts[i-1].Wait()
		over := d.gap(i) - told.Wait
		if !ok || told.Date || told.Wait < leastTold || over < 0 || over > mostOver || d.sure[i] < certainly {
			return false
		}
	}
	return len(d.attempts) > 1 && d.last().Succeeded()
}

// strike takes in that a single-flight fault made each failure of a call, of which there were some, and that nothing else is known against
// it: then what came after each can only be its repeat.
func (d *draft) strike() {
	if d.grouping != GroupingInferred || !d.struck || len(d.attempts) < 2 || d.story == nil {
		return
	}
	d.grouping = GroupingSingleFlight
	for i := range d.sure {
		d.sure[i] = 1
	}
	d.unsure = false
}

// satisfiedBy reports that nothing came after a, which did not fail.
func (s *bodyStory) satisfiedBy(a *Attempt, believed bool) bool {
	return !a.Failed() && s.print != nil && s.print.rest(believed).last == markOf(a)
}

// looksLikeSeveral reports whether gaps fall back as they do where calls follow or cross one another, or a call is longer
// than any sound client makes without growing gaps. One fall in a short call may follow a stall.
func (d *draft) looksLikeSeveral() bool {
	return d.falls() > 1 || d.tooLong()
}

// tooLong reports whether a call is longer than any sound client makes without growing gaps.
func (d *draft) tooLong() bool {
	return len(d.attempts) > maxUnproven && (d.falls() > 0 || !d.grows())
}

// traced reports that a trace id alone made a call: the parts of a page that ask for the same share it.
func (d *draft) traced() bool {
	first := d.first()
	return d.name != 0 && first.Trace != "" && first.RequestID == "" && first.CallID == ""
}

// falls counts the gaps that are less than half of the one before, which hardly a law of waiting
// has. Noise below shortGap and gaps after another Retry-After say nothing.
func (d *draft) falls() int {
	falls := 0
	for i := 2; i < len(d.attempts); i++ {
		before := d.gap(i - 1)
		if before >= shortGap && d.gap(i) < before/2 && d.attempts[i-1].RetryAfter == d.attempts[i-2].RetryAfter {
			falls++
		}
	}
	return falls
}

// grows reports whether the gaps grow: the median of the last third is at least twice that of the first.
func (d *draft) grows() bool {
	gaps := make([]time.Duration, 0, len(d.attempts))
	for i := 1; i < len(d.attempts); i++ {
		gaps = append(gaps, d.gap(i))
	}
	third := len(gaps) / 3
	return median(gaps[len(gaps)-third:]) >= 2*median(gaps[:third])
}

// median sorts what it is given, which is not empty.
func median(gaps []time.Duration) time.Duration {
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// opensEmpty reports that a call began without a body on a route, so that a body that is missing was not lost.
func (c *caller) opensEmpty(route uint64) bool {
	_, ok := c.emptied[route]
	return ok || len(c.emptied) >= maxEmptied
}

// beginsEmpty takes in that a call began without a body.
func (c *caller) beginsEmpty(route uint64) {
	if c.emptied == nil {
		c.emptied = map[uint64]struct{}{}
	}
	if len(c.emptied) < maxEmptied {
		c.emptied[route] = struct{}{}
	}
}
