package observe

import "time"

// request is what the first pass knows of one request of a client, that is of a fingerprint, and of the route of that hash.
type request struct {
	content uint64
	// only is the one attempt of a request that came once, as most do; course follows several.
	only   sole
	course *imprint
	// came reports that an attempt came which no identifier names: without, no more than the route is known.
	came  bool
	route routeState
}

// routeState is what the client did about a route after it had succeeded.
type routeState uint8

const (
	routeNew routeState = iota
	routeLeft
	routeCame
)

// sole is the only attempt of a request. What else an imprint says follows from it.
type sole struct {
	flight
	mark

	// there reports that it came, late that others may have come that nobody remembers.
	there, late      bool
	counted, writing bool
}

func soleOf(a *Attempt) sole {
	return sole{flight: flightOf(a), mark: markOf(a), there: true, counted: countedAlone(a), writing: writes(a)}
}

// take takes in an attempt.
func (r *request) take(a *Attempt, s *study, spare func() *imprint) {
	if r.course == nil && !r.only.there && !identified(a) {
		late := r.only.late
		r.only = soleOf(a)
		r.only.late = late
		return
	}
	p := r.several(spare)
	p.writing = p.writing || writes(a)
	p.take(a, s)
}

// several is the imprint of the request, which it has from now on.
func (r *request) several(spare func() *imprint) *imprint {
	if r.course == nil {
		r.course = spare()
		r.only.fill(r.course)
	}
	return r.course
}

// fill makes an imprint of the only attempt, if it came.
func (o *sole) fill(p *imprint) {
	p.late = o.late
	if !o.there {
		return
	}
	p.all.flying, p.all.first, p.all.last = append(p.all.flying, o.flight), o.received, o.mark
	p.counted, p.writing, p.satisfied = o.counted, o.writing, o.succeeded
	p.chain.tries, p.opens = 1, 1
	p.traffic = traffic{attempts: 1, sure: 1, latest: o.received}
	if o.succeeded {
		p.healthy, p.wellBegun = 1, true
	}
}

// notable reports that something is known of the request that a later attempt of it could need.
func (r *request) notable() bool {
	if r.course == nil {
		return r.only.counted || r.only.late
	}
	return r.course.notable()
}

// end takes in that nothing more came until watching ended, or until the request was forgotten.
func (r *request) end(now time.Duration, s *study) {
	if r.course != nil {
		r.course.end(now, s)
		return
	}
	if o := &r.only; o.failed && now > o.answered+o.least() {
		s.givesUp(1, o.status)
	}
}

// idle is how long no call was under way until now.
func (o *sole) idle(now time.Duration) time.Duration {
	switch {
	case o.answered > now:
	case o.succeeded:
		return now - o.answered
	case o.failed:
		return max(now-o.answered-o.least(), 0)
	}
	return 0
}

// ended is the imprint of the only attempt once nothing more came until then.
func (o *sole) ended(now time.Duration) *imprint {
	p := &imprint{}
	o.fill(p)
	p.all.land(now)
	p.idle, p.chain = o.idle(now), chain{}
	return p
}

// addTo adds the request to a tally, when nothing more came until now.
func (r *request) addTo(t *tally, now time.Duration) {
	if r.course != nil {
		t.add(r.course)
		return
	}
	t.opens++
	t.idle += r.only.idle(now)
	if r.only.succeeded {
		t.healthy++
		t.satisfied[kindOf(r.only.writing)]++
	}
}
