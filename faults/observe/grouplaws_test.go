package observe

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawAttempts draws a journal in which everything collides: few clients, targets, bodies, identifiers and times.
func drawAttempts(t *rapid.T) []Attempt {
	var attempts []Attempt
	now := 0.0
	for range rapid.IntRange(0, 40).Draw(t, "n") {
		now += rapid.SampledFrom([]float64{0, 0.002, 0.01, 0.01, 1, 1, 2, 4, 31}).Draw(t, "pause")
		a := try(now, rapid.SampledFrom([]int{200, 503, 503, 0}).Draw(t, "status"),
			took(rapid.SampledFrom([]float64{0, 0.001, 0.001, 3}).Draw(t, "took")),
			to(rapid.SampledFrom([]string{"/a", "/a", "/b"}).Draw(t, "target")),
			after(rapid.SampledFrom([]string{"", "", "", "2", "60"}).Draw(t, "retry-after")),
			conn(rapid.Uint64Range(1, 2).Draw(t, "conn"), rapid.Uint64Range(1, 2).Draw(t, "use")),
			requested(rapid.SampledFrom([]string{"", "", "r", "s"}).Draw(t, "request id")),
		)
		if a.Status == 0 {
			a.End = EndBroken
		}
		if rapid.IntRange(0, 9).Draw(t, "explicit") == 0 {
			named(rapid.SampledFrom([]string{"x", "y"}).Draw(t, "id"))(&a)
		}
		if rapid.IntRange(0, 5).Draw(t, "post") == 0 {
			posting(rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "body"))(&a)
		}
		if rapid.IntRange(0, 9).Draw(t, "counted") == 0 {
			counted(rapid.IntRange(0, 2).Draw(t, "counter"))(&a)
		}
		attempts = append(attempts, a)
	}
	return journal(attempts)
}

func TestGroupLosesAndDuplicatesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		attempts := drawAttempts(t)
		doubled := slices.Concat(attempts, attempts)
		var grouped []Attempt
		for _, call := range Group(doubled, true) {
			if len(call.Attempts) == 0 || call.ID != fmt.Sprint(call.Attempts[0].Sequence) {
				t.Fatalf("call %q has %d attempts", call.ID, len(call.Attempts))
			}
			if call.Polling && call.Grouping != GroupingAmbiguous {
				t.Fatalf("call %s is polling and %s", call.ID, call.Grouping)
			}
			if !slices.IsSortedFunc(call.Attempts, compareAttempts) {
				t.Fatalf("call %s is out of order", call.ID)
			}
			for _, a := range call.Attempts {
				grouped = append(grouped, *a)
			}
		}
		slices.SortFunc(grouped, func(a, b Attempt) int { return int(a.Sequence) - int(b.Sequence) })
		if diff := cmp.Diff(attempts, grouped); diff != "" {
			t.Fatalf("want -, got +:\n%s", diff)
		}
	})
}

func TestGroupDoesNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		attempts := drawAttempts(t)
		want := Group(attempts, false)
		shuffled := rapid.Permutation(attempts).Draw(t, "shuffled")
		if diff := cmp.Diff(want, Group(shuffled, false)); diff != "" {
			t.Fatalf("want -, got +:\n%s", diff)
		}
		chapters, _ := regroup(shuffled, Options{}, false)
		if diff := cmp.Diff(want, bound(chapters)); diff != "" {
			t.Fatalf("in chapters: want -, got +:\n%s", diff)
		}
	})
}

// An inferred call never overlaps itself and never goes on after a success.
func TestGroupInfersOnlySequences(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, call := range Group(drawAttempts(t), true) {
			if call.Grouping != GroupingInferred {
				continue
			}
			for _, gap := range call.Gaps() {
				if !gap.Before.Failed() || gap.Overlap && !countedAlone(gap.After) {
					t.Fatalf("call %s: %d follows %d", call.ID, gap.After.Sequence, gap.Before.Sequence)
				}
			}
		}
	})
}
