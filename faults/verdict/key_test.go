package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// withKeys is o with an idempotency key in each attempt, the last of those given in the rest.
func (o op) withKeys(keys ...string) op {
	tries := make([]try, len(o.tries))
	for i, t := range o.tries {
		t.key = keys[min(i, len(keys)-1)]
		tries[i] = t
	}
	o.tries = tries
	return o
}

// named is o named by its keys alone, or by a call id.
func (o op) named(byKey bool) op {
	o.grouping, o.byKey = observe.GroupingExplicit, byKey
	return o
}

func TestKeyStable(t *testing.T) {
	t.Parallel()
	pair := write(try{status: 503}, try{after: second, status: 200})
	lone, done := write(try{status: 503}).withKeys("k").named(true), write(try{status: 200})
	// soon adds n writes that fail and come again after a wait with another key.
	soon := func(n int, wait time.Duration) *tape {
		p := newTape(0)
		for range n {
			p.add(lone)
			next := done.withKeys("l").named(true)
			next.target = p.calls[len(p.calls)-1].Target
			p.after(wait, next)
		}
		return p
	}
	refused := write(try{status: 400}, try{after: second, status: 200}).withKeys("k", "l").named(false)
	play(t, "key-stable", map[string]scene{
		"nothing happened":             {newTape(10).times(3, pair), 0, Inconclusive, "saw none"},
		"a key, and no failure":        {newTape(0).add(done.withKeys("k").named(true)), 0, Inconclusive, "saw none"},
		"kept by its own definition":   {newTape(0).add(pair.withKeys("k").named(true)), 0, Pass, "in 1 call"},
		"kept beside an id":            {newTape(0).add(pair.withKeys("k").named(false)), 0, Pass, ""},
		"changed beside an id":         {newTape(0).add(pair.withKeys("k", "l").named(false)), 0, Warn, "changed within the call in 1 of 1"},
		"gone beside an id":            {newTape(0).add(pair.withKeys("k", "").named(false)), 0, Warn, ""},
		"changed, ambiguous":           {newTape(0).add(pair.withKeys("k", "l").as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"a new one after a refusal":    {newTape(0).add(refused), 0, Inconclusive, "saw none"},
		"a new one at once, on three":  {soon(3, 200*ms), 0, Warn, "at once with another idempotency key in 3 of 3"},
		"a new one at once, on two":    {soon(2, 200*ms), 0, Inconclusive, "saw 2"},
		"a new one later, by somebody": {soon(3, 3*second), 0, Inconclusive, "meant to do it again"},
		"a new one after a minute":     {soon(3, 61*second), 0, Inconclusive, "saw none"},
		"polled":                       {newTape(0).add(op{method: "POST", polling: true, tries: pair.tries}.withKeys("k", "l").named(false)), 0, Inconclusive, ""},
		"ours":                         {newTape(0).add(write(try{status: 502, origin: observe.OriginOurs}, try{after: second, status: 200}).withKeys("k", "l").named(false)), 0, Inconclusive, "saw none"},
	})
}

func TestKeyNotReused(t *testing.T) {
	t.Parallel()
	pair := write(try{status: 503}, try{after: second, status: 200})
	altered := write(try{status: 200}, try{after: second, status: 200, body: `{"TrackIds":["music.2"]}`})
	torn := write(try{status: 503, torn: true, body: "cut"}, try{after: second, status: 200})
	parts := op{method: "POST", body: "part a", tries: []try{{status: 503}, {after: second, status: 200, body: "part b"}}}
	single := func(body string) op {
		o := write(try{status: 200}).withKeys("k").named(false)
		o.body, o.target = body, "/1/content/music/collection/add"
		return o
	}
	elsewhere := single("b")
	elsewhere.endpoint, elsewhere.target = groove.CollectionDelete, "/1/content/music/collection/delete"
	// both is one call by its key alone, to two endpoints.
	both := newTape(0).add(altered.withKeys("k").named(true))
	both.calls[0].Attempts[1].Endpoint, both.calls[0].Attempts[1].Target = groove.CollectionDelete, elsewhere.target
	polled := altered.withKeys("k").named(true)
	polled.polling = true
	play(t, "key-not-reused", map[string]scene{
		"nothing happened":              {newTape(10).times(3, pair), 0, Inconclusive, "saw none"},
		"a key that came once":          {newTape(0).add(write(try{status: 200}).withKeys("k").named(true)), 0, Inconclusive, "saw none"},
		"one body":                      {newTape(0).add(pair.withKeys("k").named(true)), 0, Pass, "one body in 1 call"},
		"two bodies":                    {newTape(0).add(altered.withKeys("k").named(true)), 0, Fail, "two bodies in 1 of 1 call"},
		"two bodies, a key each":        {newTape(0).add(altered.withKeys("k", "l").named(false)), 0, Inconclusive, "saw none"},
		"two bodies, beside an id":      {newTape(0).add(altered.withKeys("k").named(false)), 0, Fail, ""},
		"two bodies in two named calls": {newTape(0).add(single("a")).add(single("b")), 0, Fail, "1 of 1"},
		"one body in two named calls":   {newTape(0).add(single("a")).add(single("a")), 0, Pass, ""},
		"two bodies on two endpoints":   {newTape(0).add(single("a")).add(elsewhere), 0, Inconclusive, "came twice"},
		"and two on one of them":        {newTape(0).add(single("a")).add(elsewhere).add(single("c")), 0, Fail, "1 of 1"},
		"one key alone, two endpoints":  {both, 0, Inconclusive, "came twice"},
		"one that was broken off":       {newTape(0).add(torn.withKeys("k").named(true)), 0, Inconclusive, "saw none"},
		"parts between boundaries":      {newTape(0).add(parts.withKeys("k").named(true)), 0, Inconclusive, "multipart"},
		"ambiguous":                     {newTape(0).add(altered.withKeys("k").as(observe.GroupingAmbiguous)), 0, Inconclusive, "saw none"},
		"polled":                        {newTape(0).add(polled), 0, Inconclusive, "saw none"},
	})
}
