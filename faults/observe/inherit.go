package observe

// inherit adds what is known of a client under the name that it took on later.
func (s *study) inherit(heir *study) {
	s.keys = append(s.keys, heir.keys...)
	s.attempts += heir.attempts
	s.overlaps = s.overlaps || heir.overlaps || heir.start < s.end
	s.end = max(s.end, heir.end)
	s.ids.distinct += heir.ids.distinct
	s.ids.spoiled = s.ids.spoiled || heir.ids.spoiled
	s.named += heir.named
	s.everReturning = s.everReturning || heir.everReturning
	for name, at := range heir.returning {
		s.comesAgain(name, at)
	}
	s.law.merge(&heir.law)
	s.caps.merge(&heir.caps)
	s.forgotten.sum(&heir.forgotten)
	s.inheritRoutes(heir)
	s.readsBodied = s.readsBodied || heir.readsBodied
	anew := func() *imprint { return &imprint{} }
	for _, r := range heir.ordered(func(*request) bool { return true }) {
		if before := s.request(r.content); before != nil {
			before.several(anew).inherit(r.several(anew), s)
			continue
		}
		here := s.young.place(r.content)
		here.only, here.course, here.came = r.only, r.course, true
	}
}

// inheritRoutes counts a route that both names used as one to which the client came back.
func (s *study) inheritRoutes(heir *study) {
	s.left += heir.left
	for _, generation := range [...]*requests{&heir.young, &heir.older} {
		for r := range generation.all() {
			if r.route != routeNew {
				s.inheritRoute(r)
			}
		}
	}
}

// inheritRoute counts one.
func (s *study) inheritRoute(heir *request) {
	before := s.routeOf(heir.content)
	if before.route == routeNew {
		before.route = heir.route
		return
	}
	s.left -= 1 + worth(heir.route) + worth(before.route)
	before.route = routeCame
}

// worth is what a route adds to those that were left alone.
func worth(route routeState) int {
	if route == routeCame {
		return -1
	}
	return 1
}

// inherit adds what is known of a request under a later name of the client.
func (p *imprint) inherit(heir *imprint, s *study) {
	p.end(heir.all.first, s)
	believed := s.ids.believed()
	p.plain = nil
	before, after := p.rest(believed), heir.rest(believed)
	switch gap := after.first - before.latest.answered; {
	case !before.landed || gap < 0:
	case before.latest.failed:
		before.failure.add(gap)
		if heir.wellBegun && gap <= p.chain.patience(&before.latest) {
			heir.healthy--
		}
	case before.latest.succeeded:
		before.success.add(gap)
	}
	success, failure := before.success, before.failure
	success.merge(&after.success)
	failure.merge(&after.failure)
	p.all = *after
	p.all.success, p.all.failure = success, failure
	p.chain = heir.chain
	p.counted, p.repeated, p.late = p.counted || heir.counted, p.repeated || heir.repeated, p.late || heir.late
	p.returned = p.returned || heir.returned || p.satisfied
	p.satisfied, p.writing, p.crowded = p.satisfied || heir.satisfied, p.writing || heir.writing, p.crowded || heir.crowded
	p.opens += heir.opens
	p.healthy += heir.healthy
	p.idle += heir.idle
	p.returns += heir.returns
	p.traffic.sum(&heir.traffic)
}

// sum adds another count of the same request.
func (t *traffic) sum(other *traffic) {
	t.attempts += other.attempts
	t.failed += other.failed
	t.sure += other.sure
	t.busy += other.busy
}

// sum adds another tally.
func (t *tally) sum(other *tally) {
	t.healthy += other.healthy
	t.repeated += other.repeated
	t.crowded += other.crowded
	for kind := range t.satisfied {
		t.satisfied[kind] += other.satisfied[kind]
		t.returned[kind] += other.returned[kind]
	}
	t.idle += other.idle
	t.returns += other.returns
	t.opens += other.opens
}

// merge adds where the client gave up under another name.
func (c *caps) merge(other *caps) {
	c.longest = max(c.longest, other.longest)
	for status, found := range other.byStatus {
		before, ok := c.byStatus[status]
		if c.byStatus == nil {
			c.byStatus = map[int]capping{}
		}
		found.mixed = found.mixed || ok && (before.mixed || before.tries != found.tries)
		found.calls += before.calls
		c.byStatus[status] = found
	}
}
