package observe

import (
	"slices"
	"time"
)

// inference groups the attempts of one route by what they ask for and by time. It is
// conservative: where an attempt could belong to more than one call, all of them are ambiguous.
type inference struct {
	window   time.Duration
	habits   *habits
	attempts []*Attempt
	bodies   map[string]*bodyStory
	made     []*draft
	// open holds the calls that can still go on, in the order of their first attempt.
	open []*draft
}

// bodyStory is what is known of the attempts of a route that have one body: of one fingerprint.
type bodyStory struct {
	attempts []*Attempt
	// success and failure are the gaps after each.
	success, failure []time.Duration
	rhythm           rhythm
	// polled reports that the client comes back after a failure just as after a success.
	polled bool
	// counted reports that some attempt came with a counter alone, so that one without opens a call.
	counted bool
	// opened reports that a call began with this body.
	opened bool
	calls  []*draft
	breaks []callBreak
	// lapsed holds the calls of one attempt that waited in vain, until the client comes back.
	lapsed []*draft
}

// callBreak is a place where one call was taken to end in failure and another to begin.
type callBreak struct{ closed, opened *draft }

// newInference prepares for the grouping of attempts that are in order of arrival. What h
// knows is used when drafts is called.
func newInference(attempts []*Attempt, window time.Duration, h *habits) *inference {
	i := &inference{window: window, habits: h, attempts: attempts, bodies: map[string]*bodyStory{}}
	for _, a := range attempts {
		story := i.bodies[a.BodyDigest]
		if story == nil {
			story = &bodyStory{}
			i.bodies[a.BodyDigest] = story
		}
		story.attempts = append(story.attempts, a)
		story.counted = story.counted || countedAlone(a)
	}
	for _, story := range i.bodies {
		story.success, story.failure = gapsByOutcome(story.attempts)
	}
	return i
}

// countedAlone reports whether a, which no identifier groups, came with a counter.
func countedAlone(a *Attempt) bool {
	return a.CallIDHeader != "" && a.Counter != NoCounter
}

// drafts returns the calls.
func (i *inference) drafts() []*draft {
	for _, story := range i.bodies {
		story.learn(i.habits)
	}
	for _, a := range i.attempts {
		i.expire(a.Received)
		i.place(a, i.bodies[a.BodyDigest])
	}
	for _, story := range i.bodies {
		story.doubtBreaks()
		story.doubtShapes(i.habits)
	}
	return i.made
}

// learn finds the rhythm of the fingerprint. Where too little was seen of it, a client that comes back to
// others is taken to come back to it like to them.
func (s *bodyStory) learn(h *habits) {
	s.rhythm = learnRhythm(s.success)
	if !s.rhythm.known && !h.content() {
		s.rhythm = h.rhythm()
	}
	s.polled = s.rhythm.explains(s.failure)
}

// expire closes the calls whose wait for another attempt is over.
func (i *inference) expire(now time.Duration) {
	i.open = slices.DeleteFunc(i.open, func(d *draft) bool {
		if now <= d.until {
			return false
		}
		if len(d.attempts) == 1 {
			story := i.bodies[d.first().BodyDigest]
			story.lapsed = append(story.lapsed, d)
		}
		return true
	})
}

// place decides which call a belongs to.
func (i *inference) place(a *Attempt, story *bodyStory) {
	candidates := i.candidates(a)
	if d := repeatedByTransport(candidates, a); d != nil {
		i.attach(d, a)
		return
	}
	switch {
	case story.counted:
		i.placeCounted(a, story)
	case len(candidates) == 0:
		story.doubtLapsed(i.begin(a, story))
	case story.polled:
		i.begin(a, story)
	case len(candidates) == 1 && story.rhythm.covers(a.Received-candidates[0].last().Answered):
		i.close(candidates[0])
		story.breaks = append(story.breaks, callBreak{closed: candidates[0], opened: i.begin(a, story)})
	default:
		i.attachOldest(candidates, a)
	}
}

// candidates returns the calls that a could go on with: the last answer failed and was handed over before
// a came. A body that is missing now and was there before was lost, unless the
// client also begins calls without one.
func (i *inference) candidates(a *Attempt) []*draft {
	var same, lost []*draft
	for _, d := range i.open {
		if !d.last().Failed() || d.last().Answered > a.Received {
			continue
		}
		switch {
		case a.BodyDigest == d.last().BodyDigest || a.BodyDigest == d.first().BodyDigest:
			same = append(same, d)
		case a.BodyDigest == "":
			lost = append(lost, d)
		}
	}
	if len(same) == 0 && !i.bodies[a.BodyDigest].opened {
		return lost
	}
	return same
}

func repeatedByTransport(candidates []*draft, a *Attempt) *draft {
	at := slices.IndexFunc(candidates, func(d *draft) bool { return transportRepeat(d.last(), a) })
	if at < 0 {
		return nil
	}
	return candidates[at]
}

// placeCounted goes by a counter that came without an identifier: 0 or none opens a call, n goes
// on with the oldest that has counted to n - 1.
func (i *inference) placeCounted(a *Attempt, story *bodyStory) {
	n := counterOf(a)
	if n == 0 {
		i.begin(a, story)
		return
	}
	before := slices.DeleteFunc(slices.Clone(i.open), func(d *draft) bool {
		return d.last().BodyDigest != a.BodyDigest || counterOf(d.last()) != n-1
	})
	if len(before) == 0 {
		// What came before was not seen.
		opened := i.begin(a, story)
		opened.grouping = GroupingAmbiguous
		story.doubtLapsed(opened)
		return
	}
	i.attachOldest(before, a)
}

func counterOf(a *Attempt) int {
	if !countedAlone(a) {
		return 0
	}
	return a.Counter
}

// begin opens a call with a.
func (i *inference) begin(a *Attempt, story *bodyStory) *draft {
	d := &draft{grouping: GroupingInferred}
	if story.polled {
		d.grouping, d.polling = GroupingAmbiguous, true
	}
	story.opened = true
	story.calls = append(story.calls, d)
	i.made = append(i.made, d)
	i.open = append(i.open, d)
	i.attach(d, a)
	return d
}

// attachOldest gives a to the candidate whose answer is the oldest. When there are several, it could belong to each.
func (i *inference) attachOldest(candidates []*draft, a *Attempt) {
	oldest := candidates[0]
	for _, d := range candidates {
		if d.last().Answered < oldest.last().Answered {
			oldest = d
		}
		if len(candidates) > 1 {
			d.grouping = GroupingAmbiguous
		}
	}
	i.attach(oldest, a)
}

// attach makes a the last attempt of d, which closes unless a failed. What is polled can only
// go on by a transport repeat.
func (i *inference) attach(d *draft, a *Attempt) {
	d.attempts = append(d.attempts, a)
	if !a.Failed() || d.polling && a.End != EndBroken {
		i.close(d)
		return
	}
	d.until = a.Answered + d.patience(i.window, waitSlack)
}

func (i *inference) close(d *draft) {
	i.open = slices.DeleteFunc(i.open, func(other *draft) bool { return other == d })
}
