package observe

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// seenAt is an attempt of a process that began so many seconds after midnight, which saw it arrive so many seconds later, as its wall clock has it.
func seenAt(began, arrived float64, sequence uint64) Attempt {
	a := try(arrived, 503, on("west", 0))
	a.Sequence = sequence
	a.Time = a.Time.Add(seconds(began))
	return a
}

func TestLivesTellProcessesApart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		attempts []Attempt
		want     []string
	}{
		"one process": {[]Attempt{seenAt(0, 1, 1), seenAt(0, 3, 3), seenAt(0, 2, 2)}, []string{"west", "west", "west"}},
		"another after it": {
			[]Attempt{seenAt(0, 1, 1), seenAt(0, 9, 2), seenAt(10, 1, 1), seenAt(10, 2, 2), seenAt(10, 30, 3)},
			[]string{"west", "west", "west#2", "west#2", "west#2"},
		},
		"one of the first comes late":       {[]Attempt{seenAt(0, 9, 2), seenAt(10, 1, 1), seenAt(0, 8, 1)}, []string{"west", "west#2", "west"}},
		"a third":                           {[]Attempt{seenAt(0, 1, 1), seenAt(10, 1, 1), seenAt(20, 1, 1)}, []string{"west", "west#2", "west#3"}},
		"the same one twice":                {[]Attempt{seenAt(0, 1, 1), seenAt(0, 1, 1)}, []string{"west", "west"}},
		"a clock that creeps":               {[]Attempt{seenAt(0, 1, 1), seenAt(0.5, 4, 2), seenAt(1, 9, 3), seenAt(0.6, 5, 2)}, []string{"west", "west", "west", "west"}},
		"the clock was set forward":         {[]Attempt{seenAt(0, 1, 1), seenAt(1e6, 2, 2), seenAt(1e6, 4, 4), seenAt(1e6, 3, 3)}, []string{"west", "west", "west", "west"}},
		"the clock was set back":            {[]Attempt{seenAt(1e6, 1, 1), seenAt(0, 2, 2), seenAt(0, 4, 4), seenAt(0, 3, 3)}, []string{"west", "west", "west", "west"}},
		"without a number":                  {[]Attempt{seenAt(0, 1, 0), seenAt(10, 1, 0)}, []string{"west", "west"}},
		"two nodes that never started anew": {[]Attempt{seenAt(0, 1, 1), {Node: "east", Sequence: 1, Time: time.Unix(0, 0)}}, []string{"west", "east"}},
	}
	for name, tt := range tests {
		var l lives
		for i := range tt.attempts {
			if got := l.of(&tt.attempts[i]); got != tt.want[i] {
				t.Errorf("%s: attempt %d is of %q, want %q", name, i, got, tt.want[i])
			}
		}
	}
}

// A node that was started anew loses nothing, and what it gave twice counts once.
func TestANodeStartsAnew(t *testing.T) {
	t.Parallel()
	first := []Attempt{seenAt(0, 100, 1), seenAt(0, 101, 2)}
	second := []Attempt{seenAt(110, 3, 1), seenAt(110, 4, 2), seenAt(110, 5, 3)}
	for i := range second {
		second[i].Target = fmt.Sprint("/later/", i)
	}
	first[1].Status, first[1].Class = 200, try(0, 200).Class
	all := slices.Concat(first, second, second)
	known := learn(slices.Clone(all))
	var calls []Call
	g := NewGrouper(Options{Known: known, Chapter: func(c *Chapter) { calls = append(calls, c.Calls...) }})
	for i := range all {
		g.Add(&all[i])
	}
	counts := g.Close(true)
	if counts.Attempts != 5 || counts.Duplicates != 3 || counts.Late != 0 {
		t.Errorf("got %+v, want 5 attempts, 3 duplicates and none late", counts)
	}
	var ids []string
	for _, c := range calls {
		ids = append(ids, c.ID)
	}
	if want := []string{"west:1", "west#2:1", "west#2:2", "west#2:3"}; !slices.Equal(ids, want) {
		t.Fatalf("got the calls %v, want %v", ids, want)
	}
	if got, want := calls[1].Attempts[0].Received, seconds(113); got != want {
		t.Errorf("the second process saw its first attempt at %v on the common clock, want %v", got, want)
	}
}
