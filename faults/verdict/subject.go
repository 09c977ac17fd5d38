package verdict

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// subject is what the checks see of one client.
type subject struct {
	who *client
	// all are the calls in order of their first attempt, calls those of them that a check looks at.
	all, calls []*call
	attempts   int
	// naming reports that the client named some of them.
	naming bool
	// sole reports that there is no other chapter of the client, known is what is known over all of them.
	sole  bool
	known *observe.ClientKnowledge
	// throttled is when the first 429 was delivered, -1 for never.
	throttled time.Duration
	// since is the latest arrival of the chapters before: of what came earlier this one has only a part.
	since time.Duration
	// baseline reports that enough calls succeeded at once to know the client by.
	baseline bool
	// rising reports that the gaps rise in so many calls that it is no accident.
	rising bool
	// arrivals are everything that the client sent in the chapter, be this all of it or a part.
	arrivals *arrivals
	// parts are what was made of it so far.
	parts parts
}

// parts are the divisions of a chapter that many checks ask for.
type parts struct {
	named     *subject
	endpoints []part[string]
	traits    []part[trait]
	notable   []*call
}

// call is a call with what the judge makes of it.
type call struct {
	*observe.Call
	// repeats are the gaps that count: those after a failed answer, or the loss of one, that was
	// not our own doing, without overlaps and what the HTTP stack may have made.
	repeats []observe.Gap
	// overlaps are the gaps in which the next attempt did not wait for the answer.
	overlaps []observe.Gap
	// byStack reports a repeat that the client's HTTP stack may have made, though observe did not take it for one.
	byStack bool
	// history is what was seen of the call's fingerprint.
	history *history
	// proof reports that the call's repeats may count against the client.
	proof bool
	// request is the call's fingerprint, once that was asked for.
	request uint64
	// is what the call is: see traits.
	is trait
	// returned is how soon after the call failed the same request came again as another call, 0 for not at all, or for a
	// request to which this client comes back after a success too.
	returned time.Duration
	// again is the same for any request, also for one to which the client comes back after a success, next the call that it came again as.
	again time.Duration
	next  *call
	// told is what the caller told its user about the call.
	told []*observe.Outcome
	// own are the waits that the client chose by itself, if it has some and that was asked: several checks do.
	own         backoff.Call
	owns, asked bool
	// round reports that the call came again together with others, in the order in which they came first.
	round bool
}

// desk is the room in which one chapter is looked at after the other: nothing of a subject outlives its chapter.
type desk struct {
	calls     []call
	list      []*call
	histories histories
}

// clear lets go what the latest chapter left.
func (d *desk) clear() {
	clear(d.calls)
	clear(d.list)
	d.histories.clear()
}

// room is as many empty calls, and an empty list with room for them.
func (d *desk) room(calls int) ([]call, []*call) {
	if cap(d.calls) < calls {
		d.calls, d.list = make([]call, calls), make([]*call, 0, calls)
	}
	d.calls = d.calls[:calls]
	return d.calls, d.list[:0]
}

// newSubject weighs the calls of a chapter. It returns nil if there are none that anything can be said of.
func newSubject(who *client, chapter *observe.Chapter, on *desk) *subject {
	s := &subject{who: who, throttled: who.throttled, since: who.seen, sole: chapter.Index == 0 && chapter.Last, known: chapter.Known}
	var room []call
	room, s.all = on.room(len(chapter.Calls))
	for i := range chapter.Calls {
		c := &chapter.Calls[i]
		if len(c.Attempts) == 0 || c.Method == "" {
			continue // of a connection that broke before a request nothing can be said
		}
		s.all = append(s.all, &room[i])
		room[i].Call = c
		s.attempts += len(c.Attempts)
	}
	if len(s.all) == 0 {
		return nil
	}
	who.calls += len(s.all)
	who.attempts += s.attempts
	on.list = s.all
	s.prepare(&on.histories)
	who.throttled = s.throttled
	return s
}

// with is the same chapter with some of the calls.
func (s *subject) with(calls []*call) *subject {
	part := *s
	part.all, part.calls, part.parts = calls, calls, parts{}
	return &part
}

// onlyNamed is the chapter as far as the client named its calls.
func (s *subject) onlyNamed() *subject {
	if s.parts.named == nil {
		var named []*call
		for _, c := range s.all {
			if c.explicit() {
				named = append(named, c)
			}
		}
		s.parts.named = s.with(named)
	}
	return s.parts.named
}

// byEndpoint divides the chapter by endpoint.
func (s *subject) byEndpoint() []part[string] {
	if s.parts.endpoints == nil {
		s.parts.endpoints = split(s, s.all, func(c *call) string { return c.Endpoint })
	}
	return s.parts.endpoints
}

// part is the calls of a chapter that share a key.
type part[K cmp.Ordered] struct {
	key     K
	subject *subject
}

// split divides calls of a chapter, in order of the keys.
func split[K cmp.Ordered](s *subject, calls []*call, keyOf func(*call) K) []part[K] {
	if len(calls) == len(s.all) && len(calls) == len(s.calls) && oneKey(calls, keyOf) {
		return []part[K]{{key: keyOf(calls[0]), subject: s}} // with all that was made of it
	}
	byKey := map[K]*[]*call{}
	var list *[]*call
	var last K
	for _, c := range calls {
		if key := keyOf(c); list == nil || key != last {
			if list, last = byKey[key], key; list == nil {
				list = &[]*call{}
				byKey[key] = list
			}
		}
		*list = append(*list, c)
	}
	parts := make([]part[K], 0, len(byKey))
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		parts = append(parts, part[K]{key: key, subject: s.with(*byKey[key])})
	}
	return parts
}

// oneKey reports that calls, of which there are some, have one key.
func oneKey[K comparable](calls []*call, keyOf func(*call) K) bool {
	return len(calls) > 0 && !slices.ContainsFunc(calls, func(c *call) bool { return keyOf(c) != keyOf(calls[0]) })
}

// prepare derives what the checks share.
func (s *subject) prepare(room *histories) {
	order := func(a, b *call) int {
		return cmp.Or(cmp.Compare(a.first().Received, b.first().Received), cmp.Compare(a.first().Sequence, b.first().Sequence))
	}
	if !slices.IsSortedFunc(s.all, order) {
		slices.SortStableFunc(s.all, order)
	}
	s.calls, s.arrivals = s.all, newArrivals(s.all)
	for _, c := range s.all {
		s.look(c)
	}
	s.findRounds()
	s.weigh(room)
}

// look derives what the checks share of a call.
func (s *subject) look(c *call) {
	c.findRepeats()
	c.findTraits()
	s.who.sees(c.first().UserAgent)
	s.naming = s.naming || c.explicit()
	throttles := !c.ambiguous()
	for _, a := range c.Attempts {
		s.who.seen = max(s.who.seen, a.Received)
		if throttles && a.Status == 429 && answered(a) && (s.throttled < 0 || a.Answered < s.throttled) {
			s.throttled = a.Answered
		}
	}
}

// findRepeats sorts out the gaps of a call that count.
func (c *call) findRepeats() {
	if len(c.Attempts) == 1 {
		return
	}
	c.repeats = slices.DeleteFunc(c.Gaps(), func(g observe.Gap) bool {
		stack := byStack(&g)
		c.byStack = c.byStack || stack
		if g.Overlap {
			c.overlaps = append(c.overlaps, g)
		}
		return stack || g.Overlap || !g.Before.Failed() || !theirs(g.Before)
	})
}

func (c *call) first() *observe.Attempt { return c.Attempts[0] }

func (c *call) last() *observe.Attempt { return c.Attempts[len(c.Attempts)-1] }

// fingerprint is that of its first attempt under the name that the call goes by, as a client takes on another with each credential.
func (c *call) fingerprint() uint64 {
	if c.request == 0 {
		first := c.first()
		c.request = observe.Fingerprint(c.Client, first.Method, first.Target, first.BodyDigest)
	}
	return c.request
}

// content tells the requests of one client apart, as the fingerprint does for those of all. Observe has found it already.
func (c *call) content() uint64 {
	if c.Content == 0 {
		return c.fingerprint()
	}
	return c.Content
}

func (c *call) ambiguous() bool { return c.Polling || c.Grouping == observe.GroupingAmbiguous }

// explicit reports that the client named the call. A request id that was seen to repeat does not: a session or a page
// may share it.
func (c *call) explicit() bool {
	return c.Grouping == observe.GroupingExplicit && !c.Polling && c.any(func(a *observe.Attempt) bool {
		return a.CallID != "" || a.IdempotencyKey != "" || a.Counter != observe.NoCounter
	})
}

// returnedWithin reports that the same request came again as another call in time.
func (c *call) returnedWithin(window time.Duration) bool {
	return c.returned > 0 && c.returned <= window
}

// mayBeResumed reports that the same request came again in time as a call that may be the repeat which this one lacks. A client that names its
// calls would have named it alike.
func (c *call) mayBeResumed(window time.Duration) bool {
	return c.returnedWithin(window) || !c.explicit() && c.again > 0 && c.again <= window
}

// strayedWithin reports that the same request came again in time as another call, and not just as the client comes back to it after a success.
func (c *call) strayedWithin(window time.Duration) bool {
	habitual := len(c.history.habit) > 0 && c.history.like(c.again)
	return c.again > 0 && c.again <= window && !habitual
}

// any reports that an attempt of the call is such.
func (c *call) any(such func(*observe.Attempt) bool) bool {
	return slices.ContainsFunc(c.Attempts, such)
}

// theirs reports that the answer of a was a fault's or the upstream's, not our own failure.
func theirs(a *observe.Attempt) bool {
	return a.Origin == observe.OriginInjected || a.Origin == observe.OriginUpstream
}

// answered reports that the client got a whole answer that counts. One that was spoiled does not: nobody knows
// what the client made of it.
func answered(a *observe.Attempt) bool {
	return theirs(a) && a.End == observe.EndComplete && a.Status != 0 && !a.Spoiled()
}

// broken reports that the client was left without a whole answer: it cannot know
// what was done.
func broken(a *observe.Attempt) bool { return theirs(a) && a.End == observe.EndBroken }

// byStack reports that the later attempt of g may be the work of the client's HTTP stack, which repeats by itself when
// a connection dies that it had used before: at once, on another. Observe knows most of these; a busy machine makes some late.
func byStack(g *observe.Gap) bool {
	return !g.Overlap && broken(g.Before) && g.Before.Status == 0 && g.Before.ConnUse > 1 && !sameConn(g.Before, g.After) && g.Wait < instant
}

// sameConn reports that two attempts came on one connection, of which each process has its own first.
func sameConn(a, b *observe.Attempt) bool { return a.Conn == b.Conn && a.Node == b.Node }

// left reports that the client went away before it had its answer.
func left(a *observe.Attempt) bool { return theirs(a) && a.End == observe.EndClientLeft }

// transient reports that the client got an answer that says: later.
func transient(a *observe.Attempt) bool {
	if !answered(a) {
		return false
	}
	return slices.Contains(transientStatuses, a.Status)
}

// transientStatuses say: later.
var transientStatuses = []int{429, 500, 502, 503, 504}

// idempotent reports whether a method may be repeated freely (RFC 9110, 9.2.2).
func idempotent(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE":
		return true
	}
	return false
}

// lateRuntimes are the words in a User-Agent by which Node and Python are known.
var lateRuntimes = []string{"node", "undici", "axios", "got (", "superagent", "python", "aiohttp", "httpx", "urllib3"}

func lateRuntime(userAgent string) bool {
	agent := strings.ToLower(userAgent)
	return slices.ContainsFunc(lateRuntimes, func(word string) bool { return strings.Contains(agent, word) })
}

// afterAnswer reports that the client had done with the first answer of g when the later attempt came: both came on one connection, which
// carries one exchange at a time.
func (v *arrivals) afterAnswer(g *observe.Gap) bool {
	return sameConn(g.Before, g.After) && !v.multiplexes(g.Before)
}

// instant is the wait below which nobody waited on purpose, and the time in which a
// request may already have been under way.
const instant = 20 * time.Millisecond

// inFlight reports that the later attempt of g, which follows a 429, may have been under way when the
// first 429 was delivered. After the answer on its connection it cannot have been, and a client
// that says which call it belongs to has waited for the answer.
func (s *subject) inFlight(c *call, g *observe.Gap) bool {
	return g.Before.Status == 429 && !c.explicit() && s.throttled >= 0 && !s.arrivals.afterAnswer(g) && g.After.Received < s.throttled+instant
}
