package observe

import (
	"cmp"
	"iter"
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
	// young and older are the generations of what is known of its requests and routes.
	young, older requests
	// readsBodied reports that it sent a GET with a body.
	readsBodied bool
	// ended is when watching ended, once the pass is over.
	ended time.Duration
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
	kind := kindOf(p.writing)
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

// kindOf is the place of a request in a pair.
func kindOf(writing bool) int {
	if writing {
		return 1
	}
	return 0
}

// content reports that the client does not come back to what has succeeded.
func (s *study) content() bool { return s != nil && s.left >= leastContent }

// request finds what is known of a request, nil for nothing.
func (s *study) request(content uint64) *request {
	if s == nil {
		return nil
	}
	if r := s.young.find(content); r != nil && r.came {
		return r
	}
	if r := s.older.find(content); r != nil && r.came {
		return r
	}
	return nil
}

// imprint is what is known of a request once the pass is over, nil for nothing.
func (s *study) imprint(r *request) *imprint {
	switch {
	case r == nil:
		return nil
	case r.course == nil:
		return r.only.ended(s.ended)
	}
	return r.course
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
	s.total, s.ended = s.forgotten, end
	told := s.ordered(func(r *request) bool { return r.course != nil || r.only.failed })
	for _, r := range told {
		r.end(end, s)
		if r.course != nil {
			returns.merge(&r.course.rest(believed).success)
		}
	}
	s.rhythm = learnRhythm(returns.gaps)
	s.law.fit()
	for r := range s.requests() {
		if r.course != nil && s.polls(r.course) {
			r.course.healthy = 0
		}
		r.addTo(&s.total, end)
		if r.course != nil {
			r.course.settle()
		}
	}
}

// requests gives what is known of the requests, in no certain order.
func (s *study) requests() iter.Seq[*request] {
	return func(yield func(*request) bool) {
		for _, generation := range [...]*requests{&s.young, &s.older} {
			for r := range generation.all() {
				if r.came && !yield(r) {
					return
				}
			}
		}
	}
}

// ordered lists what is known of such requests, in a fixed order.
func (s *study) ordered(such func(*request) bool) []*request {
	var list []*request
	for r := range s.requests() {
		if such(r) {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *request) int { return cmp.Compare(a.content, b.content) })
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

// takeRoute takes in an attempt on a route: did the client leave it alone after the first success?
func (s *study) takeRoute(r *request, succeeded bool) {
	switch {
	case r.route == routeLeft:
		s.left -= 2
		r.route = routeCame
	case r.route == routeNew && succeeded:
		s.left++
		r.route = routeLeft
	}
}

// rotate begins another generation, keeps of the older one what a later attempt could need, and returns what it does not keep.
func (s *study) rotate(now time.Duration, keep func(*request) bool) (dropped []*imprint) {
	s.young, s.older = s.older, s.young
	for r := range s.young.all() {
		switch {
		case !r.came:
		case keep(r):
			kept := s.older.place(r.content)
			kept.only, kept.course, kept.came = r.only, r.course, true
		default:
			r.end(now, s)
			r.addTo(&s.forgotten, now)
			if r.course != nil {
				dropped = append(dropped, r.course)
			}
		}
	}
	s.young.clear()
	return dropped
}
