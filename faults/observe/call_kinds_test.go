package observe

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func struck(a *Attempt) { a.SingleFlight = true }

func TestGroupSingleFlight(t *testing.T) {
	t.Parallel()
	steady := tries(0, 200, 1, 1, 1)
	checkGrouping(t, map[string]grouping{
		"each failure was struck so":    {[]Attempt{try(0, 503, struck), try(1, 503, struck), try(3, 200)}, "1+2+3 single-flight"},
		"one was not":                   {[]Attempt{try(0, 503, struck), try(1, 503), try(3, 200)}, "1+2+3 inferred"},
		"nothing came of it":            {[]Attempt{try(0, 503, struck)}, "1 inferred"},
		"two that wait all the same":    {[]Attempt{try(0, 503, struck, took(1)), try(.5, 503, struck, took(1)), try(2, 200)}, "1+3 ambiguous, 2 ambiguous"},
		"a poller":                      {slices.Concat(steady, []Attempt{try(4.004, 503, struck), try(5, 503, struck)}), "%d ambiguous polling, %d ambiguous polling, %d ambiguous polling, %d ambiguous polling, %d ambiguous polling, %d ambiguous polling"},
		"an identifier is still better": {[]Attempt{try(0, 503, struck, named("x")), try(1, 200, named("x"))}, "1+2 explicit"},
	})
	calls := Group(journal([]Attempt{try(0, 503, struck), try(9, 200)}), true)
	if got := calls[0].Confidence(); got != 1 {
		t.Errorf("got confidence %v, want 1", got)
	}
}

func TestGroupMarksHedges(t *testing.T) {
	t.Parallel()
	slow := try(0, 200, took(5))
	tests := map[string]struct {
		attempts []Attempt
		want     [][]uint64
		tries    int
	}{
		"one beside the first":           {[]Attempt{slow, try(1, 200)}, [][]uint64{nil, {2}}, 1},
		"after the answer":               {[]Attempt{slow, try(6, 200)}, [][]uint64{nil, nil}, 1},
		"of another request":             {[]Attempt{slow, try(1, 200, to("/b"))}, [][]uint64{nil, nil}, 1},
		"no safe method":                 {[]Attempt{try(0, 200, took(5), posting("x")), try(1, 200, posting("x"))}, [][]uint64{nil, nil}, 1},
		"a crowd is none":                {[]Attempt{slow, try(1, 200, took(5)), try(1.1, 200, took(5)), try(1.2, 200)}, [][]uint64{nil, {2}, {3}, nil}, 1},
		"within a call that is named":    {[]Attempt{try(0, 200, took(5), named("x")), try(1, 200, named("x"))}, [][]uint64{{2}}, 1},
		"one that is named, in its turn": {[]Attempt{try(0, 503, named("x")), try(1, 200, named("x"))}, [][]uint64{nil}, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got [][]uint64
			calls := Group(journal(test.attempts), true)
			for _, c := range calls {
				got = append(got, c.Hedges)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			if calls[0].Tries() != test.tries {
				t.Errorf("got %d tries, want %d", calls[0].Tries(), test.tries)
			}
		})
	}
}

func TestBursts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		gaps []float64
		want []int
	}{
		"three by three":          {[]float64{.1, .2, 1, .1, .2, 2, .1, .2}, []int{3, 3, 3}},
		"the last is short":       {[]float64{.1, .2, 1, .11, .19, 2, .1}, []int{3, 3, 2}},
		"pairs":                   {[]float64{0, 1, 0, 1, 0}, []int{2, 2, 2}},
		"one pause is none":       {[]float64{.1, .2, 1, .1, .2}, nil},
		"doubling":                {[]float64{1, 2, 4, 8, 16, 32, 64}, nil},
		"constant":                {[]float64{1, 1, 1, 1, 1, 1}, nil},
		"none at all":             {[]float64{0, 0, 0, 0, 0, 0}, nil},
		"bursts that are unalike": {[]float64{.1, .2, 1, .4, .2, 2, .1, .2}, nil},
		"nothing":                 {nil, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := Call{Attempts: pointers(journal(tries(0, 503, test.gaps...)))}
			if diff := cmp.Diff(test.want, call.Bursts()); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// Bursts of one call stay together while the pause is within the window.
func TestGroupKeepsBurstsTogether(t *testing.T) {
	t.Parallel()
	healthy := []Attempt{try(-9, 200, to("/x")), try(-8, 200, to("/y")), try(-7, 200, to("/z"))}
	calls := Group(journal(healthy, tries(0, 503, .1, .2, 5, .1, .2, 10, .1, .2)), true)
	last := calls[len(calls)-1]
	if len(calls) != 4 || last.Grouping != GroupingInferred || len(last.Bursts()) != 3 {
		t.Errorf("got %s with bursts %v, want one call of three bursts", show(calls), last.Bursts())
	}
}

// A client that is told to come at once may, however long it waits otherwise.
func TestGroupAtOnceAfterRetryAfterZero(t *testing.T) {
	t.Parallel()
	last := try(5000, 503, after("0"))
	calls := Group(journal(exhausts(leastEarly, 3), []Attempt{last, try(5000.0015, 503, after("0")), try(5001, 200)}), true)
	if c := calls[len(calls)-1]; len(c.Attempts) != 3 || c.Grouping != GroupingInferred {
		t.Errorf("got %s, want the last three attempts as one call", show(calls[len(calls)-2:]))
	}
	after := &flight{wait: 0, status: 503}
	if s := learn(journal(exhausts(leastEarly, 3))).Client("c").study; s.tooEarly(1, after, 0) || !s.tooEarly(1, &flight{wait: -1, status: 503}, 0) {
		t.Error("want at once to be too early for a client that waits a second, but not after a Retry-After of 0")
	}
}

// exhausts makes calls on targets of their own that give up after so many attempts.
func exhausts(calls, attempts int) []Attempt {
	var list []Attempt
	for i := range calls {
		at := float64(100 * i)
		for range attempts {
			list = append(list, try(at, 503, to("/"+string(rune('b'+i)))))
			at += 1.001
		}
	}
	return list
}

// Where a client gives up is learned, and closes a call.
func TestCapClosesACall(t *testing.T) {
	t.Parallel()
	crossing := []Attempt{try(1000, 503, took(.1)), try(1000.05, 503, took(.1)), try(1040, 200, to("/later"))}
	k := learn(journal(exhausts(leastCapped, 3), crossing))
	if got := k.Client("c").Cap(503); got != 3 {
		t.Fatalf("got a cap of %d, want 3", got)
	}
	if got := k.Client("c").Cap(500); got != 0 {
		t.Errorf("another status: got a cap of %d, want none", got)
	}
	if got := learn(journal(exhausts(leastCapped-1, 3))).Client("c").Cap(503); got != 0 {
		t.Errorf("too few calls: got a cap of %d, want none", got)
	}
	if got := learn(journal(exhausts(leastCapped, 3), tries(900, 503, 1, 1, 1))).Client("c").Cap(503); got != 0 {
		t.Errorf("one call went on: got a cap of %d, want none", got)
	}
}

// The density of a law is sharp where a client waits alike, and leaves room for what was not seen.
func TestLawDensity(t *testing.T) {
	t.Parallel()
	var l law
	for i := range 20 {
		l.add(1, &flight{wait: -1, status: 503}, time.Second+time.Duration(i)*100*time.Microsecond)
	}
	l.fit()
	after := &flight{wait: -1, status: 503}
	at := func(gap time.Duration) float64 { return l.density(1, after, gap) }
	if at(time.Second) < 20 || at(time.Second) < 100*at(1100*time.Millisecond) {
		t.Errorf("got %v at 1 s and %v at 1.1 s, want a peak", at(time.Second), at(1100*time.Millisecond))
	}
	if at(30*time.Second) <= 0 {
		t.Error("got nothing at 30 s, want room for what was not seen")
	}
	if early, late := l.survival(1, after, time.Millisecond), l.survival(1, after, 3*time.Second); early < 0.9 || late > 0.2 {
		t.Errorf("got a survival of %v at once and %v after 3 s", early, late)
	}
	told := &flight{wait: 5 * time.Second, status: 503}
	if due, before := l.density(1, told, 5*time.Second+5*time.Millisecond), l.density(1, told, 4*time.Second); due < 2*before {
		t.Errorf("got %v when Retry-After is over and %v before, want it to count unseen", due, before)
	}
}
