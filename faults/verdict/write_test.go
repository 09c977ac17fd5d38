package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestWriteNotRepeated(t *testing.T) {
	t.Parallel()
	again := func(first try, rest ...try) op {
		return write(append([]try{first}, append(rest, try{after: second, status: 200})...)...)
	}
	later := func(wait time.Duration) op { return write(try{status: 500}, try{after: wait, status: 200}) }
	keyed := write(try{status: 500, key: "k"}, try{after: second, status: 200, key: "k"})
	rekeyed := write(try{status: 500, key: "k"}, try{after: second, status: 200, key: "l"})
	radio, token, unknown := again(try{status: 500}), again(try{status: 500}), again(try{status: 500})
	radio.endpoint, token.endpoint, unknown.endpoint = groove.RadioCreate, groove.Token, ""
	changed := write(try{status: 500}, try{after: second, status: 200, body: "another"}).as(observe.GroupingExplicit)
	asked := func(wait time.Duration) op { return write(try{status: 502, ra: "90"}, try{after: wait, status: 200}) }
	same := func(t try) op {
		o := write(t)
		o.target = "/same"
		return o
	}
	const single = observe.GroupingSingleFlight
	polled, censored := again(try{status: 500}), write(try{status: 500})
	polled.polling, censored.censored = true, true
	play(t, "write-not-repeated", map[string]scene{
		"two are enough":                  {newTape(0).times(2, again(try{status: 500})), 0, Fail, "after 500 in 2 of 2 calls"},
		"one may be two people's":         {newTape(0).add(again(try{status: 500})), 0, Warn, "two people's"},
		"one that is named":               {newTape(0).add(again(try{status: 500}).as(observe.GroupingExplicit)), 0, Fail, "1 of 1 call"},
		"hammered without a baseline":     {newTape(0).times(2, write(fails(500, 0, 0, 0)...)), 0, Fail, ""},
		"tried again by hand":             {newTape(0).add(later(1500 * ms)).add(later(2600 * ms)).add(later(4100 * ms)), 0, Inconclusive, "no person made"},
		"by hand, and once at once":       {newTape(0).add(later(1500 * ms)).add(later(2600 * ms)).add(later(100 * ms)), 0, Fail, "3 of 3 calls"},
		"502":                             {newTape(0).times(2, again(try{status: 502})), 0, Fail, "502"},
		"a lost answer":                   {newTape(0).times(2, again(try{end: observe.EndBroken})), 0, Fail, "a lost answer"},
		"429":                             {newTape(0).add(again(try{status: 429})), 0, Warn, "most likely"},
		"503":                             {newTape(0).add(again(try{status: 503})), 0, Warn, ""},
		"503, then 500":                   {newTape(0).times(2, again(try{status: 503}, try{after: second, status: 500})), 0, Fail, ""},
		"503 repeated, 500 left alone":    {newTape(0).add(write(try{status: 503}, try{after: second, status: 500})), 0, Warn, ""},
		"left alone":                      {newTape(0).add(write(try{status: 500})), 0, Pass, "no write was sent again unprotected after 500"},
		"409 is no peril":                 {newTape(0).add(again(try{status: 409})), 0, Inconclusive, "saw none"},
		"the client left, then returned":  {newTape(0).add(again(try{end: observe.EndClientLeft})), 0, Warn, "leaving"},
		"it says it is the same call":     {newTape(0).add(again(try{end: observe.EndClientLeft}).as(observe.GroupingExplicit)), 0, Fail, ""},
		"with an idempotency key":         {newTape(0).add(keyed.as(observe.GroupingExplicit)), 0, Pass, ""},
		"with a new key each time":        {newTape(0).add(rekeyed.as(observe.GroupingExplicit)), 0, Fail, ""},
		"another body":                    {newTape(0).add(changed), 0, Pass, ""},
		"by the HTTP stack":               {newTape(0).add(write(try{end: observe.EndBroken}, try{after: ms, status: 200, stack: true})), 0, Inconclusive, "watched"},
		"as another call, a minute late":  {newTape(0).add(write(try{status: 500})).again(write(try{status: 200})), 0, Inconclusive, "came again in 1 of 1"},
		"as another call, later":          {newTape(0).add(write(try{status: 500})).again(write(try{after: second, status: 200})), 0, Pass, ""},
		"when it was told to":             {newTape(0).times(2, asked(90*second)), 0, Fail, "after 502 in 2 of 2"},
		"when it was told to, once":       {newTape(0).add(asked(90 * second)), 0, Warn, "two people's"},
		"a while after it was told to":    {newTape(0).add(asked(92 * second)).add(asked(97 * second)), 0, Inconclusive, "came again in 2 of 2"},
		"long before it was told to":      {newTape(0).times(2, asked(70*second)), 0, Inconclusive, ""},
		"after more than a minute":        {newTape(0).times(2, later(61*second)), 0, Inconclusive, "came again in 2 of 2"},
		"the same, one at a time":         {newTape(0).times(2, later(61*second).as(single)), 0, Inconclusive, ""},
		"when told to, one at a time":     {newTape(0).times(2, asked(90*second).as(single)), 0, Fail, ""},
		"as another call, as it was told": {newTape(0).add(same(try{status: 500, ra: "90"})).after(91*second, same(try{status: 200})), 0, Inconclusive, "came again in 1 of 1"},
		"radio.create writes nothing":     {newTape(0).add(radio), 0, Inconclusive, "saw none"},
		"token writes nothing":            {newTape(0).add(token), 0, Inconclusive, "saw none"},
		"outside the contract":            {newTape(0).add(unknown), 0, Inconclusive, "saw none"},
		"ambiguous":                       {newTape(10).add(again(try{status: 500}).as(observe.GroupingAmbiguous)), 0, Inconclusive, "came again in 1 of 1"},
		"polling":                         {newTape(10).add(polled), 0, Inconclusive, ""},
		"ours":                            {newTape(0).add(again(try{status: 502, origin: observe.OriginOurs})), 0, Inconclusive, "saw none"},
		"the upstream's":                  {newTape(0).times(2, again(try{status: 502, origin: observe.OriginUpstream})), 0, Fail, ""},
		"still waiting":                   {newTape(0).add(censored), 0, Inconclusive, "watched"},
	})
}

// The same write under way twice at a time is two writes, or a hedge: nobody can
// say which answer which repeat followed.
func TestWriteNotRepeatedCrowded(t *testing.T) {
	t.Parallel()
	p := newTape(10)
	o := write(try{status: 500}, try{after: second, status: 200})
	o.target = "/same"
	p.add(o)
	o.at = p.calls[len(p.calls)-1].Attempts[0].Received + 500*ms
	p.add(o)
	if f := p.findings(t, "write-not-repeated")[0]; f.Result != Inconclusive {
		t.Errorf("result is %s, want inconclusive: %s", f.Result, f.Summary)
	}
}
