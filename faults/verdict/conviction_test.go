package verdict

import (
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// rounds adds n calls that each come 50 ms after the one before and come again after the waits: a round each.
func (p *tape) rounds(n, status int, waits ...time.Duration) *tape {
	start := p.now + second
	for i := range n {
		p.add(op{at: start + time.Duration(i)*50*ms, tries: fails(status, waits...)})
	}
	return p
}

// merged makes the attempts of callers that each back off by themselves look like one call: the waits between all of them.
func merged(waits ...time.Duration) op { return op{tries: fails(503, waits...)} }

// One request proves nothing, however often it came again: a poller, a loop over test cases or several users
// look the same.
func TestConvictWantsDifferentRequests(t *testing.T) {
	t.Parallel()
	const explicit = observe.GroupingExplicit
	session := op{tries: fails(503, 0, 0, 0)}
	same := op{target: "/same", tries: fails(503, 0, 0, 0)}
	hammered := newTape(10)
	for range MaxEvidence + 5 {
		hammered.add(same)
	}
	hammered.times(6, session)
	play(t, "backs-off", map[string]scene{
		"six test cases on one URL":        {newTape(10).add(op{tries: fails(503, every(5, 0)...)}), 0, Inconclusive, "needs the same on 3 different requests, or a call id such as X-Groovechaos-Call, saw 1"},
		"one URL hammered, then others":    {hammered, 0, Fail, ""},
		"two requests":                     {newTape(10).times(2, session), 0, Inconclusive, "saw 2"},
		"three requests":                   {newTape(10).times(3, session), 0, Fail, ""},
		"one request three times":          {newTape(10).add(same).add(same).add(same), 0, Inconclusive, "saw 1"},
		"one named call":                   {newTape(0).add(session.as(explicit)), 0, Fail, "1 of 1 call"},
		"a named one among inferred ones":  {newTape(10).add(session).add(session.as(explicit)), 0, Fail, "1 of 1 call"},
		"calls that share a request's id":  {shareID(newTape(0).add(session.as(explicit))), 0, Inconclusive, ""},
		"they do so on three, with a past": {shareID(newTape(10).times(3, session.as(explicit))), 0, Fail, ""},
	})
}

// shareID takes from all calls what names them and leaves them an id that a session may share.
func shareID(p *tape) *tape {
	for i := range p.calls {
		for j := range p.calls[i].Attempts {
			a := p.calls[i].Attempts[j]
			a.CallID, a.RequestID = "", "session"
		}
	}
	return p
}

func TestConvictWantsTwoWrites(t *testing.T) {
	t.Parallel()
	again := write(try{status: 500}, try{after: 4 * second, status: 200})
	polite := write(try{status: 200})
	twice := func(p *tape) *tape {
		polite.target = "/list"
		return p.add(polite).add(polite)
	}
	ambiguous := polite.as(observe.GroupingAmbiguous)
	ambiguous.target = "/list"
	play(t, "write-not-repeated", map[string]scene{
		"a person presses again":             {newTape(10).add(again), 0, Warn, "two people's"},
		"a client repeats two":               {newTape(10).times(2, again), 0, Fail, ""},
		"a list with a track twice":          {twice(newTape(10).times(2, again)), 0, Inconclusive, "came again in 2 of 2"},
		"the same, as far as one can tell":   {newTape(10).times(2, again).add(ambiguous).add(ambiguous), 0, Inconclusive, ""},
		"a list with a track twice, named":   {twice(newTape(10).times(2, again.as(observe.GroupingExplicit))), 0, Fail, ""},
		"reads that are made again are none": {newTape(10).times(2, again).returning(4, "/read", second), 0, Fail, ""},
	})
}

func TestConvictWantsBackOffAfterFinalAnswers(t *testing.T) {
	t.Parallel()
	call := func(waits ...time.Duration) *tape { return newTape(10).times(3, op{tries: fails(404, waits...)}) }
	busy := newTape(10)
	for range 3 {
		start := busy.now + second
		busy.add(op{at: start, tries: fails(404, 100*ms)}).add(op{at: start + 50*ms, tries: []try{{status: 200}}})
	}
	play(t, "final-not-retried", map[string]scene{
		"waits for a resource to appear":     {call(every(7, second/2)...), 0, Inconclusive, "gaps that rise"},
		"is reloaded after seconds":          {call(2 * second), 0, Inconclusive, ""},
		"three users at odd times":           {call(2*second, second), 0, Inconclusive, ""},
		"backs off":                          {call(200*ms, 400*ms), 0, Fail, ""},
		"backs off by a fifth":               {call(200*ms, 240*ms), 0, Fail, ""},
		"by less than a fifth":               {call(2*second, 2300*ms), 0, Inconclusive, ""},
		"slower and slower, if not by much":  {call(1900*ms, 2*second, 2200*ms, 2500*ms, 2900*ms, 3300*ms), 0, Fail, ""},
		"falls back after it rose":           {call(200*ms, 400*ms, 800*ms, 400*ms), 0, Inconclusive, ""},
		"at once":                            {call(250 * ms), 0, Fail, ""},
		"not quite at once":                  {call(251 * ms), 0, Inconclusive, ""},
		"at once, with others in between":    {busy, 0, Inconclusive, ""},
		"a job goes over its URLs twice":     {newTape(10).rounds(10, 404, 200*ms), 0, Inconclusive, ""},
		"three times, further apart":         {newTape(10).rounds(10, 404, second, 2*second), 0, Inconclusive, ""},
		"a batch that backs off":             {newTape(10).rounds(10, 404, second, 2*second, 4*second), 0, Fail, ""},
		"a batch of two, each known by name": {newTape(10).times(2, op{tries: fails(404, second)}.as(observe.GroupingExplicit)), 0, Fail, ""},
	})
}

func TestConvictWantsOneCallerBeyondTheCap(t *testing.T) {
	t.Parallel()
	three := []time.Duration{370 * ms, 440 * ms, 190 * ms, 370 * ms, 440 * ms, 690 * ms, 370 * ms, 440 * ms, 3 * second, 370 * ms, 440 * ms}
	play(t, "attempts-capped", map[string]scene{
		"polled every half a second":     {newTape(10).times(3, op{tries: fails(503, every(13, second/2)...)}), 0, Inconclusive, "gaps that rise"},
		"three processes of 4 attempts":  {newTape(10).times(3, merged(three...)), 0, Inconclusive, ""},
		"one caller that goes on":        {newTape(10).times(3, op{tries: fails(503, linear(12)...)}), 0, Fail, ""},
		"one that does not wait":         {newTape(10).times(3, op{tries: fails(503, every(12, ms)...)}), 0, Fail, ""},
		"one that is named, of any kind": {newTape(0).add(merged(three...).as(observe.GroupingExplicit)), 0, Fail, ""},
	})
}

func TestConvictExcusesWhoMayBeAnother(t *testing.T) {
	t.Parallel()
	calls := func(ra string, waits ...time.Duration) *tape {
		return newTape(10).times(3, op{tries: asks(503, ra, waits...)})
	}
	two := []time.Duration{700 * ms, 2300 * ms, 700 * ms, 2300 * ms, 700 * ms}
	play(t, "retry-after-honoured", map[string]scene{
		"two processes that honour it":       {calls("3", two...), 0, Inconclusive, ""},
		"the second of them last":            {calls("3", two[:3]...), 0, Inconclusive, ""},
		"one that comes 10 ms before":        {calls("3", 700*ms, 2289*ms), 0, Inconclusive, ""},
		"one that comes 12 ms before":        {calls("3", 700*ms, 2287*ms), 0, Fail, ""},
		"one that ignores it":                {calls("3", 200*ms, 400*ms), 0, Fail, ""},
		"one that comes within 3 s":          {calls("2", 200*ms, 4700*ms), 0, Inconclusive, ""},
		"one that comes later than that":     {calls("2", 200*ms, 4900*ms), 0, Fail, ""},
		"two that are told apart by an id":   {newTape(0).times(3, op{tries: asks(503, "3", two...)}.as(observe.GroupingExplicit)), 0, Fail, ""},
		"one that comes at once, four times": {calls("2", 0, 0, 0), 0, Fail, ""},
	})
	knownFor := func(own time.Duration, p *tape) *tape { return p.times(3, op{tries: fails(503, own)}) }
	play(t, "retry-after-not-early", map[string]scene{
		"one that comes too soon":      {knownFor(300*ms, calls("2", 1700*ms)), 0, Fail, ""},
		"one that may always do so":    {calls("2", 1700*ms), 0, Inconclusive, "beyond chance"},
		"and another that does not":    {calls("2", 1700*ms, 300*ms), 0, Inconclusive, ""},
		"one that does so twice over":  {calls("5", 4*second, 3*second), 0, Inconclusive, ""},
		"one that comes too soon, big": {knownFor(300*ms, calls("9", 7*second)), 0, Fail, ""},
	})
}

func TestConvictKnowsBudgetsAndLoops(t *testing.T) {
	t.Parallel()
	never, backs := op{tries: fails(503)}, op{tries: fails(503, 100*ms, 200*ms)}
	// A retrier whose calls lie one after the other, and one that has many under way at a time.
	side := newTape(10)
	start := side.now + second
	for range 6 {
		side.add(op{at: start, tries: fails(503, second)})
	}
	play(t, "transient-retried", map[string]scene{
		"a budget of three":                  {newTape(10).times(3, backs).times(37, never), 503, Warn, "empty retry budget"},
		"a budget, before it is known":       {newTape(0).times(2, backs).times(37, never), 503, Inconclusive, "of 2 the repeats could be"},
		"none at all":                        {newTape(10).times(40, never), 503, Fail, ""},
		"one request, every 11 minutes":      {newTape(10).hourly(6, never), 503, Inconclusive, "saw 1"},
		"a loop over eight pages":            {newTape(10).rounds(8, 503, 960*ms, 965*ms), 503, Inconclusive, "a loop"},
		"the next user of six pages":         {newTape(10).rounds(6, 503, 1190*ms), 503, Inconclusive, ""},
		"rounds further and further apart":   {newTape(10).rounds(8, 503, second, 2*second), 503, Inconclusive, ""},
		"a batch that backs off":             {newTape(10).rounds(8, 503, second, 2*second, 4*second), 503, Pass, ""},
		"a round of a client that backs off": {newTape(10).times(4, op{tries: fails(503, second, 2*second, 4*second)}).rounds(8, 503, second, 2*second), 503, Pass, "12 of 12"},
		"one after the other":                {newTape(10).times(6, backs), 503, Pass, ""},
		"side by side":                       {side, 503, Pass, ""},
		"a round of two is none":             {newTape(10).times(6, backs).rounds(2, 503, second), 503, Pass, "8 of 8"},
	})
	punctual := newTape(10)
	start = punctual.now + second
	for i := range 6 {
		punctual.add(op{at: start + time.Duration(i)*50*ms, tries: asks(503, "2", 2010*ms)})
	}
	play(t, "transient-retried", map[string]scene{"a batch that waits as told": {punctual, 503, Pass, "6 of 6"}})
}

// hourly adds calls of one target, more than an hour apart.
func (p *tape) hourly(n int, o op) *tape {
	o.target = "/hourly"
	for range n {
		p.after(61*time.Minute, o)
	}
	return p
}
