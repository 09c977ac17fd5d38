package verdict

import (
	"fmt"
	"slices"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// appliedTally counts the writes that Groove did although the client was not told so.
type appliedTally struct {
	exposed, suspects int
	once, twice       outcome
}

func writeAppliedOnce(*client, *Limits) tally { return &appliedTally{} }

// applied reports that Groove itself answered with a success, whatever the client got.
func applied(a *observe.Attempt) bool { return a.UpstreamStatus/100 == 2 }

// hidden reports that Groove did the work of a and that the client does not know.
func hidden(a *observe.Attempt) bool { return theirs(a) && applied(a) && (a.Failed() || left(a)) }

func (t *appliedTally) take(s *subject) {
	for i := range s.calls {
		if c := s.calls[i]; writes(c.Endpoint) && c.any(hidden) {
			t.count(c, s)
		}
	}
}

func (t *appliedTally) count(c *call, s *subject) {
	t.exposed++
	works := works(c)
	switch {
	case len(works) > 1 && c.settledAs():
		t.twice.take(c, "", works[0], works[len(works)-1])
		if s.redoes(c, works[0]) {
			t.twice.vouch(c)
		}
	case len(works) > 1, c.returnedWithin(writeWindow):
		t.suspects++
	case !c.Censored && !c.ambiguous() && len(c.Transport) == 0 && !c.byStack:
		t.once.take(c, "", c.last())
	}
}

// settledAs reports that it is certain whose the attempts of a write are: the client says so, or a fault struck one call at a time.
func (c *call) settledAs() bool {
	return c.proof && (c.explicit() || c.Grouping == observe.GroupingSingleFlight)
}

// redoes reports that the program made Groove do a write again that it had done by first, and no person who was told that it failed.
func (s *subject) redoes(c *call, first *observe.Attempt) bool {
	return slices.ContainsFunc(c.repeats, func(g observe.Gap) bool {
		return g.After != first && applied(g.After) && resent(&g) && s.mechanical(c, &g)
	})
}

// works returns the attempts by which Groove did a write that was sent again unchanged and with nothing by which Groove could know it.
func works(c *call) []*observe.Attempt {
	var list []*observe.Attempt
	for i := range c.repeats {
		g := &c.repeats[i]
		if !resent(g) {
			continue
		}
		for _, a := range []*observe.Attempt{g.Before, g.After} {
			if applied(a) && (len(list) == 0 || list[len(list)-1] != a) {
				list = append(list, a)
			}
		}
	}
	return list
}

func (t *appliedTally) findings() []proposal {
	const needs = "needs 1 write that Groove did and that failed for the client"
	total := count(t.exposed, "call")
	switch {
	case t.exposed == 0:
		return unexposed("no write failed for the client after Groove had done it", needs+", saw none")
	case t.twice.n > 0:
		return []proposal{t.twice.finding(Fail, t.exposed, fmt.Sprintf("Groove did the same write more than once in %d of %s", t.twice.n, total))}
	case t.suspects > 0:
		return []proposal{t.once.lacking(t.exposed, fmt.Sprintf("the same write came again in %d of %s", t.suspects, total),
			"needs writes that are certainly one: a call id in "+observe.CallHeader+", or a fault that strikes one call at a time")}
	case t.once.n == 0:
		return []proposal{t.once.lacking(t.exposed, "no write was done twice so far", needs+" and was watched until no repeat could come any more")}
	}
	return []proposal{t.once.finding(Pass, t.exposed, "Groove did no write twice of which the client had not heard, in "+count(t.once.n, "call"))}
}
