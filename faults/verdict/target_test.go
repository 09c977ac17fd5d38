package verdict

import (
	"testing"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// moving changes what the second and later attempts of the last call ask for, one after the other.
func (p *tape) moving(targets ...string) *tape {
	c := &p.calls[len(p.calls)-1]
	for i, target := range targets {
		c.Attempts[i+1].Target = target
	}
	return p
}

func TestTargetKept(t *testing.T) {
	t.Parallel()
	const explicit = observe.GroupingExplicit
	named := op{target: "/a?page=2", tries: fails(503, 0)}.as(explicit)
	three := op{target: "/a", tries: fails(503, 0, 0)}.as(explicit)
	page := op{target: "/a", tries: []try{{status: 503}, {status: 200}, {status: 200}}}.as(explicit)
	ours := op{target: "/a", tries: []try{{status: 503, origin: observe.OriginOurs}, {status: 200}}}.as(explicit)
	keyed := op{target: "/a", tries: []try{{status: 503, key: "k"}, {status: 200, key: "k"}}, byKey: true}.as(explicit)
	refused := op{target: "/a", tries: fails(404, 0)}.as(explicit)
	polled := named
	polled.polling = true
	posted := newTape(0).add(named)
	posted.calls[0].Attempts[1].Method = "POST"
	play(t, "target-kept", map[string]scene{
		"nothing happened":                {newTape(10).times(3, op{tries: []try{{status: 200}}}), 0, Inconclusive, "saw none"},
		"calls that nobody named":         {newTape(10).times(3, op{tries: fails(503, second)}), 0, Inconclusive, "saw none"},
		"kept":                            {newTape(0).add(named), 0, Pass, "asked for the same in 1 call"},
		"another query":                   {newTape(0).add(named).moving("/a?page=2&page=2"), 0, Warn, "in 1 of 1 call: GET /a?page=2, then GET /a?page=2&page=2"},
		"another method":                  {posted, 0, Warn, "then POST"},
		"another query in one of two":     {newTape(0).add(named).add(named).moving("/b"), 0, Warn, "1 of 2"},
		"an id for three pages":           {newTape(0).add(three).moving("/b", "/c"), 0, Inconclusive, "may name more"},
		"an id that goes on after a page": {newTape(0).add(page).moving("/a", "/b").add(named).moving("/b"), 0, Inconclusive, "may name more"},
		"a success, then something else":  {newTape(0).add(op{target: "/a", tries: []try{{status: 200}, {status: 503}, {status: 200}}}.as(explicit)).moving("/a", "/b"), 0, Inconclusive, ""},
		"a redirect":                      {newTape(0).add(op{target: "/a", tries: []try{{status: 302}, {status: 200}}}.as(explicit)).moving("/b"), 0, Inconclusive, "saw none"},
		"after a refusal":                 {newTape(0).add(refused).moving("/b"), 0, Inconclusive, "saw none"},
		"after a failure of our own":      {newTape(0).add(ours).moving("/b"), 0, Inconclusive, "saw none"},
		"an idempotency key on two":       {newTape(0).add(keyed).moving("/b"), 0, Inconclusive, "saw none"},
		"polled":                          {newTape(0).add(polled).moving("/b"), 0, Inconclusive, "saw none"},
		"ambiguous":                       {newTape(0).add(named.as(observe.GroupingAmbiguous)).moving("/b"), 0, Inconclusive, "saw none"},
	})
}
