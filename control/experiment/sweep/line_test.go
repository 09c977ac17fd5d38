package sweep

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// many is a run of so many attempts, of which every other asks for the same, and each overlaps the next.
func many(n int) *Ran {
	r := &Ran{}
	for i := range n {
		target := fmt.Sprintf("/1/content/music/search?q=%d", i)
		if i%2 == 0 {
			target = "/1/content/music/search?q=a"
		}
		at := time.Duration(i) * 10 * time.Millisecond
		r.Attempts = append(r.Attempts, observe.Attempt{
			Sequence: uint64(i), Method: "GET", Endpoint: groove.Search, Target: target, Status: 503, Class: groove.ClassFailure, Fault: struckBy,
			Received: at, Answered: at + 12*time.Millisecond, Counter: observe.NoCounter,
		})
	}
	return r
}

// What is looked for among a few attempts, by their times, is found among all of them too, in whatever order they end.
func TestBusyLooksAtAllThatMatters(t *testing.T) {
	t.Parallel()
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		r := many(rapid.IntRange(2, 30).Draw(t, "attempts"))
		for i := range r.Attempts {
			r.Attempts[i].Answered = r.Attempts[i].Received + time.Duration(rapid.IntRange(0, 60).Draw(t, "ms"))*time.Millisecond
			r.Attempts[i].Endpoint = rapid.SampledFrom([]string{groove.Search, groove.Token}).Draw(t, "endpoint")
		}
		first := rapid.IntRange(0, len(r.Attempts)-2).Draw(t, "first")
		before, after := &r.Attempts[first], &r.Attempts[rapid.IntRange(first+1, len(r.Attempts)-1).Draw(t, "second")]
		want := false
		for i := range r.Attempts {
			a := &r.Attempts[i]
			within := a.Received >= before.Answered && a.Answered <= after.Received
			want = want || within && a != before && a != after && a.Endpoint != groove.Token
		}
		if want {
			found++
		}
		if got := busy(r, before, after); got != want {
			t.Fatalf("busy between %v and %v: %t, want %t", before.Answered, after.Received, got, want)
		}
	})
	if found == 0 {
		t.Error("nothing was ever busy: nothing was compared")
	}
}

// BenchmarkBonds weighs a run, which takes ten times as long for ten times as many attempts.
func BenchmarkBonds(b *testing.B) {
	for _, n := range []int{6_000, 60_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := many(n)
			h := &Habits{Requests: map[string]Habit{}}
			for i := range r.Attempts {
				h.Requests[requestKey(&r.Attempts[i])] = Habit{Endpoint: groove.Search, Count: 1, Succeeded: 1}
			}
			for b.Loop() {
				h.bonds(r, struckBy)
			}
		})
	}
}
