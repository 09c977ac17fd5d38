package verdict

import (
	"fmt"
	"testing"

	"github.com/groovechaos/groovechaos/faults/backoff"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// lawsOf are the sentences of the client's laws.
func lawsOf(p *tape) (sentences []string) {
	for _, l := range judgeCalls(p.calls, nil, Options{}).Clients[0].Laws {
		if l.Status != 0 {
			sentences = append(sentences, fmt.Sprintf("%d: %s", l.Status, l.Sentence))
			continue
		}
		sentences = append(sentences, l.Sentence)
	}
	return sentences
}

func TestLaws(t *testing.T) {
	t.Parallel()
	doubles := waiting(second, 2*second, 4*second)
	goes := doubles
	goes.censored = true
	throttled := op{tries: fails(429, 3*second, 6*second, 9*second, 12*second)}
	twos, threes, waits := []string{"2", "2", "2"}, []string{"3", "3", "3"}, waitsFor(1, 1, 1)
	tests := map[string]struct {
		tape *tape
		want []string
	}{
		"none":        {newTape(10), nil},
		"exponential": {newTape(10).times(3, doubles), []string{"exponential ×2 from 1 s, no jitter; gives up after 4 attempts"}},
		"still going": {newTape(10).times(3, goes), []string{"exponential ×2 from 1 s, no jitter"}},
		"another after 429": {newTape(10).times(9, doubles).times(3, throttled), []string{
			"no law to be named: 12 calls of up to 4 gaps cannot tell", "429: linear 3 s; gives up after 5 attempts", "503: exponential ×2 from 1 s, no jitter; gives up after 4 attempts",
		}},
		"the same after 429":  {newTape(10).times(3, doubles).times(3, op{tries: fails(429, second, 2*second, 4*second)}), []string{"exponential ×2 from 1 s, no jitter; gives up after 4 attempts"}},
		"honours Retry-After": {newTape(10).times(3, doubles).values(503, threeTwice, waitsFor(1, 2, 3, 1, 2, 3)), []string{"exponential ×2 from 1 s, no jitter; gives up after 4 attempts; honours Retry-After"}},
		"ignores it":          {newTape(10).times(3, doubles).values(503, threes, waits), []string{"exponential ×2 from 1 s, no jitter; gives up after 4 attempts; ignores Retry-After"}},
		"comes early":         {newTape(10).times(3, doubles).values(503, twos, waitsFor(1.9, 1.9, 1.9)), []string{"exponential ×2 from 1 s, no jitter; gives up after 4 attempts; comes before Retry-After is over"}},
		"ambiguous":           {newTape(10).times(9, doubles.as(observe.GroupingAmbiguous)), nil},
		"told each time":      {newTape(10).values(503, threeTwice, waitsFor(1, 2, 3, 1, 2, 3)), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := lawsOf(tt.tape); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Checks that ask for the law of the same waits find it once.
func TestFitIsFoundOnce(t *testing.T) {
	t.Parallel()
	who := newClient("c", nil)
	for _, c := range chapters(newTape(10).times(9, waiting(second, 2*second, 4*second)).calls) {
		c.Client = "c"
		who.take(newSubject(who, c, &desk{}))
	}
	who.verdict(Options{})
	if len(who.fits) != 1 {
		t.Errorf("the laws of %d sets of waits were sought, want 1: those of the client, its one status and all checks", len(who.fits))
	}
	gap := backoff.Gap{Index: 1, Wait: second}
	sums := map[uint64]bool{}
	for _, c := range []backoff.Call{
		{Gaps: []backoff.Gap{gap}},
		{Gaps: []backoff.Gap{gap}, GaveUp: true},
		{Gaps: []backoff.Gap{gap, {Index: 2, Wait: second}}},
		{Gaps: []backoff.Gap{{Index: 1, Wait: second + 1}}},
		{Gaps: []backoff.Gap{{Index: 1, Wait: second, AfterRetryAfter: true}}},
	} {
		var g ownGaps
		g.add(c)
		sums[g.sum] = true
	}
	if len(sums) != 5 {
		t.Errorf("5 sets of waits have %d checksums, want one each", len(sums))
	}
}
