package verdict

import (
	"fmt"
	"slices"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// leastHammered is how often one call must have come again with a credential that was refused, leastInsisting how many calls
	// must have done so once.
	leastHammered, leastInsisting = 2, 3
	// mostPauses bounds the repeats of one call that are looked at.
	mostPauses = 8
)

// hammerTally counts what a client did after 401.
type hammerTally struct {
	who               *client
	exposed, suspects int
	quiet             outcome
	// again holds for each call that came again with what was refused the pauses before it did: whether a token was asked
	// for in them is known in the end.
	again sample[[]pause]
}

func unauthorizedNotHammered(who *client, _ *Limits) tally { return &hammerTally{who: who} }

// refuses reports an answer that refuses the credential.
func refuses(a *observe.Attempt) bool { return answered(a) && a.Status == 401 }

func (t *hammerTally) take(s *subject) {
	for i := range s.calls {
		if c := s.calls[i]; c.any(refuses) {
			t.count(c, s)
		}
	}
}

func (t *hammerTally) count(c *call, s *subject) {
	t.exposed++
	again, unknown := refusedAgain(c)
	switch {
	case len(again) == 0 && (unknown || c.strayedWithin(finalWindow)):
		t.suspects++
	case len(again) == 0 && !c.Censored && !c.ambiguous():
		refused := c.Attempts[slices.IndexFunc(c.Attempts, refuses)]
		t.quiet.take(c, "401", refused)
	case len(again) == 0:
	case !s.insists(c, again):
		t.suspects++
	default:
		var pauses []pause
		for i := range again[:min(len(again), mostPauses)] {
			pauses = append(pauses, newPause(c, &again[i]))
		}
		t.again.take(pauses)
	}
}

// refusedAgain returns the repeats with a credential that had been refused. Unknown reports repeats of which nobody knows
// whether they are: a scheme that is not known may hide another credential.
func refusedAgain(c *call) (again []observe.Gap, unknown bool) {
	for _, g := range c.repeats {
		switch {
		case !refuses(g.Before) || g.Before.Credential != g.After.Credential:
		case g.Before.Credential == "":
			unknown = true
		default:
			again = append(again, g)
		}
	}
	return again, unknown
}

// insistence is what the calls that came again come to, once it is known who asked for a token and when.
type insistence struct {
	// repeated came again with no request for a token in between, up to most times in one.
	repeated outcome
	most     int
	// asked did ask for one, doubtful are those of which that is not certain.
	asked, doubtful int
}

func (t *hammerTally) reckon() insistence {
	var r insistence
	for _, pauses := range t.again.kept {
		blind, elsewhere := 0, 0
		for i := range pauses {
			switch t.who.tokens.during(&pauses[i]) {
			case inquiryNone:
				blind++
				r.repeated.evidence.take(pauses[i].deed)
			case inquiryElsewhere:
				elsewhere++
			case inquiryMade:
			}
		}
		r.most = max(r.most, blind)
		switch {
		case blind > 0:
			r.repeated.n++
		case elsewhere > 0:
			r.doubtful++
		default:
			r.asked++
		}
	}
	return r
}

func (t *hammerTally) findings() []proposal {
	const needs = "needs 3 calls that end in 401"
	total := count(t.exposed, "call")
	if t.exposed == 0 {
		return unexposed("no call met a 401", needs+", saw none")
	}
	r := t.reckon()
	what := fmt.Sprintf("a credential that had been refused came again in %d of %s, up to %s in one, with no request for a token in between",
		r.repeated.n, total, count(r.most, "time"))
	switch {
	case r.most >= leastHammered, r.repeated.n >= leastInsisting:
		return []proposal{r.repeated.finding(Fail, t.exposed, what)}
	case r.repeated.n > 0:
		return []proposal{r.repeated.lacking(t.exposed, what, fmt.Sprintf("needs 1 call with 2 repeats or 3 calls with 1, saw %d with 1: that could be a person's reload", r.repeated.n))}
	case t.suspects+r.doubtful > 0:
		return []proposal{t.quiet.lacking(t.exposed, fmt.Sprintf("the same request came again in %d of %s", t.suspects+r.doubtful, total),
			t.who.doubt()+"; and a credential by which it can be told whether it was the same")}
	case t.quiet.n+r.asked < leastInsisting:
		return []proposal{t.quiet.lacking(t.exposed, "no refused credential was insisted on in "+count(t.quiet.n+r.asked, "call"), fmt.Sprintf("%s, saw %d", needs, t.quiet.n+r.asked))}
	}
	return []proposal{t.quiet.finding(Pass, t.exposed, "no refused credential was insisted on in "+count(t.quiet.n+r.asked, "call"))}
}
