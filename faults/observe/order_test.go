package observe

import (
	"slices"
	"testing"
	"time"
)

// learn makes the first pass over attempts as they come.
func learn(attempts []Attempt) *Knowledge {
	pointers := make([]*Attempt, len(attempts))
	for i := range attempts {
		pointers[i] = &attempts[i]
	}
	return Learn(slices.Values(pointers))
}

// on makes an attempt be seen by a node the clock of which started so many seconds after the first one's.
func on(node string, started float64) change {
	return func(a *Attempt) {
		a.Node = node
		a.Time = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(a.Received)
		a.Received -= seconds(started)
		a.Answered -= seconds(started)
	}
}

// A call that two proxies saw is one, on one clock, and its gap is inexact.
func TestGroupOverNodes(t *testing.T) {
	t.Parallel()
	attempts := []Attempt{
		try(1000, 503, on("one", 0)), try(1001, 503, on("two", 990)), try(1003, 200, on("one", 0)), try(1004, 200, to("/b"), on("two", 990)),
	}
	for i := range attempts {
		attempts[i].Sequence = uint64(i/2 + 1)
	}
	calls := Group(attempts, true)
	if len(calls) != 2 || len(calls[0].Attempts) != 3 || calls[0].ID != "one:1" || calls[1].ID != "two:2" {
		t.Fatalf("got %+v, want the first three attempts as one call, and one of their node", calls)
	}
	gaps := calls[0].Gaps()
	if want := time.Second - time.Millisecond; gaps[0].Wait != want || !gaps[0].Inexact || !gaps[1].Inexact {
		t.Errorf("got %+v, want %v and both inexact", gaps, want)
	}
	if attempts[1].Received != seconds(11) {
		t.Errorf("got an attempt that was moved to %v, want it left alone", attempts[1].Received)
	}
}

func TestLedgerDropsDuplicatesByNode(t *testing.T) {
	t.Parallel()
	n := &node{}
	for range 2 {
		if got := n.note(0); got != unseen {
			t.Errorf("got %v for 0, want it to be no number", got)
		}
	}
	for _, sequence := range []uint64{7, 8, 5000, 1 << 40} {
		if n.note(sequence) != unseen || n.note(sequence) != seenBefore {
			t.Errorf("%d: want unseen, then seen before", sequence)
		}
	}
	for i := range uint64(maxChunks + 1) {
		n.note(1<<50 + i*chunkBits)
	}
	if got := n.note(9); got != forgotten {
		t.Errorf("a number far below the others: got %v, want forgotten", got)
	}
	if len(n.chunks) > maxChunks {
		t.Errorf("got %d chunks, want %d at most", len(n.chunks), maxChunks)
	}
}

// An attempt that comes too far out of order is kept, and whatever it may belong to is in doubt.
func TestGrouperKeepsWhatIsLate(t *testing.T) {
	t.Parallel()
	var attempts []Attempt
	for i := range 2*orderWindow + 1 {
		attempts = append(attempts, try(float64(i)/10, 200, to("/other")))
	}
	attempts = append(attempts, try(1, 503), try(2, 200))
	attempts[0] = try(0, 503)
	chapters, counts := regroup(journal(attempts), Options{}, true)
	if counts.Late != 2 || counts.Attempts != uint64(len(attempts)) {
		t.Errorf("got %+v, want two late attempts of %d", counts, len(attempts))
	}
	grouped := 0
	for _, c := range bound(chapters) {
		grouped += len(c.Attempts)
		if c.Target == "/a" && c.Grouping != GroupingAmbiguous {
			t.Errorf("got %s, want it in doubt", show([]Call{c}))
		}
	}
	if grouped != len(attempts) {
		t.Errorf("got %d attempts in calls, want %d", grouped, len(attempts))
	}
}

// A client that is one too many is grouped all the same, and in doubt.
func TestGrouperWithoutKnowledge(t *testing.T) {
	t.Parallel()
	var calls []Call
	g := NewGrouper(Options{Chapter: func(c *Chapter) { calls = append(calls, c.Calls...) }})
	attempts := journal([]Attempt{try(0, 503), try(1, 200), try(2, 503, named("x")), try(3, 200, named("x"))})
	for i := range attempts {
		g.Add(&attempts[i])
	}
	g.Close(true)
	if got, want := show(calls), "1+2 ambiguous, 3+4 explicit"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
