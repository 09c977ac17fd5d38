package verdict

import (
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestStopsAfterSuccess(t *testing.T) {
	t.Parallel()
	call := func(tries ...try) op { return op{tries: tries}.as(observe.GroupingExplicit) }
	stops, goes := call(try{status: 503}, try{status: 200}), call(try{status: 503}, try{status: 200}, try{after: second / 2, status: 200})
	late := call(try{status: 503}, try{status: 200}, try{after: second, status: 200})
	together := call(try{status: 503}, try{status: 200, conn: 7}, try{after: 10 * second, status: 200, conn: 7})
	many := call(try{status: 503}, try{status: 200}, try{after: second, status: 200}, try{after: second, status: 200}, try{after: second, status: 200})
	counted, hasty := many, many
	counted.tries = append([]try{}, many.tries...)
	hasty.tries = append([]try{}, many.tries...)
	for i := range counted.tries {
		counted.tries[i].counter, counted.tries[i].conn = i+1, 7
		hasty.tries[i].after = 0
	}
	keyed := write(try{status: 503}, try{status: 200}, try{status: 200}).withKeys("k").named(true)
	soft := call(try{status: 503}, try{status: 200, class: groove.ClassSoftError}, try{after: second, status: 200})
	spoiled := newTape(0).add(goes)
	spoiled.calls[0].Attempts[1].SpoiledBy = []string{"garble"}
	polled := goes
	polled.polling = true
	play(t, "stops-after-success", map[string]scene{
		"nothing happened":               {newTape(10), 0, Inconclusive, "saw none"},
		"named, and nothing went wrong":  {newTape(0).add(call(try{status: 200})), 0, Inconclusive, "saw none"},
		"stops":                          {newTape(0).add(stops), 0, Pass, "in 1 call"},
		"never succeeds":                 {newTape(0).add(call(fails(503, second)...)), 0, Inconclusive, "saw none"},
		"goes on":                        {newTape(0).add(goes), 0, Fail, "after the call had succeeded in 1 of 1 call"},
		"goes on in one of two":          {newTape(0).add(stops).add(goes), 0, Fail, "1 of 2"},
		"succeeds at once and goes on":   {newTape(0).add(call(try{status: 200}, try{after: second / 2, status: 200})), 0, Fail, ""},
		"its timer may have run out":     {newTape(0).add(late), 0, Inconclusive, "1 of 1 call"},
		"its timers may have, twice":     {newTape(0).add(late).add(late), 0, Inconclusive, "2 of 2"},
		"its timers cannot have":         {newTape(0).add(late).add(late).add(late), 0, Fail, "3 of 3"},
		"late, on the same connection":   {newTape(0).add(together), 0, Fail, "1 of 1"},
		"goes on as a poller does":       {newTape(0).add(many), 0, Inconclusive, "no poller"},
		"goes on as it counts":           {newTape(0).add(counted), 0, Fail, ""},
		"goes on in haste":               {newTape(0).add(hasty), 0, Fail, ""},
		"an id for two pages":            {newTape(0).add(goes).moving("/b", "/c"), 0, Inconclusive, "under the same id"},
		"calls that nobody named":        {newTape(10).add(goes.as(observe.GroupingInferred)), 0, Inconclusive, "saw none"},
		"an idempotency key":             {newTape(0).add(keyed), 0, Inconclusive, "saw none"},
		"a session's id":                 {shareID(newTape(10).add(goes)), 0, Inconclusive, "saw none"},
		"after a soft error":             {newTape(0).add(soft), 0, Inconclusive, "came after a success"},
		"after an answer that took long": {newTape(0).add(call(try{status: 503}, try{status: 200, took: 1001 * ms}, try{status: 200})), 0, Inconclusive, ""},
		"after one that took a second":   {newTape(0).add(call(try{status: 503}, try{status: 200, took: second, conn: 7}, try{status: 200, conn: 7})), 0, Fail, ""},
		"after an answer that it left":   {newTape(0).add(call(try{status: 503}, try{status: 200, end: observe.EndClientLeft}, try{status: 200})), 0, Pass, ""},
		"after a spoiled answer":         {spoiled, 0, Pass, ""},
		"after a redirect":               {newTape(0).add(call(try{status: 503}, try{status: 302}, try{status: 200})), 0, Pass, ""},
		"a hedge that was late":          {newTape(0).add(call(try{status: 503}, try{status: 200, took: second}, try{after: -second / 2, status: 200, hedge: true})), 0, Pass, ""},
		"by the HTTP stack":              {newTape(0).add(call(try{status: 503}, try{end: observe.EndBroken}, try{after: ms, status: 200, stack: true})), 0, Pass, ""},
		"our own answer":                 {newTape(0).add(call(try{status: 503}, try{status: 200, origin: observe.OriginOurs}, try{after: second, status: 200})), 0, Pass, ""},
		"ambiguous":                      {newTape(0).add(goes.as(observe.GroupingAmbiguous)), 0, Inconclusive, "saw none"},
		"polled":                         {newTape(0).add(polled), 0, Inconclusive, "saw none"},
	})
}
