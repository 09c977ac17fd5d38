package observe

import (
	"cmp"
	"iter"
	"slices"
	"time"
)

// inference groups the attempts of one route by what they ask for and by time. It is
// conservative: where an attempt could belong to more than one call, all of them are ambiguous.
type inference struct {
	caller *caller
	route  uint64
	// reads reports that the requests are made without a body as a rule.
	reads bool
	// first is the story of the body that came first, in room, others those of the others.
	first  *bodyStory
	room   bodyStory
	others map[string]*bodyStory
	// drafts counts those that refer to it, forgotten reports that the next of the route begins another.
	drafts    int
	forgotten bool
	// tornUntil is until when a call may be the rest of one that was let go.
	tornUntil time.Duration
}

// bodyStory is what is known of the attempts of a route that have one body: of one fingerprint.
type bodyStory struct {
	body    string
	content uint64
	// print is what the first pass learned, nil for nothing.
	print  *imprint
	rhythm rhythm
	// rate is how often the request comes of its own accord, per second, habit how long after a success, nil for not known.
	rate  float64
	habit *density
	// polled reports that the client comes back after a failure just as after a success, doubted that too little is known of
	// the request for anything to be certain.
	polled, doubted bool
	// crossing reports that calls cross so that they look like polling: only one that keeps to its Retry-After is certain.
	crossing bool
	// open holds the calls that can still go on, in the order of their first attempt; sole is the room for one of them.
	open []*draft
	sole [1]*draft
	// opened reports that a call began with this body.
	opened bool
	breaks []callBreak
	// pending holds attempts that came while several calls waited, until it is seen what fits best.
	pending []*Attempt
	// flying holds when the attempts under way were answered, as far as they may have hedges; alone is the room for one of them.
	flying []time.Duration
	alone  [1]time.Duration
	// longest is the most attempts that a call had.
	longest int
	// lapsed holds the calls of one attempt that waited in vain, until the client comes back.
	lapsed []*draft
	// doubtsBreaks reports that the cap can no longer explain them.
	doubtsBreaks bool
}

// callBreak is a place where one call was taken to end in failure and another to begin.
type callBreak struct{ closed, opened *draft }

// story finds or makes the story of a body.
func (i *inference) story(body string, content uint64, r *request) *bodyStory {
	if i.first != nil && i.first.body == body {
		return i.first
	}
	if story := i.others[body]; story != nil {
		return story
	}
	if i.first == nil {
		i.room.body, i.room.content, i.room.print = body, content, i.caller.known.of().imprint(r)
		i.room.learn(i.caller)
		i.first = &i.room
		return i.first
	}
	story := &bodyStory{body: body, content: content, print: i.caller.known.of().imprint(r)}
	story.learn(i.caller)
	if i.others == nil {
		i.others = map[string]*bodyStory{}
	}
	i.others[body] = story
	return story
}

// learn takes up what the first pass found.
func (s *bodyStory) learn(c *caller) {
	known := c.known.of()
	if known == nil {
		s.doubted = true
		return
	}
	s.rhythm = known.rhythmOf(s.print)
	s.rate = known.arrivals(s.print)
	if s.print == nil {
		s.doubted = c.isLost(s.content)
		return
	}
	s.doubted = s.print.late
	if s.rhythm.known {
		s.habit = logDensity(s.print.rest(c.believed).success.gaps)
	}
	s.polled = s.rhythm.explains(s.print.rest(c.believed).failure.gaps)
	if s.polled && s.print.crowded && known.content() && known.telling() {
		// Calls that cross look like polling. By the client's law they can be counted, but little more is certain of them.
		s.polled, s.crossing = false, true
	}
}

// counted reports that some attempt came with a counter alone, so that one without opens a call.
func (s *bodyStory) counted() bool { return s.print != nil && s.print.counted }

// countedAlone reports whether a, which no identifier groups, came with a counter.
func countedAlone(a *Attempt) bool {
	return a.CallIDHeader != "" && a.Counter != NoCounter
}

// expire closes the calls whose wait for another attempt is over.
func (s *bodyStory) expire(now time.Duration) {
	open := s.open[:0]
	for _, d := range s.open {
		if now <= d.until {
			open = append(open, d)
			continue
		}
		d.close()
		if len(d.attempts) == 1 {
			d.lapsed = true
			s.lapsed = append(s.lapsed, d)
		}
	}
	clear(s.open[len(open):])
	s.open = open
}

// place decides which call a belongs to.
func (i *inference) place(a *Attempt, story *bodyStory) {
	if i.defers(a, story) {
		return
	}
	story.expire(a.Received)
	candidates := i.candidates(a, story)
	if d := repeatedByTransport(candidates, a); d != nil {
		i.attach(d, a, 1)
		return
	}
	switch {
	case story.counted():
		i.placeCounted(a, story)
	case len(candidates) == 0:
		i.doubtLapsed(story, i.begin(a, story))
	case story.polled:
		i.begin(a, story)
	case len(candidates) > 1 && !i.mayLose(a) && i.caller.known.of().telling():
		story.pending = append(story.pending, a)
	case len(candidates) == 1 && story.rhythm.covers(a.Received-candidates[0].last().Answered):
		story.breakAt(candidates[0], i.begin(a, story))
	case len(candidates) == 1 && i.crosses(candidates[0], a):
		candidates[0].grouping = GroupingAmbiguous
		i.begin(a, story).grouping = GroupingAmbiguous
	default:
		i.attachOldest(candidates, a)
	}
}

// crosses reports that a comes so early that it is hardly the next of d, but rather a call that crosses it, as calls for the same
// were seen to.
func (i *inference) crosses(d *draft, a *Attempt) bool {
	if d.story.print == nil || !d.story.print.crowded {
		return false
	}
	after := flightOf(d.last())
	return i.caller.known.of().tooEarly(len(d.attempts), &after, a.Received-after.answered)
}

// candidates returns the calls that a could go on with: the last answer failed and was handed over before
// a came. A body that is missing now and was there before was lost, unless the
// client also begins calls without one.
func (i *inference) candidates(a *Attempt, story *bodyStory) []*draft {
	if len(story.open) == 0 && i.others == nil {
		return nil
	}
	if !i.mayLose(a) {
		return slices.DeleteFunc(slices.Clone(story.open), func(d *draft) bool { return !d.awaits(a) })
	}
	var same, lost []*draft
	for _, d := range i.openCalls(a.Received) {
		switch {
		case !d.awaits(a):
		case d.last().BodyDigest == "" || d.first().BodyDigest == "":
			same = append(same, d)
		default:
			lost = append(lost, d)
		}
	}
	if len(same) == 0 && !story.opened && !i.caller.opensEmpty(i.route) {
		return lost
	}
	return same
}

// awaits reports that a comes when the last answer of d, which failed, had been handed over.
func (d *draft) awaits(a *Attempt) bool { return d.last().Failed() && d.last().Answered <= a.Received }

// mayLose reports that a has no body on a route where others have one, so that it may have lost its own.
func (i *inference) mayLose(a *Attempt) bool { return a.BodyDigest == "" && i.others != nil }

// openCalls returns the open calls of the route, whatever their body, in order of their first attempt.
func (i *inference) openCalls(now time.Duration) []*draft {
	var open []*draft
	for story := range i.stories() {
		i.resolve(story)
		story.expire(now)
		open = append(open, story.open...)
	}
	slices.SortFunc(open, func(a, b *draft) int { return compareAttempts(a.first(), b.first()) })
	return open
}

// stories gives the stories of all bodies, in no order.
func (i *inference) stories() iter.Seq[*bodyStory] {
	return func(yield func(*bodyStory) bool) {
		if !yield(i.first) {
			return
		}
		for _, story := range i.others {
			if !yield(story) {
				return
			}
		}
	}
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
	open := story.open
	if i.mayLose(a) {
		open = i.openCalls(a.Received)
	}
	before := slices.DeleteFunc(slices.Clone(open), func(d *draft) bool {
		return d.last().BodyDigest != a.BodyDigest || counterOf(d.last()) != n-1
	})
	if len(before) == 0 {
		// What came before was not seen.
		opened := i.begin(a, story)
		opened.grouping = GroupingAmbiguous
		i.doubtLapsed(story, opened)
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
	d := i.caller.begin(a, GroupingInferred, story.content)
	d.route, d.story = i, story
	i.drafts++
	if story.polled {
		d.grouping, d.polling = GroupingAmbiguous, true
	}
	if story.doubted || i.tornUntil != 0 && a.Received <= i.tornUntil {
		d.grouping = GroupingAmbiguous
	}
	story.opened = true
	if story.flies(a) {
		d.hedges = append(d.hedges, a.Sequence)
	}
	if story.open == nil {
		story.open = story.sole[:0]
	}
	story.open = append(story.open, d)
	i.settle(d, a)
	return d
}

// attachOldest gives a to the candidate whose answer is the oldest. When there are several, it could belong to each.
func (i *inference) attachOldest(candidates []*draft, a *Attempt) {
	oldest := candidates[0]
	for _, d := range candidates {
		if cmp.Less(d.last().Answered, oldest.last().Answered) {
			oldest = d
		}
		if len(candidates) > 1 {
			d.grouping = GroupingAmbiguous
		}
	}
	if countedAlone(a) {
		i.attach(oldest, a, 1)
		return
	}
	i.goOn(oldest, a)
}

// goOn makes a the next attempt of d, as far as time and the client's law can tell.
func (i *inference) goOn(d *draft, a *Attempt) {
	posterior := i.posterior(d, a, d.story)
	i.doubtful(d, posterior)
	i.attach(d, a, posterior)
}

// attach makes a the next attempt of d, with how certain that is.
func (i *inference) attach(d *draft, a *Attempt, sure float64) {
	d.story.flies(a)
	d.add(a, sure, i.caller.window)
	i.settle(d, a)
}

// settle closes d unless a, its last attempt, failed. What is polled can only go on by a transport repeat, and
// where the client is known to give up nothing more is awaited.
func (i *inference) settle(d *draft, a *Attempt) {
	if i.tornUntil != 0 && a.Received <= i.tornUntil && a.Failed() {
		// What would be said of others by this one is not known either.
		i.tornUntil = max(i.tornUntil, d.until+maxLearned)
	}
	d.story.longest = max(d.story.longest, len(d.attempts))
	switch limit := i.caller.known.Cap(a.Status); {
	case !a.Failed(), d.polling && a.End != EndBroken, limit > 0 && len(d.attempts) >= limit && d.grouping != GroupingAmbiguous:
		d.story.shut(d)
	}
}

// shut closes a call.
func (s *bodyStory) shut(d *draft) {
	d.close()
	if at := slices.Index(s.open, d); at >= 0 {
		s.open = slices.Delete(s.open, at, at+1)
	}
}
