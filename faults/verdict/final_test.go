package verdict

import (
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestFinalNotRetried(t *testing.T) {
	t.Parallel()
	once, twice := op{tries: fails(404, 200*ms)}, op{tries: fails(404, second, 2*second)}
	streaming := []try{{status: 409, code: groove.CodeDeliveryConcurrentStreaming}, {after: 200 * ms, status: 409, code: groove.CodeDeliveryConcurrentStreaming}}
	conflict := []try{{status: 409, code: groove.CodeCollectionConcurrentUpdate}, {after: 200 * ms, status: 409, code: groove.CodeCollectionConcurrentUpdate}}
	play(t, "final-not-retried", map[string]scene{
		"never":                          {newTape(10).times(2, op{tries: fails(404)}), 0, Pass, "404 was not repeated in 2 calls"},
		"one call is too few":            {newTape(10).times(1, op{tries: fails(404)}), 0, Inconclusive, "saw 1"},
		"three calls repeated":           {newTape(10).times(3, once), 0, Fail, "404 was repeated in 3 of 3 calls"},
		"two calls repeated":             {newTape(10).times(2, once), 0, Inconclusive, "the same on 3 different requests, or a call id such as X-Groovechaos-Call, saw 2"},
		"three that back off":            {newTape(10).times(3, twice), 0, Fail, "up to 2 times"},
		"one call repeated twice":        {newTape(10).times(1, twice), 0, Inconclusive, "came again in 1 of 1 call"},
		"a reload":                       {newTape(10).times(1, once).times(5, op{tries: fails(404)}), 0, Inconclusive, "reload"},
		"400 and 403":                    {newTape(10).times(2, op{tries: fails(400, 0)}).times(1, op{tries: fails(403, 0)}), 0, Fail, "400, 403"},
		"401 is another check's":         {newTape(10).times(2, op{tries: fails(401, second, second)}), 0, Inconclusive, "saw none"},
		"concurrent streaming":           {newTape(10).times(3, op{tries: streaming}), 0, Fail, "409"},
		"a concurrent update":            {newTape(10).times(2, op{tries: conflict}), 0, Inconclusive, "saw none"},
		"after more than 60 s":           {newTape(10).times(2, op{tries: fails(404, 61*second)}), 0, Pass, ""},
		"after 60 s":                     {newTape(10).times(2, op{tries: fails(404, 60*second)}.as(observe.GroupingExplicit)), 0, Fail, ""},
		"a 503 that ends in 404":         {newTape(10).times(2, op{tries: []try{{status: 503}, {after: second, status: 404}}}), 0, Pass, ""},
		"as another call, a minute late": {newTape(10).times(2, op{tries: fails(404)}).add(op{tries: fails(404)}).again(op{tries: fails(404)}), 0, Inconclusive, "came again in 1 of 4"},
		"refused, then found":            {newTape(10).times(2, op{tries: []try{{status: 404}, {after: 61 * second, status: 200}}}), 0, Pass, "404 was not"},
		"ambiguous":                      {newTape(10).times(3, twice.as(observe.GroupingAmbiguous)), 0, Inconclusive, "came again in 3 of 3"},
		"ambiguous beside clean":         {newTape(10).times(3, op{tries: fails(404)}).times(1, twice.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"polling":                        {newTape(10).times(3, op{tries: fails(404, second, second), polling: true}), 0, Inconclusive, ""},
		"no baseline":                    {newTape(0).times(3, twice), 0, Inconclusive, "baseline of 10 calls, saw 0"},
		"no baseline, explicit":          {newTape(0).times(3, twice.as(observe.GroupingExplicit)), 0, Fail, ""},
		"ours":                           {newTape(10).times(3, op{tries: []try{{status: 404, origin: observe.OriginOurs}, {after: second, status: 404, origin: observe.OriginOurs}}}), 0, Inconclusive, "saw none"},
		"watching ended":                 {newTape(10).times(3, op{tries: fails(404), censored: true}), 0, Inconclusive, ""},
		"the client left and came back":  {newTape(10).times(3, op{tries: []try{{status: 404, end: observe.EndClientLeft}, {after: second, status: 404}}}), 0, Pass, ""},
	})
}

// The limits say which statuses are final.
func TestFinalNotRetriedByTheLimits(t *testing.T) {
	t.Parallel()
	repeated := func(status int, final ...int) *tape {
		return newTape(10).times(3, op{tries: fails(status, 200*ms)}).under(Rule{Limits: Limits{Final: append([]int{}, final...)}})
	}
	streaming := newTape(10).times(3, op{tries: []try{{status: 409, code: groove.CodeDeliveryConcurrentStreaming}, {after: 200 * ms, status: 200}}})
	play(t, "final-not-retried", map[string]scene{
		"410 is final":             {repeated(410, 404, 410), 0, Fail, "410 was repeated in 3 of 3"},
		"404 is not":               {repeated(404, 410), 0, Inconclusive, "end in 410 or a 409 for concurrent streaming, saw none"},
		"500 is both, so it is":    {repeated(500, 500), 0, Fail, ""},
		"nothing but streaming is": {repeated(404), 0, Inconclusive, "end in a 409"},
		"concurrent streaming is":  {streaming.under(Rule{Limits: Limits{Final: []int{}}}), 0, Fail, "409"},
		"any 409 is":               {repeated(409, 409), 0, Fail, ""},
	})
}
