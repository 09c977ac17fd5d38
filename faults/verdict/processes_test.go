package verdict

import (
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// across has each attempt of a call seen by another process than the one before, on a connection that both give the same number.
func across(tries []try) op { return seenBy(tries, "west", "west#2") }

func seenBy(tries []try, nodes ...string) op {
	for i := range tries {
		tries[i].node, tries[i].conn = nodes[i%len(nodes)], 1
	}
	return op{tries: tries}
}

// acrossValues are calls that were told to wait for 2 s, 3 s and 5 s and came back so much earlier, by the clocks of the processes that saw them.
func acrossValues(early time.Duration, nodes ...string) *tape {
	p := newTape(10).times(3, op{tries: fails(503, 100*ms)})
	for i := range 12 {
		ask := []time.Duration{2 * second, 3 * second, 5 * second}[i%3]
		p.add(seenBy(asks(503, []string{"2", "3", "5"}[i%3], ask-early), nodes...))
	}
	return p
}

// The clocks of two processes may be a second apart, so that nobody knows by how little a wait across them was too short.
func TestAWaitAcrossProcessesIsNotExact(t *testing.T) {
	t.Parallel()
	play(t, "retry-after-not-early", map[string]scene{
		"half a second early": {acrossValues(500*ms, "west", "west#2"), 0, Inconclusive, ""},
		"on one clock":        {acrossValues(500*ms, "west"), 0, Fail, ""},
	})
	play(t, "retry-after-honoured", map[string]scene{"close to its end": {acrossValues(1900*ms, "west", "west#2"), 0, Inconclusive, ""}})
	play(t, "backs-off", map[string]scene{"at once": {newTape(10).times(3, across(fails(503, ms, 2*ms, ms))), 0, Inconclusive, "saw 0"}})
	play(t, "retry-after-zero", map[string]scene{"at once": {newTape(10).times(3, across(asks(503, "0", ms, ms, ms))), 0, Inconclusive, ""}})
	play(t, "final-not-retried", map[string]scene{"within 250 ms": {newTape(10).times(3, across(fails(404, 200*ms))), 0, Inconclusive, ""}})
}

// A process that was started anew numbers its connections from 1 again.
func TestConnectionsOfTwoProcessesAreTwo(t *testing.T) {
	t.Parallel()
	g := across(asks(429, "2", 5*ms))
	p := newTape(10).add(g)
	s := newSubjects(p.calls)[0]
	c := s.all[len(s.all)-1]
	if !s.inFlight(c, &c.repeats[0]) {
		t.Error("a repeat 5 ms after the first 429 on a connection of another process was not in flight")
	}
	if !(&pages{arrivals: s.arrivals}).huddled(c) {
		t.Error("attempts on connections of two processes are no crowd")
	}
	lost := across([]try{{end: "broken", origin: "injected"}, {after: ms, status: 200}})
	q := newTape(10).add(lost)
	first := q.calls[len(q.calls)-1].Attempts[0]
	first.ConnUse = 2
	if last := newSubjects(q.calls)[0].all[10]; !last.byStack {
		t.Error("a repeat at once after a reused connection died, on one of another process, is not the HTTP stack's")
	}
}

// A node that is started anew between two attempts of a call changes nothing in what the call is.
func TestACallGoesOnAcrossARestart(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]op{"inferred": {}, "named": {grouping: observe.GroupingExplicit}} {
		p := newTape(10)
		for range 6 {
			o.tries = []try{{status: 503}, {after: second, status: 503}, {after: 2 * second, status: 200}}
			p.add(o)
		}
		var attempts []observe.Attempt
		for i := range p.calls {
			attempts = append(attempts, flat(&p.calls[i])...)
		}
		restarted := slices.Clone(attempts)
		from := slices.IndexFunc(restarted, func(a observe.Attempt) bool { return a.Sequence == 12 })
		began := restarted[from].Received - second/2
		for i := range restarted {
			if a := &restarted[i]; i >= from { // amid the first call that failed
				a.Sequence, a.Conn, a.Received, a.Answered = a.Sequence-uint64(from), a.Conn-uint64(from), a.Received-began, a.Answered-began
			}
			restarted[i].Node = "west"
		}
		whole := Judge(Journal{Attempts: Of(attempts), Ended: true}, Options{}).Clients[0]
		cut := Judge(Journal{Attempts: Of(restarted), Ended: true}, Options{}).Clients[0]
		if cut.Calls != whole.Calls || cut.Attempts != whole.Attempts || cut.Result != whole.Result {
			t.Errorf("%s: %d calls, %d attempts and %s, want %d, %d and %s", name, cut.Calls, cut.Attempts, cut.Result, whole.Calls, whole.Attempts, whole.Result)
		}
		for i := range whole.Findings {
			if got, want := cut.Findings[i], whole.Findings[i]; got.Result != want.Result {
				t.Errorf("%s: %s is %s, want %s: %s", name, got.Check, got.Result, want.Result, got.Summary)
			}
		}
	}
}

// A write that was applied twice is a program's doing if it came again within 250 ms, by one clock.
func TestAWriteAcrossProcessesMayBeAPersons(t *testing.T) {
	t.Parallel()
	twice := func(nodes ...string) *tape {
		o := write(seenBy([]try{{status: 500, upstream: 200}, {after: 200 * ms, status: 200, upstream: 200}}, nodes...).tries...)
		return newTape(10).add(o.as(observe.GroupingSingleFlight))
	}
	play(t, "write-applied-once", map[string]scene{
		"by one clock": {twice("west"), 0, Fail, ""},
		"by two":       {twice("west", "west#2"), 0, Warn, ""},
	})
}
