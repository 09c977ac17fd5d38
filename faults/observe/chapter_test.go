package observe

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// certain lists the calls that are not in doubt, each with all that is said of it.
func certain(calls []Call) map[string]Call {
	sure := map[string]Call{}
	for _, c := range calls {
		if c.Grouping != GroupingAmbiguous {
			sure[c.ID] = c
		}
	}
	return sure
}

// Whatever the room, no attempt is lost, and what is certain of a chapter is what is certain of the whole.
func TestChaptersAreNeverLessConservative(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		attempts := drawAttempts(t)
		ended := rapid.Bool().Draw(t, "ended")
		whole := certain(Group(attempts, ended))
		room := rapid.SampledFrom([]int{1, 8, 16, 24}).Draw(t, "room")
		chapters, counts := regroup(attempts, Options{Room: room}, ended)
		var grouped []Attempt
		for _, call := range bound(chapters) {
			for _, a := range call.Attempts {
				grouped = append(grouped, *a)
			}
			if call.Grouping == GroupingAmbiguous {
				continue
			}
			if diff := gocmp.Diff(whole[call.ID], call); diff != "" {
				t.Fatalf("call %s is certain: whole -, chapters +:\n%s", call.ID, diff)
			}
		}
		slices.SortFunc(grouped, func(a, b Attempt) int { return cmp.Compare(a.Sequence, b.Sequence) })
		if diff := gocmp.Diff(attempts, grouped); diff != "" {
			t.Fatalf("room %d: want -, got +:\n%s", room, diff)
		}
		if counts.Attempts != uint64(len(attempts)) || counts.Duplicates != 0 {
			t.Fatalf("got %+v, want %d attempts", counts, len(attempts))
		}
	})
}

// The same where calls for the same cross and are matched.
func TestChaptersOfCrossingCalls(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		for _, room := range []int{16, 64, 200} {
			s := &simulation{random: rand.New(rand.NewPCG(seed, 5)), law: waitLaws["equal"]}
			s.baseline(10, seed%2 == 0)
			for i := range 24 {
				s.call(fmt.Sprint("crowd", i), 2000+s.random.Float64(), 2, func(a *Attempt, tries int) {
					if a.Failed() && seed%2 == 0 {
						a.RetryAfter = strconv.Itoa(1 + (5*i+tries)%24)
					}
				})
			}
			attempts := s.journal()
			whole := certain(Group(attempts, true))
			chapters, _ := regroup(attempts, Options{Room: room}, true)
			for id, call := range certain(bound(chapters)) {
				if diff := gocmp.Diff(whole[id], call); diff != "" {
					t.Errorf("seed %d, room %d: call %s is certain: whole -, chapters +:\n%s", seed, room, id, diff)
				}
			}
		}
	}
}

func TestChaptersAreNumbered(t *testing.T) {
	t.Parallel()
	var attempts []Attempt
	for i := range 100 {
		attempts = append(attempts, try(float64(i), 200, to(fmt.Sprint("/", i)), from("one")), try(float64(i)+.5, 200, to(fmt.Sprint("/", i))))
	}
	chapters, counts := regroup(journal(attempts), Options{Room: 64}, true)
	next, last := map[string]int{}, map[string]bool{}
	for _, c := range chapters {
		if c.Index != next[c.Client] || last[c.Client] {
			t.Errorf("got chapter %d of %s, last seen %v, want %d", c.Index, c.Client, last[c.Client], next[c.Client])
		}
		next[c.Client]++
		last[c.Client] = c.Last
		if c.Known.Attempts() != 100 {
			t.Errorf("got %d attempts known, want those of the whole journal", c.Known.Attempts())
		}
		if !slices.IsSortedFunc(c.Calls, func(a, b Call) int { return compareAttempts(a.Attempts[0], b.Attempts[0]) }) {
			t.Errorf("chapter %d of %s is out of order", c.Index, c.Client)
		}
	}
	if next["one"] < 2 || next["c"] < 2 || !last["one"] || !last["c"] {
		t.Errorf("got %v chapters, ended %v, want several of each client and an end", next, last)
	}
	if counts.Torn != 0 {
		t.Errorf("got %d torn calls, want none where all had ended", counts.Torn)
	}
	if len(bound(chapters)) != 200 {
		t.Errorf("got %d calls, want 200", len(bound(chapters)))
	}
}

// Of a client that uses more identifiers anew than are remembered no call is certain of which a part was let go.
func TestChaptersOfIdentifiersThatComeAgain(t *testing.T) {
	t.Parallel()
	const names = maxReturning + 200
	var attempts []Attempt
	for round := range 2 {
		for i := range names {
			attempts = append(attempts, try(float64(round*names+i)/100, 200, named(fmt.Sprint("job ", i)), to(fmt.Sprint("/", i))))
		}
	}
	chapters, _ := regroup(journal(attempts), Options{Room: 1 << 14}, true)
	seen := map[string]bool{}
	for _, c := range bound(chapters) {
		if id := c.Attempts[0].CallID; c.Grouping != GroupingAmbiguous && seen[id] {
			t.Fatalf("the call %s comes as two, and both are certain", id)
		} else if c.Grouping != GroupingAmbiguous {
			seen[id] = true
		}
	}
}
