package observe

import (
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
)

const (
	// maxClients bounds the clients that are known.
	maxClients = 1 << 16
	// maxPrints bounds the requests of all clients in one generation, and those that are kept beyond it.
	maxPrints = 1 << 17
	// maxNames bounds the identifiers and request ids of all clients in one generation.
	maxNames = 1 << 16
	// orderWindow is how many attempts are held back to put them in order.
	orderWindow = 1 << 14
)

// learner makes the first pass.
type learner struct {
	intake  *intake
	clients map[string]*study
	current *study
	// fresh counts the requests of the youngest generation, kept those that outlived theirs.
	fresh, kept int
	// most is how many of them are kept.
	most  int
	ids   *idTable
	names generations[namedFlight]
	// spare are the imprints of requests that were forgotten.
	spare []*imprint
	// gone remembers requests and routes that were forgotten, lost those of them that are needed.
	gone, lost filter
	refusals   refusals
	clocks     clocks
	now, end   time.Duration
}

// Learn makes the first pass over the attempts of a journal. What it learns is bounded, whatever their number. It holds
// some of them back to put them in order, so that each must be left alone once it was yielded.
func Learn(attempts iter.Seq[*Attempt]) *Knowledge { return LearnAndRelease(attempts, nil) }

// LearnAndRelease is Learn that gives each attempt to release as soon as nothing refers to it any more, so that its memory may serve for
// another; nil leaves that to the collector.
func LearnAndRelease(attempts iter.Seq[*Attempt], release func(*Attempt)) *Knowledge {
	l := newLearner(orderWindow)
	l.intake.done = release
	for a := range attempts {
		l.intake.add(a)
	}
	l.intake.flush()
	return l.knowledge()
}

func newLearner(window int) *learner {
	l := &learner{clients: map[string]*study{}, ids: newIDTable(maxNames), names: newGenerations[namedFlight](maxNames), most: maxPrints}
	l.intake = newIntake(window, l.clocks.guess, l.take)
	l.intake.met = l.clocks.take
	return l
}

// take takes in an attempt in order of arrival.
func (l *learner) take(a *Attempt, late bool) {
	l.now = max(l.now, a.Received)
	l.end = max(l.end, a.Received, a.Answered)
	s := l.client(a.Client)
	if s == nil {
		return
	}
	l.refusals.take(s, a)
	s.take(a)
	if name, ok := nameOf(a); ok {
		l.takeNamed(s, name, a)
		return
	}
	route := routeOf(a)
	content := contentOf(route, a.BodyDigest)
	r := l.request(s, content)
	if late {
		r.several(l.imprint).late = true
		return
	}
	if a.BodyDigest == "" {
		l.takeRoute(s, r, a)
	} else {
		s.readsBodied = s.readsBodied || a.Method == "GET"
		l.takeRoute(s, s.routeOf(route), a)
	}
	if id, ok := requestIDOf(a, content); ok {
		p := r.several(l.imprint)
		p.repeated = l.takeID(s, id, a) || p.repeated
	}
	r.take(a, s, l.imprint)
}

// takeID takes in an attempt with a request id or a trace id, and reports that the same came before on the same fingerprint.
func (l *learner) takeID(s *study, id identifier, a *Attempt) bool {
	what := idContent{route: routeOf(a)}
	if a.BodyDigest != "" {
		what.body = xxhash.Sum64String(a.BodyDigest)
	}
	before, again := l.ids.take(&s.ids, id.of(s.key), a, what)
	s.sees(id.on, a, again && a.Received > before.answered+defaultWindow)
	return again
}

// client finds or makes what is known of a client, nil for one too many.
func (l *learner) client(name string) *study {
	if l.current != nil && l.current.name == name {
		return l.current
	}
	s := l.clients[name]
	if s == nil {
		if len(l.clients) >= maxClients {
			return nil
		}
		s = &study{
			name: name, key: xxhash.Sum64String(name), keys: []uint64{xxhash.Sum64String(name)},
		}
		l.clients[name] = s
	}
	l.current = s
	return s
}

// takeRoute counts whether the client leaves alone what has succeeded.
func (l *learner) takeRoute(s *study, r *request, a *Attempt) {
	if r.route == routeNew && l.gone.has(mix(^s.key, r.content)) {
		s.left--
		r.route = routeCame
		return
	}
	s.takeRoute(r, a.Succeeded())
}

// request finds or makes what is known of a request. One that was forgotten may have waited for this attempt.
func (l *learner) request(s *study, content uint64) *request {
	if r := s.young.find(content); r != nil && r.came {
		return r
	}
	before := s.takeOlder(content)
	if !before.came {
		before.only.late = l.gone.has(mix(s.key, content))
	}
	if l.fresh >= maxPrints {
		if before.route != routeNew {
			l.gone.add(mix(^s.key, content))
			before.route = routeNew
		}
		l.rotate()
	}
	l.fresh++
	r := s.young.place(content)
	r.only, r.course, r.came = before.only, before.course, true
	r.route = max(r.route, before.route)
	return r
}

// takeOlder takes a request out of the older generation.
func (s *study) takeOlder(content uint64) request {
	r := s.older.find(content)
	if r == nil {
		return request{}
	}
	before := *r
	*r = request{content: content}
	return before
}

// routeOf finds or makes what is known of a route. It outlives another generation.
func (s *study) routeOf(route uint64) *request {
	r := s.young.place(route)
	if before := s.older.find(route); r.route == routeNew && before != nil {
		r.route, before.route = before.route, routeNew
	}
	return r
}

// imprint makes an imprint, of one that was forgotten if there is such.
func (l *learner) imprint() *imprint {
	n := len(l.spare)
	if n == 0 {
		return &imprint{}
	}
	p := l.spare[n-1]
	l.spare = l.spare[:n-1]
	*p = imprint{}
	return p
}

// rotate begins another generation of requests.
func (l *learner) rotate() {
	l.fresh, l.kept = 0, 0
	for _, name := range slices.Sorted(maps.Keys(l.clients)) { // As not all may be kept.
		s := l.clients[name]
		for r := range s.older.all() {
			if r.route != routeNew {
				l.gone.add(mix(^s.key, r.content))
			}
		}
		dropped := s.rotate(l.now, func(r *request) bool { return l.keeps(mix(s.key, r.content), r) })
		l.spare = append(l.spare, dropped...)
	}
}

// keeps decides whether what is known of a request outlives its generation.
func (l *learner) keeps(key uint64, r *request) bool {
	notable := r.notable()
	if notable && l.kept < l.most {
		l.kept++
		return true
	}
	l.gone.add(key)
	if notable {
		l.lost.add(key)
	}
	return false
}

// knowledge ends the pass.
func (l *learner) knowledge() *Knowledge {
	k := &Knowledge{clients: make(map[string]*ClientKnowledge, len(l.clients)), lost: l.lost, counts: l.intake.counts, clocks: l.clocks}
	for _, heir := range l.refusals.aliases() {
		if k.aliases == nil {
			k.aliases = map[string]string{}
		}
		k.aliases[heir.name] = heir.of
		l.clients[heir.of].inherit(l.clients[heir.name])
		delete(l.clients, heir.name)
	}
	for name, s := range l.clients {
		s.finish(l.end)
		k.clients[name] = &ClientKnowledge{study: s}
	}
	return k
}
