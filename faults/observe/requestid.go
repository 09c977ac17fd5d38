package observe

import "time"

// idContent is what a request id was seen with first: a route, and a body, 0 for none.
type idContent struct{ route, body uint64 }

// differs reports whether r and other cannot be of one call. A body may have been lost on the way.
func (r idContent) differs(other idContent) bool {
	return r.route != other.route || r.body != other.body && r.body != 0 && other.body != 0
}

// repeatable is the latest attempt with a request id on one fingerprint.
type repeatable struct {
	answered  time.Duration
	succeeded bool
}

// requestIDs is what the request ids of a client are seen to be.
type requestIDs struct {
	// distinct counts those that were seen for the first time.
	distinct int
	// spoiled reports that one stood for something larger than a call: it was on different requests, came again after a
	// success, or was on two requests at once.
	spoiled bool
}

// believed reports whether request ids may name calls of the client. A single one may as well be constant.
func (r *requestIDs) believed() bool { return !r.spoiled && r.distinct > 1 }

// idTable remembers request ids of all clients in bounded room. One that was not seen while so many others were is taken
// for new.
type idTable struct {
	first  generations[idContent]
	latest generations[repeatable]
}

func newIDTable(limit int) *idTable {
	return &idTable{first: newGenerations[idContent](limit), latest: newGenerations[repeatable](limit)}
}

// take takes in that a came with a request id, the hash of which is given, and asked for what. It returns the attempt
// before with the same on the same fingerprint, if there was one.
func (t *idTable) take(ids *requestIDs, hash uint64, a *Attempt, what idContent) (before repeatable, again bool) {
	on := mix(hash, mix(what.route, what.body))
	before, again = t.latest.get(on)
	t.latest.put(on, repeatable{answered: a.Answered, succeeded: a.Succeeded()})
	first, ok := t.first.get(hash)
	switch {
	case !ok:
		ids.distinct++
		t.first.put(hash, what)
	case first.differs(what) || again && (before.succeeded || before.answered > a.Received):
		ids.spoiled = true
	}
	return before, again
}

// requestIDOf returns the identifier of a that may or may not name its call, "" for none.
func requestIDOf(a *Attempt) string {
	if a.CallID != "" && !namesCall(a.CallIDHeader) {
		return a.CallID
	}
	return a.RequestID
}
