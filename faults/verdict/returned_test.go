package verdict

import (
	"fmt"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// visited adds n requests, each of which the client asks for twice although it succeeded, a second apart; then o befalls it, and after so long it
// comes once more as another call.
func (p *tape) visited(n int, o op, back time.Duration, last ...try) *tape {
	for range n {
		o.target = fmt.Sprint("/visited/", p.sequence)
		seen := op{target: o.target, tries: []try{{status: 200}}}
		p.add(seen).add(seen).add(o).after(back, op{target: o.target, tries: last})
	}
	return p
}

// That a request comes again after a success too says that its next call need not be the repeat of a failed one, not that it is none: such a call
// neither shows that a client gave up nor that it did not.
func TestWhatComesBackMayBeTheRepeat(t *testing.T) {
	t.Parallel()
	const explicit = observe.GroupingExplicit
	lone, long := op{tries: fails(503)}, op{tries: asks(503, "3600")}
	play(t, "retry-budget", map[string]scene{
		"came again, half a minute": {newTape(10).visited(25, lone, 40*second, try{status: 200}), 0, Inconclusive, "saw 0"},
		"named, and came again":     {newTape(10).visited(25, lone.as(explicit), 40*second, try{status: 200}), 0, Info, "nothing is retried"},
		"came again after an hour":  {newTape(10).visited(25, lone, 3600*second, try{status: 200}), 0, Info, "nothing is retried"},
	})
	play(t, "retry-after-long", map[string]scene{
		"came again, half a minute":  {newTape(10).visited(3, long, 30*second, try{status: 503}), 0, Inconclusive, "given up"},
		"came again when it was due": {newTape(10).visited(3, long, 3601*second, try{status: 200}), 0, Pass, "or waited"},
		"came again, and no habit":   {newTape(10).add(long).again(lone), 0, Inconclusive, "given up"},
		"named, and came again":      {newTape(10).visited(3, long.as(explicit), 30*second, try{status: 503}), 0, Pass, "gave up"},
	})
}

// A poller's next tick is no repeat of what was settled; what comes at another time may be one.
func TestWhatComesBackUnlikeTheHabitMayBeARepeat(t *testing.T) {
	t.Parallel()
	missing, refused := op{tries: fails(404)}, op{tries: refused("a")}
	play(t, "final-not-retried", map[string]scene{
		"as ever":         {newTape(10).visited(3, missing, second, try{status: 404}), 0, Pass, ""},
		"at another time": {newTape(10).visited(3, missing, 40*second, try{status: 200}), 0, Inconclusive, "came again in 3 of 3"},
		"too late":        {newTape(10).visited(3, missing, 61*second, try{status: 200}), 0, Pass, ""},
	})
	play(t, "unauthorized-not-hammered", map[string]scene{
		"as ever":         {newTape(10).visited(3, refused, second, try{status: 200}), 0, Pass, ""},
		"at another time": {newTape(10).visited(3, refused, 40*second, try{status: 200}), 0, Inconclusive, ""},
	})
}

// A client that keeps tokens in store need not ask for one when the next call brings another.
func TestTokenRefreshedSeesTheNextCall(t *testing.T) {
	t.Parallel()
	stuck := op{tries: expiring("a")}
	old := try{status: 401, code: groove.CodeAccessTokenExpired, credential: "a"}
	play(t, "token-refreshed", map[string]scene{
		"the next brings another":    {started().visited(3, stuck, 20*second, try{status: 200, credential: "b"}), 0, Inconclusive, "is not certain"},
		"the next brings the same":   {started().visited(3, stuck, 20*second, old), 0, Fail, ""},
		"the next has none, refused": {started().visited(3, stuck, 20*second, try{status: 401, code: old.code}), 0, Fail, ""},
		"the next has none, served":  {started().visited(3, stuck, 20*second, try{status: 200}), 0, Inconclusive, "is not certain"},
		"another, two minutes late":  {started().visited(3, stuck, 120*second, try{status: 200, credential: "b"}), 0, Fail, ""},
	})
}

// A user may have been told of the next visit, also where the client comes back after a success too.
func TestErrorSurfacedKnowsTheNextVisit(t *testing.T) {
	t.Parallel()
	const page = "/again"
	told := func(early time.Duration) Finding {
		f := newFront()
		f.add(op{target: page, tries: []try{{status: 200}}}).add(op{target: page, tries: []try{{status: 200}}})
		f.tells(success, nil, try{status: 503})
		lost := &f.calls[len(f.calls)-1]
		lost.Grouping, lost.Target, lost.Attempts[0].Target = observe.GroupingInferred, page, page
		f.add(op{target: page, tries: []try{{status: 200}}})
		f.outcomes[0].Time = epoch.Add(f.now + second - early)
		return f.finding(t, "error-surfaced", nil)
	}
	if got := told(0); got.Result != Inconclusive {
		t.Errorf("told after the next visit: got %s, want inconclusive: %s", got.Result, got.Summary)
	}
	if got := told(1500 * ms); got.Result != Fail {
		t.Errorf("told before the next visit: got %s, want fail: %s", got.Result, got.Summary)
	}
}
