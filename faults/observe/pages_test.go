package observe

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// scribble makes of an attempt that was given back what nobody has sent.
func scribble(a *Attempt) {
	*a = Attempt{Client: "gone", Method: "GONE", Target: "/gone", Received: 1, Answered: 1 << 60, Status: 418, Class: "failure", Origin: OriginInjected}
}

// released is regroup with all attempts given back and written over.
func released(attempts []Attempt, o Options, ended bool) (chapters []*Chapter) {
	again := func(yield func(*Attempt) bool) {
		for _, a := range attempts {
			if !yield(&a) {
				return
			}
		}
	}
	o.Known, o.Release = LearnAndRelease(again, scribble), scribble
	o.Chapter = func(c *Chapter) {
		kept := &Chapter{Client: c.Client, Index: c.Index, Last: c.Last, Calls: slices.Clone(c.Calls)}
		for i := range kept.Calls {
			list := slices.Clone(kept.Calls[i].Attempts)
			for j, a := range list {
				copied := *a
				list[j] = &copied
			}
			kept.Calls[i].Attempts = list
		}
		chapters = append(chapters, kept)
		c.Release()
	}
	g := NewGrouper(o)
	for a := range again {
		g.Add(a)
	}
	g.Close(ended)
	return chapters
}

// differ says in what the chapters of attempts that were given back are others.
func differ(attempts []Attempt, o Options, ended bool) string {
	kept, _ := regroup(attempts, o, ended)
	copies := released(attempts, o, ended)
	if len(kept) != len(copies) {
		return fmt.Sprintf("%d chapters, want %d", len(copies), len(kept))
	}
	for i, c := range kept {
		if diff := gocmp.Diff(c.Calls, copies[i].Calls); diff != "" || c.Client != copies[i].Client || c.Index != copies[i].Index || c.Last != copies[i].Last {
			return fmt.Sprintf("chapter %d of %s: want -, got +:\n%s", c.Index, c.Client, diff)
		}
	}
	return ""
}

func TestAttemptsAreNotNeededOnceGivenBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		attempts := drawAttempts(t)
		room := rapid.SampledFrom([]int{1, 8, 16, 24, 1000}).Draw(t, "room")
		if diff := differ(attempts, Options{Room: room}, rapid.Bool().Draw(t, "ended")); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Crossing calls are held back to be matched, so that chapters are cut while some are in no call yet.
func TestCrossingAttemptsAreNotNeededOnceGivenBack(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		s := &simulation{random: rand.New(rand.NewPCG(seed, 9)), law: waitLaws["equal"]}
		s.baseline(40, true)
		for i := range 60 {
			s.call(fmt.Sprint("crowd", i), 2000+s.random.Float64(), 3, func(*Attempt, int) {})
		}
		attempts := s.journal()
		// Other clients come in between, and make room.
		for i := range attempts {
			other := attempts[i]
			other.Client, other.Target = fmt.Sprint("other", i%2), fmt.Sprint("/b", i)
			other.Status, other.Class = 200, "success"
			attempts = append(attempts, other)
		}
		slices.SortStableFunc(attempts, func(a, b Attempt) int { return compareAttempts(&a, &b) })
		for i := range attempts {
			attempts[i].Sequence = uint64(i + 1)
		}
		for _, room := range []int{64, 100, 200, 400} {
			if diff := differ(attempts, Options{Room: room}, true); diff != "" {
				t.Errorf("seed %d, room %d: %s", seed, room, diff)
			}
		}
	}
}

func TestPoolGivesEmptyAttempts(t *testing.T) {
	t.Parallel()
	var p Pool
	for range 3 {
		a := p.Get()
		if diff := gocmp.Diff(&Attempt{}, a); diff != "" {
			t.Fatalf("want -, got +:\n%s", diff)
		}
		scribble(a)
		p.Put(a)
	}
}

// Hashes that are alike in their low bits are told apart.
func TestRequestsWithOneTag(t *testing.T) {
	t.Parallel()
	var g requests
	for i := range uint64(100) {
		g.place(i<<32 | 7).came = i%2 == 0
	}
	for i := range uint64(100) {
		if r := g.find(i<<32 | 7); r == nil || r.content != i<<32|7 || r.came != (i%2 == 0) {
			t.Fatalf("hash %d: got %+v", i, r)
		}
	}
	if r := g.find(100<<32 | 7); r != nil {
		t.Errorf("got %+v for what is not there", r)
	}
}
