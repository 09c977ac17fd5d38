package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// leastConflicts is how many calls must have met a conflict.
const leastConflicts = 2

// conflictTally counts what a client did with writes that met a concurrent update of the collection.
type conflictTally struct {
	who *client
	// suspects came again, but it is not certain that they are repeats or that nothing was read before.
	exposed, suspects int
	// rewrites reports that the client makes writes again that have succeeded.
	rewrites, inferred bool
	quiet, blind       outcome
}

func conflictNotBlind(who *client, _ *Limits) tally { return &conflictTally{who: who} }

// conflict reports an answer that says that the collection has changed meanwhile.
func conflict(a *observe.Attempt) bool {
	return answered(a) && a.ErrorCode == groove.CodeCollectionConcurrentUpdate
}

func (t *conflictTally) take(s *subject) {
	t.rewrites = t.rewrites || s.arrivals.rewrites()
	for i := range s.calls {
		if c := s.calls[i]; writes(c.Endpoint) && c.any(conflict) {
			t.count(c, s)
		}
	}
}

func (t *conflictTally) count(c *call, s *subject) {
	t.exposed++
	blind, unclear := s.resubmitted(c)
	switch {
	case blind != nil && c.proof:
		t.blind.take(c, "", blind.Before, blind.After)
		t.inferred = t.inferred || !c.explicit()
	case blind != nil, unclear, c.returnedWithin(writeWindow):
		t.suspects++
	case !c.Censored && !c.ambiguous():
		met := c.Attempts[slices.IndexFunc(c.Attempts, conflict)]
		t.quiet.take(c, "", met)
	}
}

// resubmitted returns a repeat of a write after a conflict, unchanged and with nothing read in between. Unclear reports one of which the
// time before is not all there to be seen.
func (s *subject) resubmitted(c *call) (blind *observe.Gap, unclear bool) {
	for i := range c.repeats {
		g := &c.repeats[i]
		switch {
		case !conflict(g.Before) || !sameBody(g) || s.lookedIn(g):
		case g.Before.Received < s.since || g.Inexact:
			unclear = true
		default:
			return g, false
		}
	}
	return nil, unclear
}

// lookedIn reports that the client read something of the collection before it wrote again. A read that was under way when the conflict
// was answered counts for the client.
func (s *subject) lookedIn(g *observe.Gap) bool {
	return slices.ContainsFunc(s.arrivals.between(g.Before.Received, g.After.Received), readsCollection)
}

// collectionReads are the endpoints that show what is in a collection whatever they are asked. Search, look-up and sub-browse do so only
// where their target says collection: a look into the catalogue, such as other work of the client makes all the time, is none.
var collectionReads = []string{groove.CollectionBrowse, groove.Profile}

func readsCollection(a *observe.Attempt) bool {
	safe := a.Method == "GET" || a.Method == "HEAD"
	return safe && (slices.Contains(collectionReads, a.Endpoint) || strings.Contains(strings.ToLower(a.Target), "collection"))
}

// sameBody reports that two attempts carried the same bytes, as far as they were sent whole.
func sameBody(g *observe.Gap) bool {
	same := g.Before.BodyDigest == g.After.BodyDigest && g.Before.BodyLength == g.After.BodyLength
	return same && g.Before.BodyComplete && g.After.BodyComplete
}

func (t *conflictTally) findings() []proposal {
	const needs = "needs 2 writes that met COLLECTION_CONCURRENT_UPDATE"
	total := count(t.exposed, "call")
	again := fmt.Sprintf("the same write was sent again after a conflict, with nothing read in between, in %d of %s", t.blind.n, total)
	switch {
	case t.exposed == 0:
		return unexposed("no write met a concurrent update", needs+", saw none")
	case t.rewrites && t.inferred:
		return []proposal{t.quiet.lacking(t.exposed, fmt.Sprintf("the same write came again in %d of %s", t.suspects+t.blind.n, total), t.who.doubt())}
	case t.blind.n >= leastConflicts:
		return []proposal{t.blind.finding(Warn, t.exposed, again)}
	case t.blind.n > 0:
		return []proposal{t.blind.lacking(t.exposed, again, needs+" and were sent again so, saw 1")}
	case t.suspects > 0:
		return []proposal{t.quiet.lacking(t.exposed, fmt.Sprintf("the same write came again in %d of %s", t.suspects, total), t.who.doubt())}
	case t.quiet.n < leastConflicts:
		return []proposal{t.quiet.lacking(t.exposed, "no write was sent again blindly in "+count(t.quiet.n, "call"), fmt.Sprintf("%s, saw %d", needs, t.quiet.n))}
	}
	return []proposal{t.quiet.finding(Pass, t.exposed, "no write was sent again blindly after a conflict, in "+count(t.quiet.n, "call"))}
}
