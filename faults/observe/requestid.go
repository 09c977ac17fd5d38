package observe

// fingerprintedID is a request id on one fingerprint of a route.
type fingerprintedID struct{ body, id string }

// content is what a request asked for.
type content struct {
	on   route
	body string
}

// differs reports whether c and other cannot be of one call. A body may have been lost on the way.
func (c content) differs(other content) bool {
	return c.on != other.on || c.body != other.body && c.body != "" && other.body != ""
}

// requestIDs is what the request ids of a client are seen to be.
type requestIDs struct {
	// first is what each was seen with first.
	first map[string]content
	// spoiled reports that one stood for something larger than a call: it was on different requests, came again after a
	// success, or was on two requests at once.
	spoiled bool
}

// believed reports whether request ids may name calls of the client. A single one may as well be constant.
func (r *requestIDs) believed() bool { return r != nil && !r.spoiled && len(r.first) > 1 }

// learnRequestIDs learns of the request ids of each client over all its routes.
func learnRequestIDs(routes map[route][]*Attempt) map[string]*requestIDs {
	known := map[string]*requestIDs{}
	for key, attempts := range routes {
		latest := map[fingerprintedID]*Attempt{}
		for _, a := range attempts {
			id := requestIDOf(a)
			if id == "" {
				continue
			}
			if known[key.client] == nil {
				known[key.client] = &requestIDs{first: map[string]content{}}
			}
			on := fingerprintedID{a.BodyDigest, id}
			known[key.client].learn(id, content{key, a.BodyDigest}, latest[on], a)
			latest[on] = a
		}
	}
	return known
}

// learn takes in that a came with id and asked for c, after before with the same on the same fingerprint, nil for none.
func (r *requestIDs) learn(id string, c content, before, a *Attempt) {
	if r.spoiled {
		return
	}
	first, ok := r.first[id]
	if !ok {
		r.first[id] = c
		return
	}
	r.spoiled = first.differs(c) || before != nil && (before.Succeeded() || before.Answered > a.Received)
}

// requestIDOf returns the identifier of a that may or may not name its call, "" for none.
func requestIDOf(a *Attempt) string {
	if a.CallID != "" && !namesCall(a.CallIDHeader) {
		return a.CallID
	}
	return a.RequestID
}

// splitByRequestID takes out the attempts of a route that a request id groups. Such an id
// names a call on fingerprints on which one was seen to repeat, and only there.
func splitByRequestID(attempts []*Attempt, ids *requestIDs) (rest []*Attempt, drafts []*draft) {
	if !ids.believed() {
		return attempts, nil
	}
	repeated := repeatedBodies(attempts)
	named := map[fingerprintedID]*draft{}
	for _, a := range attempts {
		id := requestIDOf(a)
		if id == "" || !repeated[a.BodyDigest] {
			rest = append(rest, a)
			continue
		}
		key := fingerprintedID{a.BodyDigest, id}
		if named[key] == nil {
			named[key] = &draft{grouping: GroupingInferred}
			drafts = append(drafts, named[key])
		}
		named[key].attempts = append(named[key].attempts, a)
	}
	return rest, drafts
}

// repeatedBodies returns the bodies of a route with which a request id came more than once.
func repeatedBodies(attempts []*Attempt) map[string]bool {
	repeated := map[string]bool{}
	seen := map[fingerprintedID]bool{}
	for _, a := range attempts {
		id := requestIDOf(a)
		if id == "" {
			continue
		}
		key := fingerprintedID{a.BodyDigest, id}
		if seen[key] {
			repeated[a.BodyDigest] = true
		}
		seen[key] = true
	}
	return repeated
}
