package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// round makes calls that come again one after the other in the order in which they came first.
func (p *tape) round(calls int, o op) *tape {
	start := p.now + second
	for i := range calls {
		o.at = start + time.Duration(i)*100*ms
		p.add(o)
	}
	return p
}

// What is no schedule of the client's own does not show that it ignored Retry-After: another caller may have been asked.
func TestScheduleOfItsOwn(t *testing.T) {
	t.Parallel()
	level := waitsFor(1, 1.1, 1.6)
	told := op{tries: asks(503, "2", waitsFor(1, 2, 3)...)}
	play(t, "retry-after-honoured", map[string]scene{
		"just what it keeps elsewhere":    {newTape(10).times(3, op{tries: fails(503, waitsFor(1, 2, 3)...)}).times(3, told), 0, Fail, ""},
		"two waits are none":              {newTape(10).times(3, op{tries: fails(503, waitsFor(1, 2, 3)...)}).times(3, op{tries: asks(503, "2", waitsFor(1, 2)...)}), 0, Inconclusive, ""},
		"kept by calls in doubt":          {newTape(10).times(3, op{tries: fails(503, waitsFor(1, 2, 3)...)}.as(observe.GroupingAmbiguous)).times(3, op{tries: asks(503, "3", waitsFor(1, 2, 3)...)}), 0, Inconclusive, "needs 6 calls"},
		"kept by a loop":                  {newTape(10).round(3, op{tries: fails(503, level...)}).times(3, op{tries: asks(503, "2", level...)}), 0, Inconclusive, ""},
		"kept by calls that are no loop":  {newTape(10).times(3, op{tries: fails(503, level...)}).times(3, op{tries: asks(503, "2", level...)}), 0, Fail, ""},
		"kept by calls of a single wait":  {newTape(10).times(3, op{tries: fails(503, second)}).times(3, told), 0, Inconclusive, ""},
		"kept by calls that were told it": {newTape(10).times(3, op{tries: asks(500, "9", waitsFor(1, 2, 3)...)}).times(3, told), 0, Inconclusive, ""},
	})
}

// Only a first wait after a transient answer, of a call that is certain, is the client's own: what was told is compared with nothing else.
func TestOwnFirstWait(t *testing.T) {
	t.Parallel()
	ours := []try{{status: 503, origin: observe.OriginOurs}, {after: ms, status: 503}, {after: second, status: 503}}
	play(t, "retry-after-honoured", map[string]scene{
		"its own":                  {told2s(newTape(10).times(3, op{tries: fails(503, second)})), 0, Fail, "and after 1.00 s when not asked"},
		"of calls in doubt":        {told2s(newTape(10).times(3, op{tries: fails(503, second)}.as(observe.GroupingAmbiguous))), 0, Inconclusive, ""},
		"a second one":             {told2s(newTape(10).times(3, op{tries: ours})), 0, Inconclusive, ""},
		"after a final answer":     {told2s(newTape(10).times(3, op{tries: fails(404, second)})), 0, Inconclusive, ""},
		"half of it, on 2 alone":   {newTape(10).values(503, []string{"2", "2"}, waitsFor(.1, .1)), 0, Inconclusive, "saw 2 over 1"},
		"an answer that broke off": {newTape(10).times(3, op{tries: []try{{status: 503, ra: "2", end: observe.EndBroken}, {after: ms, status: 503}}}), 0, Inconclusive, "saw none"},
	})
}

// told2s adds three calls that were told to wait for 2 s and came back after about one.
func told2s(p *tape) *tape { return p.values(503, []string{"2", "2", "2"}, waitsFor(1, 1.02, 1.04)) }

// That others came back at the same moment shows a program only if they are certain.
func TestTimeIsKeptByCertainCalls(t *testing.T) {
	t.Parallel()
	early := op{tries: asks(503, "3600", 20*second)}
	play(t, "retry-after-long", map[string]scene{
		"three":               {newTape(10).times(3, early), 0, Fail, ""},
		"one, two in doubt":   {newTape(10).add(early).times(2, early.as(observe.GroupingAmbiguous)), 0, Inconclusive, "within 250 ms"},
		"three, far and wide": {newTape(10).add(early).add(op{tries: asks(503, "3600", 21*second)}).add(op{tries: asks(503, "3600", 22*second)}), 0, Inconclusive, "within 250 ms"},
	})
}

// A back-off on a tiny base gives quick calls too, one in sixteen.
func TestTinyBackOff(t *testing.T) {
	t.Parallel()
	jitter, lazy := op{tries: fails(503, 4*ms, 12*ms, 17*ms)}, op{tries: fails(503, 26*ms, 24*ms, 54*ms)}
	slow := op{tries: fails(503, 200*ms, 400*ms, 800*ms)}
	play(t, "backs-off", map[string]scene{
		"as many as chance gives":      {newTape(10).times(3, jitter).times(30, lazy), 0, Info, "tiny delay"},
		"beside waits that are longer": {newTape(10).add(jitter).times(20, slow), 0, Info, "tiny delay"},
		"none of them":                 {newTape(10).times(21, slow), 0, Pass, ""},
		"told to wait for a second":    {newTape(10).times(3, op{tries: asks(503, "1", ms, ms, ms)}), 0, Inconclusive, "saw none"},
		"told, and a little early":     {newTape(10).times(3, op{tries: asks(503, "9", 4*second)}), 0, Inconclusive, "saw none"},
		"named, at the first 429":      {newTape(10).add(op{tries: fails(429, ms, ms, ms)}.as(observe.GroupingExplicit)), 0, Fail, ""},
	})
}

// The law is read from waits that are certain to follow a transient answer.
func TestOwnWaitsAreCertain(t *testing.T) {
	t.Parallel()
	level := op{tries: fails(503, every(4, second)...)}
	with := func(change func(*observe.Call)) *tape {
		p := newTape(10).times(3, level)
		for i := range p.calls[10:] {
			change(&p.calls[10+i])
		}
		return p
	}
	play(t, "grows", map[string]scene{
		"as they are":                {with(func(*observe.Call) {}), 0, Warn, "constant"},
		"after final answers":        {newTape(10).times(3, op{tries: fails(404, every(4, second)...)}), 0, Inconclusive, "saw none"},
		"of calls in doubt":          {newTape(10).times(3, level.as(observe.GroupingAmbiguous)), 0, Inconclusive, "no wait is certain"},
		"in flight at the first 429": {newTape(10).add(op{tries: fails(429, ms, ms, ms)}), 0, Inconclusive, "saw none"},
		"in a round":                 {newTape(10).round(3, level), 0, Inconclusive, "saw none"},
		"of attempts less likely":    {with(func(c *observe.Call) { c.Posteriors = []float64{1, .9, .9, .9, .9} }), 0, Inconclusive, "saw none"},
		"of attempts likely":         {with(func(c *observe.Call) { c.Posteriors = []float64{1, .95, .95, .95, .95} }), 0, Warn, "constant"},
		"between two nodes": {with(func(c *observe.Call) {
			for i, a := range c.Attempts {
				a.Node = []string{"east", "west"}[i%2]
			}
		}), 0, Inconclusive, "saw none"},
	})
}

// One key with two bodies is found whatever came last.
func TestKeyNotReusedLooksAtEachPair(t *testing.T) {
	t.Parallel()
	one := op{method: "POST", body: "x", grouping: observe.GroupingExplicit, byKey: true, tries: []try{
		{status: 503, key: "k"}, {after: second, status: 503, key: "k", body: "another"}, {after: second, status: 200, key: "k"},
	}}
	play(t, "key-not-reused", map[string]scene{"another body in between": {newTape(0).add(one), 0, Fail, "two bodies"}})
}

// Two final answers that were repeated just as the client backs off elsewhere are a program's doing; two alone may be two people's.
func TestFinalAnswersOnTheOwnBackOff(t *testing.T) {
	t.Parallel()
	waits := func(first float64) []time.Duration { return waitsFor(first, 2, 4) }
	twice := func(p *tape, status int) *tape {
		return p.add(op{tries: fails(status, waits(1.1)...)}).add(op{tries: fails(status, waits(1.2)...)})
	}
	other := op{tries: fails(503, waits(1.3)...)}
	same, fresh := op{target: "/same", tries: fails(404, waits(1.1)...)}, op{tries: fails(404, waits(1.1)...)}
	play(t, "final-not-retried", map[string]scene{
		"as elsewhere":            {twice(newTape(10).times(3, other), 404), 0, Fail, "404 was repeated in 2 of 2 calls"},
		"one elsewhere":           {twice(newTape(10).add(other), 404), 0, Inconclusive, ""},
		"nowhere else":            {twice(newTape(10), 404), 0, Inconclusive, ""},
		"elsewhere in doubt":      {twice(newTape(10).times(3, other.as(observe.GroupingAmbiguous)), 404), 0, Inconclusive, ""},
		"one alone":               {newTape(10).times(3, other).add(op{tries: fails(404, waits(1.1)...)}), 0, Inconclusive, ""},
		"one request twice":       {newTape(10).times(3, other).add(same).add(same), 0, Inconclusive, ""},
		"elsewhere, on the same":  {newTape(10).add(op{target: "/elsewhere", tries: other.tries}).add(op{target: "/elsewhere", tries: other.tries}).add(op{target: "/elsewhere", tries: other.tries}).times(2, fresh), 0, Inconclusive, ""},
		"so quick that any is so": {newTape(10).times(3, op{tries: fails(503, 10*ms, 25*ms, 45*ms)}).add(op{tries: fails(404, 10*ms, 35*ms, 70*ms)}).add(op{tries: fails(404, 11*ms, 50*ms, 85*ms)}), 0, Inconclusive, ""},
		"one of two":              {newTape(10).times(3, other).add(op{tries: fails(404, waits(1.1)...)}).add(op{tries: fails(404, waitsFor(1, 2, 5)...)}), 0, Inconclusive, ""},
		"at waits that are level": {newTape(10).times(3, op{tries: fails(503, every(3, 100*ms)...)}).times(2, op{tries: fails(404, every(3, 100*ms)...)}), 0, Inconclusive, ""},
		"twice, and twice is few": {newTape(10).times(3, other).times(2, op{tries: fails(404, waitsFor(1.1, 2)...)}), 0, Inconclusive, ""},
	})
}

// A call that ended in anything but a transient failure was not given up, nor was one that may go on.
func TestOnlyWhatFailedWasGivenUp(t *testing.T) {
	t.Parallel()
	ending := func(status int) op { return op{tries: append(fails(503, second), try{after: second, status: status})} }
	censored := ending(503)
	censored.censored = true
	for name, tt := range map[string]struct {
		op   op
		want bool
	}{
		"failed": {ending(503), true}, "recovered": {ending(200), false}, "refused": {ending(404), false}, "may go on": {censored, false},
	} {
		s := newSubjects(newTape(10).add(tt.op).calls)[0]
		if waits, ok := s.ownWaits(s.calls[10]); !ok || waits.GaveUp != tt.want {
			t.Errorf("%s: given up is %v (%v), want %v", name, waits.GaveUp, ok, tt.want)
		}
	}
}
