package observe

import (
	"time"

	"github.com/cespare/xxhash/v2"
)

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

// requestIDs is what the request ids, and the trace ids, of a client are seen to be.
type requestIDs struct {
	// distinct counts those that were seen for the first time.
	distinct int
	// spoiled reports that one stood for something larger than a call: it was on different requests, which a trace id may be, came again
	// after a success, or was on two requests at once.
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

// take takes in that a came with an identifier, and asked for what. It returns the attempt
// before with the same on the same fingerprint, if there was one.
func (t *idTable) take(ids *requestIDs, id identifier, a *Attempt, what idContent) (before repeatable, again bool) {
	before, again = t.latest.get(id.on)
	t.latest.put(id.on, repeatable{answered: a.Answered, succeeded: a.Succeeded()})
	first, ok := t.first.get(id.hash)
	switch {
	case !ok:
		ids.distinct++
		t.first.put(id.hash, what)
	case !id.trace && first.differs(what) || again && (before.succeeded || before.answered > a.Received):
		ids.spoiled = true
	}
	return before, again
}

// identifier is what may or may not name the call of an attempt.
type identifier struct {
	// hash is that of the identifier, on that of it on one fingerprint.
	hash, on uint64
	// trace reports that it is a trace id, which may be on other requests too, as those of one operation share it.
	trace bool
}

// of is the same identifier, and different from those of other clients.
func (i identifier) of(client uint64) identifier {
	return identifier{mix(client, i.hash), mix(client, i.on), i.trace}
}

// requestIDOf returns the identifier of a, for what content hashes, that may or may not name its call, and whether there is one.
func requestIDOf(a *Attempt, content uint64) (identifier, bool) {
	var hash uint64
	switch {
	case a.CallID != "" && !namesCall(a.CallIDHeader):
		hash = xxhash.Sum64String(a.CallID)
	case a.RequestID != "":
		hash = xxhash.Sum64String(a.RequestID)
	case a.Trace != "":
		hash = mix(traceSeed, xxhash.Sum64String(a.Trace))
		return identifier{hash, mix(content, hash), true}, true
	default:
		return identifier{}, false
	}
	return identifier{hash, mix(content, hash), false}, true
}

// traceSeed keeps trace ids apart from request ids of the same text.
const traceSeed = 0x9FB21C651E98DF25

// identified reports that a has an identifier that may or may not name its call.
func identified(a *Attempt) bool {
	_, ok := requestIDOf(a, 0)
	return ok
}
