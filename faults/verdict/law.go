package verdict

import (
	"fmt"
	"maps"
	"slices"

	"github.com/groovechaos/groovechaos/faults/backoff"
)

// Law is what is known of how a client waits before it asks again.
type Law struct {
	// Status narrows the law to what followed one status, where it differs from what followed the others; 0 for all.
	Status int `json:"status,omitempty"`
	// Sentence is the law in words: "exponential ×2 from 1 s, capped at 30 s, no jitter; gives up after 5 attempts; honours
	// Retry-After".
	Sentence string `json:"sentence"`
	// Families are the families that are named, the likelier first; two where the waits cannot tell them apart, none where too
	// little was seen.
	Families []string `json:"families"`
	// Attempts is after how many attempts the client gives up, 0 for not known.
	Attempts int `json:"attempts,omitempty"`
	// RetryAfter is what the client does when it is told how long to wait, of the law for all statuses: RetryAfterHonoured, RetryAfterEarly or
	// RetryAfterIgnored, "" for not known.
	RetryAfter string `json:"retry_after,omitempty"`
	// Fit is what the waits say in figures, with the data for a plot.
	Fit backoff.Fit `json:"fit"`
}

// What a client does about Retry-After: it waits as long, it goes by it and yet comes early, or it keeps its own waits.
const (
	RetryAfterHonoured = "honoured"
	RetryAfterEarly    = "early"
	RetryAfterIgnored  = "ignored"
)

// leastConfidence is how likely it must be that an attempt is the repeat it is taken for, for its wait to count in statistics.
const leastConfidence = 0.95

// ownWaits are the waits of a call that the client chose by itself, as the classifier wants them; it reports false for none. What came after a
// Retry-After is among them, marked.
func (s *subject) ownWaits(c *call) (backoff.Call, bool) {
	if !c.asked {
		c.asked = true
		c.own, c.owns = s.findOwnWaits(c)
	}
	return c.own, c.owns
}

func (s *subject) findOwnWaits(c *call) (backoff.Call, bool) {
	if !c.proof || s.looped(c) {
		return backoff.Call{}, false
	}
	waits := backoff.Call{GaveUp: !c.Censored && transient(c.last())}
	own := false
	for i := range c.repeats {
		g := &c.repeats[i]
		if !transient(g.Before) || g.Confidence < leastConfidence || g.Inexact || g.Hedge || s.inFlight(c, g) {
			continue
		}
		told := g.Before.RetryAfter != ""
		own = own || !told
		waits.Gaps = append(waits.Gaps, backoff.Gap{Index: g.Index, Wait: g.Wait, AfterRetryAfter: told})
	}
	return waits, own
}

// ownGaps collects the waits that a client chose by itself, and a checksum of them.
type ownGaps struct {
	gaps backoff.Gaps
	sum  uint64
}

func (g *ownGaps) add(c backoff.Call) {
	g.gaps.Add(c)
	for _, gap := range c.Gaps {
		g.sum = scatter(g.sum ^ uint64(gap.Wait)<<8 ^ uint64(gap.Index)<<1 ^ bit(gap.AfterRetryAfter)) //nolint:gosec // A checksum.
	}
	g.sum = scatter(g.sum ^ bit(c.GaveUp))
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// mostFits bounds the laws that are kept of a client.
const mostFits = 256

// fit is the law behind the waits. To find it takes a millisecond or more, and several checks, as well as parts of a client that are all of it, ask
// for the same.
func (w *client) fit(g *ownGaps) backoff.Fit {
	if fit, ok := w.fits[g.sum]; ok {
		return fit
	}
	if w.fits == nil || len(w.fits) >= mostFits {
		w.fits = map[uint64]backoff.Fit{}
	}
	fit := g.gaps.Classify(backoff.Options{})
	w.fits[g.sum] = fit
	return fit
}

// laws collects the waits of a client, for all statuses together and for each.
type laws struct {
	all      ownGaps
	byStatus map[int]*ownGaps
}

func (l *laws) take(s *subject) {
	for i := range s.calls {
		waits, ok := s.ownWaits(s.calls[i])
		if !ok {
			continue
		}
		l.all.add(waits)
		status := s.calls[i].first().Status
		if l.byStatus == nil {
			l.byStatus = map[int]*ownGaps{}
		}
		if l.byStatus[status] == nil {
			l.byStatus[status] = &ownGaps{}
		}
		l.byStatus[status].add(waits)
	}
}

// named are the laws as a verdict has them: one for all, and those of single statuses that are certain and another family.
func (w *client) named() []Law {
	l := &w.laws
	if l.all.gaps.Calls() == 0 {
		return nil
	}
	whole := newLaw(0, w.fit(&l.all))
	list := []Law{whole}
	for _, status := range slices.Sorted(maps.Keys(l.byStatus)) {
		one := newLaw(status, w.fit(l.byStatus[status]))
		if len(one.Families) == 1 && !slices.Contains(whole.Families, one.Families[0]) {
			list = append(list, one)
		}
	}
	return list
}

func newLaw(status int, fit backoff.Fit) Law {
	if fit.Laws == nil {
		fit.Laws = []backoff.Law{} // a list in JSON, as all are
	}
	if fit.Points == nil {
		fit.Points = []backoff.Point{}
	}
	l := Law{Status: status, Sentence: fit.String(), Families: []string{}, Fit: fit}
	for _, law := range fit.Laws {
		l.Families = append(l.Families, familyName(law.Family))
	}
	if fit.GivesUpAfter > 0 {
		l.Attempts = fit.GivesUpAfter + 1
		l.Sentence += fmt.Sprintf("; gives up after %s", count(l.Attempts, "attempt"))
	}
	return l
}

// familyName is the curve, and the jitter if there is any: "exponential", "exponential full".
func familyName(f backoff.Family) string {
	if f.Jitter == backoff.NoJitter {
		return string(f.Curve)
	}
	return string(f.Curve) + " " + string(f.Jitter)
}

// obeys reads from the findings what the client does about Retry-After.
func obeys(findings []Finding) string {
	said := ""
	for i := range findings {
		f := &findings[i]
		if len(f.Endpoints) > 0 || f.Result == Inconclusive {
			continue
		}
		switch {
		case f.Check == "retry-after-honoured" && f.Result != Pass:
			return RetryAfterIgnored
		case f.Check == "retry-after-not-early" && f.Result != Pass:
			return RetryAfterEarly
		case f.Check == "retry-after-honoured", f.Check == "retry-after-not-early":
			said = RetryAfterHonoured
		}
	}
	return said
}

// tell adds what the client does about Retry-After.
func (l *Law) tell(obeys string) {
	l.RetryAfter = obeys
	switch obeys {
	case RetryAfterHonoured:
		l.Sentence += "; honours Retry-After"
	case RetryAfterEarly:
		l.Sentence += "; comes before Retry-After is over"
	case RetryAfterIgnored:
		l.Sentence += "; ignores Retry-After"
	}
}
