package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// conflicts is a write that met a concurrent update and came again after the waits.
func conflicts(waits ...time.Duration) op {
	o := write(fails(409, waits...)...)
	for i := range o.tries {
		o.tries[i].code = groove.CodeCollectionConcurrentUpdate
	}
	return o
}

// reading adds a write n times, each with a request of the client so long after the first attempt arrived.
func (p *tape) reading(n int, o, read op, after time.Duration) *tape {
	for range n {
		p.add(o)
		end := p.now
		read.at = p.calls[len(p.calls)-1].Attempts[0].Received + after
		if len(read.tries) == 0 {
			read.tries = []try{{status: 200}}
		}
		p.add(read)
		p.now = max(end, p.now)
	}
	return p
}

func TestConflictNotBlind(t *testing.T) {
	t.Parallel()
	const explicit = observe.GroupingExplicit
	blind, left := conflicts(second), conflicts()
	changed := conflicts(second)
	changed.tries[1].body = "another"
	browse := op{endpoint: groove.CollectionBrowse, target: "/1/content/music/collection/tracks/browse"}
	plain := op{target: "/1/content/music/Collection/whatever"}
	lookup := op{endpoint: groove.Lookup, target: "/1/content/music.1/lookup"}
	owned := op{endpoint: groove.Lookup, target: "/1/content/music.1/lookup?source=catalog+collection"}
	catalog := op{endpoint: groove.CatalogBrowse, target: "/1/content/music/catalog/albums/browse"}
	elsewhere, streaming := conflicts(second), conflicts(second)
	elsewhere.endpoint = groove.RadioCreate
	for i := range streaming.tries {
		streaming.tries[i].code = groove.CodeDeliveryConcurrentStreaming
	}
	polite := write(try{status: 200})
	polite.target = "/list"
	play(t, "conflict-not-blind", map[string]scene{
		"nothing happened":                 {newTape(10).times(2, write(fails(503, second)...)), 0, Inconclusive, "saw none"},
		"two blind ones":                   {newTape(0).times(2, blind), 0, Warn, "nothing read in between, in 2 of 2 calls"},
		"one blind one":                    {newTape(0).add(blind), 0, Inconclusive, "saw 1"},
		"two that are named":               {newTape(0).times(2, blind.as(explicit)), 0, Warn, ""},
		"left alone":                       {newTape(0).times(2, left), 0, Pass, "in 2 calls"},
		"one left alone":                   {newTape(0).add(left), 0, Inconclusive, "saw 1"},
		"with another body":                {newTape(0).times(2, changed.as(explicit)), 0, Pass, ""},
		"after a look":                     {newTape(0).reading(2, blind, browse, second/2), 0, Pass, ""},
		"after a look-up in the catalogue": {newTape(0).reading(2, blind, lookup, second/2), 0, Warn, ""},
		"after a look-up in it":            {newTape(0).reading(2, blind, owned, second/2), 0, Pass, ""},
		"after a look at what is not ours": {newTape(0).reading(2, blind, plain, second/2), 0, Pass, ""},
		"after a look at the catalogue":    {newTape(0).reading(2, blind, catalog, second/2), 0, Warn, ""},
		"after a look that came too late":  {newTape(0).reading(2, blind, browse, 2*second), 0, Warn, ""},
		"after a look that came before":    {newTape(0).reading(2, blind, browse, -ms), 0, Warn, ""},
		"first after a look, then blindly": {newTape(0).reading(2, conflicts(second, second), browse, second/2), 0, Warn, ""},
		"a list with a track twice":        {newTape(0).times(2, blind).add(polite).add(polite), 0, Inconclusive, "came again in 2 of 2"},
		"one track of many, twice":         {newTape(0).times(2, blind).times(9, write(try{status: 200})).add(polite).add(polite), 0, Inconclusive, "came again in 2 of 2"},
		"pressed again, a minute late":     {newTape(0).times(2, left).again(write(try{status: 200})), 0, Inconclusive, ""},
		"another endpoint":                 {newTape(0).times(2, elsewhere), 0, Inconclusive, "saw none"},
		"another conflict":                 {newTape(0).times(2, streaming), 0, Inconclusive, "saw none"},
		"ambiguous":                        {newTape(0).times(2, blind.as(observe.GroupingAmbiguous)), 0, Inconclusive, ""},
		"watching ended":                   {newTape(0).times(2, op{method: "POST", endpoint: groove.CollectionAdd, body: "b", censored: true, tries: left.tries}), 0, Inconclusive, ""},
	})
}

// A look that lies in an earlier chapter cannot be seen in this one, so that what began there says nothing.
func TestConflictAcrossChapters(t *testing.T) {
	t.Parallel()
	p := newTape(10).times(2, conflicts(second))
	for name, tt := range map[string]struct {
		seen time.Duration
		want Result
	}{"whole": {0, Warn}, "begun before": {p.now, Inconclusive}} {
		who := newClient(p.client, nil)
		who.seen = tt.seen
		s := newSubject(who, chapters(p.calls)[0], &desk{})
		check := conflictNotBlind(who, nil)
		check.take(s)
		if got := check.findings()[0].Result; got != tt.want {
			t.Errorf("%s: result is %s, want %s", name, got, tt.want)
		}
		if who.seen != max(tt.seen, p.calls[11].Attempts[1].Received) {
			t.Errorf("%s: seen up to %v, want the last arrival", name, who.seen)
		}
	}
}
