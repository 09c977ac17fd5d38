package observe

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// opensEmpty reports that a call began without a body on a route where others have one, or may have.
func (i *inference) opensEmpty() bool {
	if i.others == nil {
		return i.first.body == "" && i.first.opened && !i.reads
	}
	for s := range i.stories() {
		if s.body == "" && s.opened {
			return true
		}
	}
	return false
}

// makeRoom hands over calls of the clients with most until a quarter of the room is free. What can still go on is let go only
// if that does not help.
func (g *Grouper) makeRoom() {
	aim := (g.options.Room-2*g.intake.window)*3/4 - 1
	bySize := make([]*caller, 0, len(g.callers))
	for _, c := range g.callers {
		bySize = append(bySize, c)
	}
	slices.SortFunc(bySize, func(a, b *caller) int {
		return cmp.Or(cmp.Compare(b.buffered, a.buffered), strings.Compare(a.name, b.name))
	})
	for _, c := range bySize {
		if g.buffered <= aim {
			return
		}
		g.hand(c, c.cut(g.now), false)
	}
	half := g.options.Room / 2
	for _, c := range bySize {
		if g.buffered <= half {
			return
		}
		torn := c.tear(g.buffered-half, g.now)
		g.intake.counts.Torn += uint64(len(torn))
		g.hand(c, torn, false)
	}
}

// hand hands over calls and the singles, with whether they are censored.
func (g *Grouper) hand(c *caller, drafts []*draft, last bool, ended ...bool) {
	if len(drafts)+len(c.singles) == 0 && !last {
		return
	}
	sortDrafts(drafts)
	chapter := g.chapter(c, drafts, len(ended) > 0 && ended[0])
	chapter.Last = last
	if c.singles = nil; last {
		c.drafts = nil
	}
	chapter.pages = c.turn()
	c.chapters++
	if g.options.Chapter != nil {
		g.options.Chapter(chapter)
	}
}

// chapter makes a chapter of drafts, which are in order, and the singles. Over says that no call is censored.
func (g *Grouper) chapter(c *caller, drafts []*draft, over bool) *Chapter {
	singles, attempts := c.singles, len(c.singles)
	for _, d := range drafts {
		attempts += len(d.attempts)
	}
	calls, room := g.rooms.blank(len(drafts)+len(singles), attempts)
	chapter := &Chapter{Client: c.name, Index: c.chapters, Known: c.known, Calls: calls, rooms: &g.rooms, attempts: room}
	for i := range calls {
		calls[i].Client = c.name
		if len(singles) > 0 && (len(drafts) == 0 || singles[0].before(drafts[0])) {
			singles[0].call(&calls[i], &room)
			singles = singles[1:]
			continue
		}
		g.finish(c, drafts[0], &calls[i], &room)
		calls[i].Censored = calls[i].Censored && !over
		drafts = drafts[1:]
	}
	nameCalls(calls)
	c.buffered -= attempts
	g.buffered -= attempts
	return chapter
}

// finish makes the finished call of a draft, which nobody needs any more.
func (g *Grouper) finish(c *caller, d *draft, call *Call, room *[]*Attempt) {
	c.finish(d)
	d.call(call, room)
	call.Censored = d.torn || d.censored(g.end)
	c.spares.drop(d)
}

// sortDrafts puts calls in order of their first attempt, in which most of them are.
func sortDrafts(drafts []*draft) {
	order := func(a, b *draft) int { return compareAttempts(a.first(), b.first()) }
	if !slices.IsSortedFunc(drafts, order) {
		slices.SortStableFunc(drafts, order)
	}
}

// closeCaller hands over the last chapter of a client.
func (g *Grouper) closeCaller(c *caller, ended bool) {
	for _, i := range c.routes {
		for story := range i.stories() {
			i.resolve(story)
			story.doubtBreaks()
		}
	}
	g.hand(c, c.drafts, true, ended)
}

// cut takes out the calls of which everything is known by now.
func (c *caller) cut(now time.Duration) []*draft {
	for _, i := range c.routes {
		for story := range i.stories() {
			if i.due(now, story) {
				i.resolve(story)
			}
		}
	}
	for _, d := range c.drafts {
		if d.story != nil && !d.closed && now > d.until && len(d.story.pending) == 0 {
			d.story.expire(now)
		}
	}
	c.forget(now)
	return c.split(func(d *draft) bool { return c.settled(d, now) })
}

// split takes out the calls that are done.
func (c *caller) split(done func(*draft) bool) []*draft {
	var out []*draft
	kept := c.drafts[:0]
	for _, d := range c.drafts {
		if !done(d) {
			kept = append(kept, d)
			continue
		}
		out = append(out, d)
		if d.name != 0 && c.named[d.name] == d {
			delete(c.named, d.name)
		}
	}
	clear(c.drafts[len(kept):])
	c.drafts = kept
	return out
}

// settled reports that nothing that comes now can change what is said of a call.
func (c *caller) settled(d *draft, now time.Duration) bool {
	over := !d.last().Failed() || now > d.quiet
	switch {
	case d.story != nil:
		return d.closed && over && d.breaks == 0 && !d.lapsed
	case d.name != 0:
		return over && c.lastNamed(d.name) < now
	}
	return true
}

// lastNamed is when a call with an identifier that came again late was seen last. Of a client of which there were more than are remembered
// any may come again as long as it is seen.
func (c *caller) lastNamed(name uint64) time.Duration {
	known := c.known.of()
	if known == nil {
		return -1
	}
	at, ok := known.returning[name]
	switch {
	case ok:
		return at
	case known.everReturning:
		return known.end
	}
	return -1
}

// forget lets go what no later attempt can need: returns that did not come, and routes where nothing is open.
func (c *caller) forget(now time.Duration) {
	for route, i := range c.routes {
		needed := i.tornUntil != 0 && i.tornUntil >= now
		for story := range i.stories() {
			story.forget(now)
			needed = needed || story.busy(now) || len(story.lapsed) > 0 || len(story.breaks) > 0
		}
		if needed {
			continue
		}
		if i.opensEmpty() {
			c.beginsEmpty(route)
		}
		delete(c.routes, route)
		i.forgotten = true
		c.spares.leave(i)
	}
}

// busy reports that something of the request is under way or waits.
func (s *bodyStory) busy(now time.Duration) bool {
	return len(s.open) > 0 || len(s.pending) > 0 || slices.ContainsFunc(s.flying, func(answered time.Duration) bool { return answered > now })
}

// forget lets go the calls to which the client cannot come back any more.
func (s *bodyStory) forget(now time.Duration) {
	s.lapsed = slices.DeleteFunc(s.lapsed, func(d *draft) bool {
		d.lapsed = now <= d.until+maxLearned && s.comesLater(now)
		return !d.lapsed
	})
}

// comesLater reports that the request may come again after now.
func (s *bodyStory) comesLater(now time.Duration) bool {
	return s.print == nil || s.print.all.last.received >= now
}

// tear lets go at least so many attempts, of the oldest calls first, and marks what that may harm.
func (c *caller) tear(attempts int, now time.Duration) []*draft {
	for _, i := range c.routes {
		i.resolveInDoubt(now)
	}
	sortDrafts(c.drafts)
	return c.split(func(d *draft) bool {
		if attempts <= 0 {
			return false
		}
		attempts -= len(d.attempts)
		c.rip(d, now)
		return true
	})
}

// rip lets go one call.
func (c *caller) rip(d *draft, now time.Duration) {
	d.torn, d.grouping = true, GroupingAmbiguous
	switch {
	case d.story != nil:
		d.route.rip(d, now)
	case d.name == 0:
	case len(c.torn) < maxTorn:
		if c.torn == nil {
			c.torn = map[uint64]struct{}{}
		}
		c.torn[d.name] = struct{}{}
	default:
		c.tornUntil = max(c.tornUntil, d.quiet+maxLearned)
	}
}

// rip marks what may go on with a call that is let go: its like, whether their body was lost or not, for as long as a call that
// is open now could throw doubt on another.
func (i *inference) rip(d *draft, now time.Duration) {
	s := d.story
	s.shut(d)
	s.lapsed = slices.DeleteFunc(s.lapsed, func(other *draft) bool { return other == d })
	if d.breaks > 0 {
		s.tearBreaks()
		s.doubtsBreaks = true
	}
	i.tornUntil = max(i.tornUntil, d.until+maxLearned, now+1)
	for story := range i.stories() {
		for _, other := range story.open {
			other.grouping = GroupingAmbiguous
			i.tornUntil = max(i.tornUntil, other.until+maxLearned)
		}
	}
}
