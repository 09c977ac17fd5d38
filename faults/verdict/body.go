package verdict

import (
	"fmt"
	"slices"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// bodyTally counts what a client did with its bodies.
type bodyTally struct {
	exposed, emptied        int
	kept, changed, doubtful outcome
}

func bodyKept(*client, *Limits) tally { return &bodyTally{} }

func (t *bodyTally) take(s *subject) {
	for i := range s.calls {
		t.count(s.calls[i])
	}
}

func (t *bodyTally) findings() []proposal {
	const needs = "needs 1 call with a body that was certainly repeated"
	switch {
	case t.exposed == 0:
		return unexposed("no request with a body was repeated", needs+", saw none")
	case t.changed.n > 0:
		return []proposal{t.changed.finding(Fail, t.exposed, fmt.Sprintf("the body of a repeat differed in %d of %s (empty in %d): %s",
			t.changed.n, count(t.exposed, "call"), t.emptied, t.changed.after[0]))}
	case t.doubtful.n > 0:
		return []proposal{t.doubtful.lacking(t.exposed, fmt.Sprintf("the body of a repeat differed in %s, but may mean the same", count(t.doubtful.n, "call")),
			needs+" and names it in X-Groovechaos-Call; a multipart boundary may change")}
	case t.kept.n == 0:
		return []proposal{t.kept.lacking(t.exposed, "no certain repeat of a body", needs)}
	}
	return []proposal{t.kept.finding(Pass, t.exposed, "every repeat carried the same body in "+count(t.kept.n, "call"))}
}

func (t *bodyTally) count(c *call) {
	met, fault, doubt := bodies(c)
	if met == nil {
		return
	}
	t.exposed++
	switch {
	case fault != nil && c.proof:
		t.changed.take(c, bodyFigure(fault), fault.Before, fault.After)
		if fault.After.BodyLength == 0 {
			t.emptied++
		}
	case fault != nil, doubt != nil:
		t.doubtful.take(c, "", met.Before, met.After)
	case c.proof:
		t.kept.take(c, "", met.Before, met.After)
	}
}

// bodies looks at the repeats of a call that should carry the body again. Met is one of them, fault one
// that does not carry it, doubt one of which that is not certain.
func bodies(c *call) (met, fault, doubt *observe.Gap) {
	for i := range c.repeats {
		g := &c.repeats[i]
		if g.Before.BodyLength == 0 || !g.Before.BodyComplete || !g.After.BodyComplete || !sameAgain(g) {
			continue
		}
		met = g
		switch likeness := compareBodies(g.Before, g.After); {
		case likeness == bodySimilar:
			doubt = g
		case likeness == bodyDifferent && (fault == nil || g.After.BodyLength == 0):
			fault = g
		}
	}
	return met, fault, doubt
}

// sameAgain reports that the later attempt of g should be the same request: after a conflict or a refusal of the
// input another body is a new request, and right.
func sameAgain(g *observe.Gap) bool {
	return transient(g.Before) || broken(g.Before) || answered(g.Before) && g.Before.Status == 401
}

func bodyFigure(g *observe.Gap) string {
	if g.Before.BodyLength == g.After.BodyLength {
		return fmt.Sprintf("%d bytes, then as many others", g.Before.BodyLength)
	}
	return fmt.Sprintf("%d bytes, then %d", g.Before.BodyLength, g.After.BodyLength)
}

// likeness is how two bodies compare.
type likeness int

const (
	bodySame likeness = iota
	// bodySimilar differs in bytes and may still mean the same: parts between other boundaries of the same length.
	bodySimilar
	bodyDifferent
)

// compareBodies compares two bodies that were sent whole. Where the header fields say multipart, or do not say what the body is and
// the contract neither, two of the same length may differ in their boundaries only.
func compareBodies(before, after *observe.Attempt) likeness {
	switch {
	case before.BodyLength == after.BodyLength && before.BodyDigest == after.BodyDigest:
		return bodySame
	case before.BodyLength != after.BodyLength:
		return bodyDifferent
	}
	kind, known := field(before, contentType)
	if known && slices.Contains(multipartTypes, kind) || !known && before.Endpoint == "" {
		return bodySimilar
	}
	return bodyDifferent
}
