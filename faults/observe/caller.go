package observe

import (
	"slices"
	"time"
)

// caller is a client in the second pass.
type caller struct {
	name   string
	window time.Duration
	// known is what is known of the client, nil for nothing; lost holds the requests of which too little is.
	known *ClientKnowledge
	lost  *filter
	// believed reports that request ids may name calls.
	believed bool
	routes   map[uint64]*inference
	// named holds the calls with an identifier, or with a request id on a fingerprint, that can go on.
	named map[uint64]*draft
	// drafts are the calls that were not handed over, in the order in which they began.
	drafts []*draft
	// singles are those that were over at once, begun counts all calls.
	singles []single
	begun   uint64

	pages    pages
	spares   *spares
	buffered int
	chapters int
	// emptied holds the routes on which a call began without a body, among others with one.
	emptied map[uint64]struct{}
	// torn holds until when a call with an identifier may be the rest of one that was let go, tornUntil the same of all calls.
	torn      map[uint64]struct{}
	tornUntil time.Duration
}

// maxTorn bounds what is remembered of calls that were let go before their end.
const maxTorn = 1 << 14

func newCaller(name string, o Options, s *spares) *caller {
	c := &caller{
		spares: s,
		name:   name, window: o.Window, known: o.Known.Client(name),
		routes: map[uint64]*inference{}, named: map[uint64]*draft{},
	}
	if c.known != nil {
		c.believed = c.known.study.ids.believed()
		c.lost = &o.Known.lost
	}
	return c
}

// take places an attempt in order of arrival.
func (c *caller) take(a *Attempt, late bool) {
	if late {
		c.begin(a, GroupingAmbiguous, contentOf(routeOf(a), a.BodyDigest)).close()
		return
	}
	if name, ok := nameOf(a); ok {
		c.takeNamed(name, a, GroupingExplicit)
		return
	}
	route := routeOf(a)
	content := contentOf(route, a.BodyDigest)
	r := c.known.of().request(content)
	if id, ok := requestIDOf(a, content); ok && c.believed && r != nil && r.course != nil && r.course.repeated {
		c.takeNamed(id.on, a, GroupingInferred)
		return
	}
	i := c.routes[route]
	if i == nil && c.alone(a, content, r) {
		c.beginSingle(a, content)
		return
	}
	if i == nil {
		i = c.spares.inference()
		i.caller, i.route, i.reads = c, route, a.Method == "GET"
		c.routes[route] = i
	}
	i.place(a, i.story(a.BodyDigest, content, r))
}

// alone reports that a succeeded and is the only attempt for what it asks, as far as the first pass can tell, on a route where nothing is
// under way: then nothing can go on with it, and it goes on with nothing.
func (c *caller) alone(a *Attempt, content uint64, r *request) bool {
	known := c.known.of()
	if known == nil || known.readsBodied || a.Method != "GET" || a.BodyDigest != "" || !a.Succeeded() {
		return false
	}
	if r == nil {
		return !c.isLost(content)
	}
	return r.course == nil && !r.only.late && !r.only.counted
}

// isLost reports that something was known of a request that is not known any more.
func (c *caller) isLost(content uint64) bool {
	return slices.ContainsFunc(c.known.of().keys, func(key uint64) bool { return c.lost.has(mix(key, content)) })
}

// begin opens a call with a, for what content hashes.
func (c *caller) begin(a *Attempt, grouping Grouping, content uint64) *draft {
	d := c.spares.draft()
	c.begun++
	d.grouping, d.content, d.begun, d.struck = grouping, content, c.begun, true
	c.drafts = append(c.drafts, d)
	d.add(a, 1, c.window)
	if c.tornAt(a) {
		d.grouping = GroupingAmbiguous
	}
	return d
}

// tornAt reports that a may be the rest of any call that was let go before its end.
func (c *caller) tornAt(a *Attempt) bool { return c.tornUntil != 0 && a.Received <= c.tornUntil }

// takeNamed places an attempt with an identifier.
func (c *caller) takeNamed(name uint64, a *Attempt, grouping Grouping) {
	if d := c.named[name]; d != nil && !c.startsOver(d, a) {
		if d.hedgedBy(a) {
			d.hedges = append(d.hedges, a.Sequence)
		}
		d.add(a, 1, c.window)
		return
	}
	d := c.begin(a, grouping, contentOf(routeOf(a), a.BodyDigest))
	d.name = name
	if _, ok := c.torn[name]; ok || c.known == nil && grouping != GroupingExplicit {
		d.grouping = GroupingAmbiguous
	}
	if before := c.named[name]; before != nil && a.Received > before.until && a.Received <= before.until+maxLearned {
		before.grouping, d.grouping = GroupingAmbiguous, GroupingAmbiguous
	}
	c.named[name] = d
}

// startsOver reports that a, which has the request id or trace id of d, is of another call: the wait for it is over, or d had as many attempts as the client
// makes. Such an id may be that of a page or a job, which may ask for the same again hours later; an identifier that names a call may not.
func (c *caller) startsOver(d *draft, a *Attempt) bool {
	if _, named := nameOf(a); named || !d.last().Failed() {
		return false
	}
	limit := c.known.Cap(d.last().Status)
	return a.Received > d.until || limit > 0 && len(d.attempts) >= limit && a.Received >= d.last().Answered
}
