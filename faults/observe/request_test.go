package observe

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// drawSole draws an attempt that no identifier names.
func drawSole(t *rapid.T) *Attempt {
	at := time.Duration(rapid.IntRange(0, 100_000).Draw(t, "at")) * time.Millisecond
	a := &Attempt{
		Sequence: rapid.Uint64Range(1, 9).Draw(t, "sequence"), Node: rapid.SampledFrom([]string{"", "west"}).Draw(t, "node"),
		Received: at, Answered: at + time.Duration(rapid.IntRange(0, 90_000).Draw(t, "took"))*time.Millisecond,
		Conn: 3, ConnUse: rapid.Uint64Range(1, 2).Draw(t, "use"), Counter: NoCounter, Method: "GET", Target: "/t",
		Status: rapid.SampledFrom([]int{0, 200, 429, 503}).Draw(t, "status"), End: rapid.SampledFrom([]End{EndComplete, EndBroken}).Draw(t, "end"),
		Endpoint:   rapid.SampledFrom([]string{groove.Search, groove.CollectionAdd}).Draw(t, "endpoint"),
		RetryAfter: rapid.SampledFrom([]string{"", "5", "70"}).Draw(t, "retry after"),
	}
	if a.Class = groove.ClassSuccess; a.Status != 200 {
		a.Class = groove.ClassFailure
	}
	if rapid.Bool().Draw(t, "counted") {
		a.CallIDHeader, a.Counter = "X-Stainless-Retry-Count", 0
	}
	if rapid.Bool().Draw(t, "spoiled") {
		a.SpoiledBy = []string{"noise"}
	}
	return a
}

// What is kept of a request that came once says all that following it would have said.
func TestSoleSaysWhatAnImprintSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := drawSole(t)
		end := a.Received + time.Duration(rapid.IntRange(0, 300_000).Draw(t, "watched"))*time.Millisecond
		short, long := &study{}, &study{}
		brief := request{came: true}
		brief.take(a, short, func() *imprint { t.Fatal("followed a request that came once"); return nil })
		course := &imprint{writing: writes(a)}
		course.take(a, long)

		begun := &imprint{}
		brief.only.fill(begun)
		if !alikeImprints(begun, course) {
			t.Fatalf("filled %+v, want %+v", begun, course)
		}
		if got, want := brief.notable(), course.notable(); got != want {
			t.Errorf("notable is %v, want %v", got, want)
		}
		brief.end(end, short)
		course.end(end, long)
		if got := brief.only.ended(end); !alikeImprints(got, course) {
			t.Fatalf("ended as %+v, want %+v", got, course)
		}
		brief.addTo(&short.total, end)
		long.total.add(course)
		if short.total != long.total || !reflect.DeepEqual(short.caps, long.caps) || !reflect.DeepEqual(short.law, long.law) {
			t.Errorf("the client is %+v, want %+v", short, long)
		}
	})
}

// alikeImprints compares imprints, but for the room of their lists.
func alikeImprints(a, b *imprint) bool {
	one, other := *a, *b
	one.chain.waits, other.chain.waits = nil, nil
	if len(one.all.flying) == 0 && len(other.all.flying) == 0 {
		one.all.flying, other.all.flying = nil, nil
	}
	return len(a.chain.waits) == len(b.chain.waits) && reflect.DeepEqual(one, other)
}

// A generation finds what was placed in it, and nothing else.
func TestRequestsFindWhatWasPlaced(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var g requests
		for range 2 {
			want := map[uint64]int{}
			// Few hashes, so that they come again, and alike ones, so that they collide.
			for i, content := range rapid.SliceOfN(rapid.Custom(func(t *rapid.T) uint64 {
				return rapid.Uint64Range(0, 40).Draw(t, "low") + rapid.Uint64Range(0, 3).Draw(t, "high")<<60
			}), 0, 300).Draw(t, "contents") {
				r := g.place(content)
				r.only.conn = uint64(i)
				want[content] = i
			}
			n := 0
			for r := range g.all() {
				n++
				if int(r.only.conn) != want[r.content] || g.find(r.content) != r {
					t.Fatalf("%x is number %d, want %d", r.content, r.only.conn, want[r.content])
				}
			}
			if n != len(want) || g.find(1<<40) != nil {
				t.Fatalf("found %d, want %d and nothing else", n, len(want))
			}
			g.clear()
		}
	})
}
