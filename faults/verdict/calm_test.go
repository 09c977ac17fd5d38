package verdict

import (
	"testing"
	"time"
)

// steadily adds a healthy call every so often until a moment.
func (p *tape) steadily(every, until time.Duration) *tape {
	for p.now+every < until {
		p.add(op{at: p.now + every, tries: []try{{status: 200}}})
	}
	return p
}

// outage is 70 s of a call a second, then 10 s of failures.
func outage() *tape {
	return newTape(0).steadily(second, 70*second).add(op{at: 71 * second, tries: fails(503, second, 2*second, 4*second)})
}

func TestCalmAfterRecovery(t *testing.T) {
	t.Parallel()
	idle := newTape(0).steadily(15*second, 90*second).add(op{at: 81 * second, tries: fails(503)})
	play(t, "calm-after-recovery", map[string]scene{
		"as before":           {outage().steadily(second, 115*second), 0, Pass, "1.0 requests a second in the 30 s after the last failure, 1.0 before"},
		"three times as many": {outage().steadily(333*ms, 115*second), 0, Warn, "and not fading"},
		"and fading":          {outage().steadily(200*ms, 90*second).steadily(second, 115*second), 0, Pass, "queued work drains"},
		"a third more":        {outage().steadily(750*ms, 115*second), 0, Pass, ""},
		"not watched after":   {outage().steadily(333*ms, 100*second), 0, Inconclusive, "30 s after"},
		"not watched before":  {newTape(0).steadily(second, 50*second).add(op{tries: fails(503)}).steadily(333*ms, 115*second), 0, Inconclusive, "60 s before"},
		"hardly used before":  {idle.steadily(second, 115*second), 0, Inconclusive, "10 requests before"},
		"404 is no outage":    {newTape(0).steadily(second, 70*second).add(op{tries: fails(404)}).steadily(333*ms, 115*second), 0, Inconclusive, "nothing failed"},
	})
}

// A part of what a client did has no rate of its own.
func TestCalmIsAboutTheWhole(t *testing.T) {
	t.Parallel()
	v := judgeCalls(outage().steadily(333*ms, 115*second).calls, nil, Options{}).Clients[0]
	if len(v.Statuses) != 1 {
		t.Fatalf("got %d statuses, want 1", len(v.Statuses))
	}
	for _, f := range v.Statuses[0].Findings {
		if f.Check == "calm-after-recovery" {
			t.Errorf("the calls that met 503 are found %s by themselves: %s", f.Result, f.Summary)
		}
	}
}
