package observe

import (
	"cmp"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// leastContent is how many more requests a client must have left alone after a success than not, before
// it is believed to come back to none.
const leastContent = 3

// study is a client in the first pass, and what was learned of it after.
type study struct {
	name string
	// key is the hash of the name, keys those of all names that it goes by.
	key  uint64
	keys []uint64
	// start is when it was seen first, succeeded when it last sent what succeeded, known by that name alone.
	start, succeeded time.Duration
	// heir counts the names that may have taken over from this one.
	heirs int
	// prints are what is known of its requests, by the hash of their content, routes whether those succeeded. Each has
	// two generations.
	prints, olderPrints map[uint64]*imprint
	routes, olderRoutes map[uint64]bool
	// left counts the routes that it left alone after the first success, less those to which it came back.
	left int
	ids  requestIDs
	// returning holds when calls with an identifier that came again after they seemed to be over were seen last.
	returning map[uint64]time.Duration
	// everReturning reports that there were too many of them, named counts all calls with an identifier.
	everReturning bool
	named         int
	// overlaps reports that it had two requests under way at a time, end is its latest answer.
	overlaps bool
	end      time.Duration
	attempts uint64
	// forgotten sums up requests that are not among prints any more.
	forgotten, total tally
	// rhythm is how the client comes back to anything.
	rhythm rhythm
	caps   caps
	law    law
}

// tally sums up requests. Each pair is of reads and writes.
type tally struct {
	healthy, repeated, crowded int
	satisfied, returned        [2]int
	idle                       time.Duration
	returns, opens             int
}

func (t *tally) add(p *imprint) {
	t.healthy += p.healthy
	t.idle += p.idle
	t.returns += p.returns
	t.opens += p.opens
	kind := 0
	if p.writing {
		kind = 1
	}
	if p.satisfied {
		t.satisfied[kind]++
	}
	if p.returned {
		t.returned[kind]++
	}
	if p.opens > 1 {
		t.repeated++
	}
	if p.crowded {
		t.crowded++
	}
}

// content reports that the client does not come back to what has succeeded.
func (s *study) content() bool { return s != nil && s.left >= leastContent }

// print finds what is known of a request, nil for nothing.
func (s *study) print(content uint64) *imprint {
	if s == nil {
		return nil
	}
	if p := s.prints[content]; p != nil {
		return p
	}
	return s.olderPrints[content]
}

// doubling are the endpoints that do their work twice when they are asked twice, by the contract.
var doubling = func() map[string]bool {
	names := map[string]bool{}
	for _, e := range groove.Endpoints() {
		names[e.Name] = e.Repeat == groove.RepeatUnsafe
	}
	return names
}()

// writes reports whether the contract says that a repeat of a does its work twice.
func writes(a *Attempt) bool { return a.Endpoint != "" && doubling[a.Endpoint] }

// take takes in an attempt of any kind.
func (s *study) take(a *Attempt) {
	s.attempts++
	if a.Succeeded() {
		s.succeeded = max(s.succeeded, a.Received)
	}
	s.overlaps = s.overlaps || a.Received < s.end
	s.end = max(s.end, a.Received, a.Answered)
}

// finish ends the pass: the journal goes no further than to end.
func (s *study) finish(end time.Duration) {
	believed := s.ids.believed()
	var returns sample
	s.total = s.forgotten
	prints := s.ordered()
	for _, p := range prints {
		p.end(end, s)
		returns.merge(&p.rest(believed).success)
	}
	s.rhythm = learnRhythm(returns.gaps)
	s.law.fit()
	for _, p := range prints {
		if s.polls(p.imprint) {
			p.healthy = 0
		}
		s.total.add(p.imprint)
	}
}

// knownPrint is what is known of one request, the hash of the content of which is given.
type knownPrint struct {
	content uint64
	*imprint
}

// ordered lists what is known of the requests, in a fixed order.
func (s *study) ordered() []knownPrint {
	list := make([]knownPrint, 0, len(s.prints)+len(s.olderPrints))
	for _, generation := range [...]map[uint64]*imprint{s.prints, s.olderPrints} {
		for content, p := range generation {
			list = append(list, knownPrint{content, p})
		}
	}
	slices.SortFunc(list, func(a, b knownPrint) int { return cmp.Compare(a.content, b.content) })
	return list
}

// rhythmOf finds the rhythm of a request. Where too little was seen of it, a client that comes back to
// others is taken to come back to it like to them.
func (s *study) rhythmOf(p *imprint) rhythm {
	var r rhythm
	if p != nil {
		r = learnRhythm(p.rest(s.ids.believed()).success.gaps)
	}
	if !r.known && !s.content() {
		r = s.rhythm
	}
	return r
}

// polls reports that the client comes back to a request after a failure just as after a success.
func (s *study) polls(p *imprint) bool {
	failures := p.rest(s.ids.believed()).failure.gaps
	return len(failures) > 0 && s.rhythmOf(p).explains(failures)
}

// route tells whether a route is known, and whether the client came back to it. It outlives another generation.
func (s *study) route(route uint64) (came, known bool) {
	if came, known = s.routes[route]; known {
		return came, known
	}
	if came, known = s.olderRoutes[route]; known {
		delete(s.olderRoutes, route)
		s.routes[route] = came
	}
	return came, known
}

// takeRoute takes in an attempt on a route, of which that is known: did the client leave it alone after the first success?
func (s *study) takeRoute(route uint64, known, came, succeeded bool) {
	switch {
	case known && !came:
		s.left -= 2
		s.routes[route] = true
	case !known && succeeded:
		s.left++
		s.routes[route] = false
	}
}

// rotate begins another generation, keeps of the older one what a later attempt could need, and returns what it does not keep.
func (s *study) rotate(now time.Duration, keep func(content uint64, p *imprint) bool) (dropped []*imprint) {
	older := s.olderPrints
	s.olderPrints, s.prints = s.prints, map[uint64]*imprint{}
	for content, p := range older {
		if keep(content, p) {
			s.olderPrints[content] = p
			continue
		}
		p.end(now, s)
		s.forgotten.add(p)
		dropped = append(dropped, p)
	}
	s.olderRoutes, s.routes = s.routes, map[uint64]bool{}
	return dropped
}
