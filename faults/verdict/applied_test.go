package verdict

import (
	"testing"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestWriteAppliedOnce(t *testing.T) {
	t.Parallel()
	const explicit, single = observe.GroupingExplicit, observe.GroupingSingleFlight
	lost := try{status: 500, upstream: 200}
	twice := write(lost, try{after: second, status: 200, upstream: 200})
	thrice := write(lost, try{after: second, status: 503}, try{after: second, status: 200, upstream: 201})
	prompt := write(lost, try{after: 200 * ms, status: 200, upstream: 200})
	later := write(lost, try{after: 200 * ms, status: 500}, try{after: 2 * second, status: 200, upstream: 200})
	once, refused := write(lost, try{after: second, status: 409, upstream: 409}), write(try{status: 500, upstream: 500}, try{after: second, status: 200, upstream: 200})
	keyed := write(try{status: 500, upstream: 200, key: "k"}, try{after: second, status: 200, upstream: 200, key: "k"})
	changed := write(lost, try{after: second, status: 200, upstream: 200, body: "another"})
	stack := write(try{end: observe.EndBroken, upstream: 200}, try{after: ms, status: 200, upstream: 200, stack: true})
	read := twice
	read.method, read.endpoint, read.body = "GET", "", ""
	beside := write(try{status: 200, upstream: 200, took: second}, try{after: -second / 2, status: 500, upstream: 200})
	ours := write(try{status: 502, upstream: 200, origin: observe.OriginOurs}, try{after: second, status: 200, upstream: 200})
	gone := write(try{end: observe.EndClientLeft, upstream: 200}, try{after: second, status: 200, upstream: 200})
	censored := write(lost)
	censored.censored = true
	play(t, "write-applied-once", map[string]scene{
		"nothing happened":             {newTape(10).times(2, write(fails(500, second)...)), 0, Inconclusive, "saw none"},
		"twice, and named":             {newTape(0).add(twice.as(explicit)), 0, Fail, "more than once in 1 of 1 call"},
		"twice, with one in between":   {newTape(0).add(thrice.as(explicit)), 0, Fail, ""},
		"twice, after its own timeout": {newTape(0).add(gone.as(explicit)), 0, Fail, ""},
		"twice, one struck at a time":  {newTape(10).times(2, twice.as(single)), 0, Fail, "2 of 2"},
		"one of them":                  {newTape(10).add(twice.as(single)), 0, Warn, "two people's"},
		"one, again at once":           {newTape(10).add(prompt.as(single)), 0, Fail, "1 of 1"},
		"one, refused at once":         {newTape(10).add(later.as(single)), 0, Warn, "two people's"},
		"at once, as far as one sees":  {newTape(10).add(prompt), 0, Inconclusive, "strikes one call at a time"},
		"twice, as far as one can see": {newTape(10).times(3, twice), 0, Inconclusive, "strikes one call at a time"},
		"ambiguous":                    {newTape(10).times(3, twice.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"once":                         {newTape(0).add(write(lost)), 0, Pass, "in 1 call"},
		"once, then refused":           {newTape(0).add(once.as(explicit)), 0, Pass, ""},
		"done only by the repeat":      {newTape(0).add(refused.as(explicit)), 0, Inconclusive, "saw none"},
		"with a key":                   {newTape(0).add(keyed.as(explicit)), 0, Pass, ""},
		"another body":                 {newTape(0).add(changed.as(explicit)), 0, Pass, ""},
		"by the HTTP stack":            {newTape(0).add(stack.as(explicit)), 0, Inconclusive, "watched"},
		"a read":                       {newTape(0).add(read.as(explicit)), 0, Inconclusive, "saw none"},
		"beside each other":            {newTape(0).add(beside.as(explicit)), 0, Pass, ""},
		"after a failure of our own":   {newTape(0).add(ours.as(explicit)), 0, Inconclusive, "saw none"},
		"as another call":              {newTape(0).add(write(lost)).again(write(try{status: 200, upstream: 200})), 0, Inconclusive, "came again in 1 of 1"},
		"watching ended":               {newTape(0).add(censored), 0, Inconclusive, "watched"},
	})
}
