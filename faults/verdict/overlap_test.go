package verdict

import (
	"testing"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestNoOverlap(t *testing.T) {
	t.Parallel()
	const explicit, half = observe.GroupingExplicit, -second / 2
	beside := write(try{status: 503, took: second}, try{after: half, status: 200}).as(explicit)
	succeeds := write(try{status: 200, took: second}, try{after: half, status: 200}).as(explicit)
	patience := write(try{status: 200, took: 5 * second}, try{after: -3 * second, status: 200}).as(explicit)
	waits := op{tries: fails(503, second)}
	hedged := op{tries: []try{{status: 200, took: second}, {after: half, status: 200, hedge: true}}}.as(explicit)
	deserted := write(try{end: observe.EndClientLeft, took: second}, try{after: half, status: 200}).as(explicit)
	cut := write(try{end: observe.EndBroken, took: second}, try{after: half, status: 200}).as(explicit)
	ours := write(try{status: 502, took: second, origin: observe.OriginOurs}, try{after: half, status: 200}).as(explicit)
	other := write(try{status: 503, took: second}, try{after: half, status: 200, body: "another"}).as(explicit)
	keyed := write(try{status: 503, took: second, key: "k"}, try{after: half, status: 200, key: "k"}).as(explicit)
	keyed.byKey = true
	spoiled := newTape(0).times(2, beside)
	nodes := newTape(0).times(2, beside)
	pages := newTape(0).add(beside).moving("/b").add(beside).moving("/c")
	for i := range 2 {
		spoiled.calls[i].Attempts[0].SpoiledBy = []string{"slow"}
		nodes.calls[i].Attempts[0].Node = "other"
	}
	play(t, "no-overlap", map[string]scene{
		"nothing happened":             {newTape(10), 0, Inconclusive, "saw none"},
		"two":                          {newTape(0).times(2, beside), 0, Fail, "had ended in 2 of 2 calls"},
		"one":                          {newTape(0).add(beside), 0, Inconclusive, "so, saw 1"},
		"the first succeeds after all": {newTape(0).times(2, succeeds), 0, Fail, ""},
		"two, after a second":          {newTape(0).times(2, patience), 0, Inconclusive, "may have given up, which an intermediary hides"},
		"two named by a key":           {newTape(0).times(2, keyed), 0, Fail, ""},
		"waits":                        {newTape(10).times(2, waits), 0, Pass, "waited for the answer before it in 2 calls"},
		"waits, but one is too few":    {newTape(10).add(waits), 0, Inconclusive, "saw 1"},
		"waits, as far as one knows":   {newTape(0).times(2, waits), 0, Inconclusive, "saw 0"},
		"waits beside like requests":   {newTape(10).add(op{target: "/x", tries: waits.tries}).overlap(op{target: "/x", tries: waits.tries}), 0, Inconclusive, ""},
		"a hedge":                      {newTape(0).times(2, hedged), 0, Info, "a safe request was hedged in 2"},
		"its own timeout":              {newTape(0).times(2, deserted), 0, Pass, "left at its own timeout, or been cut off, in 2"},
		"its own timeout, once":        {newTape(10).add(deserted).times(2, waits), 0, Pass, "in 2 calls; the client had left"},
		"a lost answer":                {newTape(0).times(2, cut), 0, Pass, ""},
		"a failure of our own":         {newTape(0).times(2, ours), 0, Inconclusive, ""},
		"another body":                 {newTape(0).times(2, other), 0, Inconclusive, ""},
		"an answer that comes slowly":  {spoiled, 0, Inconclusive, ""},
		"by two clocks":                {nodes, 0, Inconclusive, ""},
		"an id for two pages":          {pages, 0, Inconclusive, ""},
		"not named":                    {newTape(10).times(2, beside.as(observe.GroupingInferred)), 0, Inconclusive, "under way at the same time in 2"},
		"ambiguous":                    {newTape(10).times(2, beside.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"polled":                       {newTape(10).times(2, op{polling: true, tries: waits.tries}), 0, Inconclusive, ""},
	})
}
