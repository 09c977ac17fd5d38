package store

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

func sequences(attempts []observe.Attempt) []uint64 {
	var all []uint64
	for i := range attempts {
		all = append(all, attempts[i].Sequence)
	}
	return all
}

func record(a *Attempts, from, to uint64) {
	for sequence := from; sequence <= to; sequence++ {
		a.Record(&observe.Attempt{Sequence: sequence})
	}
}

func TestAttemptsKeepTheNewest(t *testing.T) {
	t.Parallel()
	a := NewAttempts(3)
	if total, dropped := a.Counts(); total != 0 || dropped != 0 || len(a.All()) != 0 {
		t.Errorf("at first got %d attempts, %d dropped, %v, want none", total, dropped, a.All())
	}
	record(a, 1, 8)
	if got, want := sequences(a.All()), []uint64{6, 7, 8}; !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	if total, dropped := a.Counts(); total != 8 || dropped != 5 {
		t.Errorf("got %d attempts, %d dropped, want 8 and 5", total, dropped)
	}
}

func TestAttemptsPages(t *testing.T) {
	t.Parallel()
	a := NewAttempts(4)
	record(a, 1, 6)
	for name, tt := range map[string]struct {
		position uint64
		limit    int
		want     []uint64
		next     uint64
	}{
		"from the first ever, which is forgotten": {position: 0, limit: 2, want: []uint64{3, 4}, next: 4},
		"from the middle":                         {position: 4, limit: 10, want: []uint64{5, 6}, next: 6},
		"from the end":                            {position: 6, limit: 10, next: 6},
		"from beyond the end":                     {position: 1 << 63, limit: 10, next: 1 << 63},
		"of nothing":                              {position: 3, limit: 0, next: 3},
		"of less than nothing":                    {position: 3, limit: -1, next: 3},
	} {
		page, next := a.Page(tt.position, tt.limit)
		if got := sequences(page); !slices.Equal(got, tt.want) || next != tt.next {
			t.Errorf("%s: got %v and %d, want %v and %d", name, got, next, tt.want, tt.next)
		}
	}
}

func TestAttemptsHaveRoomForOne(t *testing.T) {
	t.Parallel()
	a := NewAttempts(-5)
	record(a, 1, 2)
	if got, want := sequences(a.All()), []uint64{2}; !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
}

func TestAttemptsBelongToTheCaller(t *testing.T) {
	t.Parallel()
	a := NewAttempts(2)
	record(a, 1, 2)
	a.All()[0].Sequence = 99
	if got, want := sequences(a.All()), []uint64{1, 2}; !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
}

// TestPagingWhileTheRingWraps holds the law of paging: whatever is recorded in
// between, a reader sees rising attempts, and misses only those forgotten.
func TestPagingWhileTheRingWraps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := NewAttempts(rapid.IntRange(1, 7).Draw(t, "room"))
		var position, recorded, last uint64
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			more := rapid.Uint64Range(0, 5).Draw(t, "recorded")
			record(a, recorded+1, recorded+more)
			recorded += more
			page, next := a.Page(position, rapid.IntRange(1, 4).Draw(t, "limit"))
			_, dropped := a.Counts()
			for _, sequence := range sequences(page) {
				if want := max(last, dropped) + 1; sequence != want {
					t.Fatalf("got attempt %d, want %d (%d dropped)", sequence, want, dropped)
				}
				last = sequence
			}
			if len(page) > 0 && next != last {
				t.Fatalf("the next position is %d, want %d", next, last)
			}
			if len(page) == 0 && max(position, dropped) != recorded {
				t.Fatalf("got nothing at %d of %d", position, recorded)
			}
			position = next
		}
	})
}

// TestCopyingWhileTheRingWraps holds the law of All: whatever is recorded
// between its pages, the copy has no gap, and everything that was there before
// it began unless it has been forgotten since.
func TestCopyingWhileTheRingWraps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		room := rapid.SampledFrom([]int{1, 1000, 1 + copyPage, 5 * copyPage / 2}).Draw(t, "room")
		a := NewAttempts(room)
		recorded := rapid.SampledFrom([]uint64{0, 7, copyPage, 2*copyPage + 1, 6 * copyPage}).Draw(t, "before")
		record(a, 1, recorded)
		before := recorded
		c := a.copying()
		for range 20 {
			if !c.more() {
				break
			}
			length := len(c.attempts)
			c.step()
			if copied := len(c.attempts) - length; copied > copyPage {
				t.Fatalf("a step copied %d attempts, want at most %d", copied, copyPage)
			}
			more := rapid.SampledFrom([]uint64{0, 1, copyPage, copyPage + 1, uint64(room) + copyPage}).Draw(t, "recorded")
			record(a, recorded+1, recorded+more)
			recorded += more
		}
		for c.more() {
			c.step()
		}
		got := sequences(c.attempts)
		for i, sequence := range got {
			if want := got[0] + uint64(i); sequence != want {
				t.Fatalf("attempt %d of the copy is %d, want %d", i, sequence, want)
			}
		}
		_, dropped := a.Counts()
		if before > dropped && (len(got) == 0 || got[0] > dropped+1 || got[len(got)-1] < before) {
			t.Fatalf("got %d attempts of %d, %d dropped by now, want all from %d to %d", len(got), recorded, dropped, dropped+1, before)
		}
		if recorded > 0 && before > 0 && len(got) == 0 {
			t.Fatalf("got nothing of %d attempts", recorded)
		}
	})
}

func TestACopyThatIsOvertakenBeginsAgain(t *testing.T) {
	t.Parallel()
	const room = 4 * copyPage
	for name, tt := range map[string]struct{ meanwhile, first, last uint64 }{
		"not yet":                     {meanwhile: copyPage, first: 1, last: room},
		"by one":                      {meanwhile: copyPage + 1, first: copyPage + 2, last: room + copyPage + 1},
		"past all that was there":     {meanwhile: 2 * room, first: 2*room + 1, last: 3 * room},
		"past all, and far beyond it": {meanwhile: 9*room + 5, first: 9*room + 6, last: 10*room + 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := NewAttempts(room)
			record(a, 1, room)
			c := a.copying()
			c.step()
			record(a, room+1, room+tt.meanwhile)
			for c.more() {
				c.step()
			}
			var want []uint64
			for sequence := tt.first; sequence <= tt.last; sequence++ {
				want = append(want, sequence)
			}
			if got := sequences(c.attempts); !slices.Equal(got, want) {
				t.Errorf("got %d attempts from %d to %d, want %d from %d to %d",
					len(got), got[0], got[len(got)-1], len(want), tt.first, tt.last)
			}
		})
	}
}

func TestAllWhileOthersRecord(t *testing.T) {
	t.Parallel()
	a := NewAttempts(3 * copyPage)
	var group sync.WaitGroup
	group.Go(func() { record(a, 1, 20*copyPage) })
	for range 20 {
		got := sequences(a.All())
		for i := range got {
			if want := got[0] + uint64(i); got[i] != want {
				t.Errorf("attempt %d of the copy is %d, want %d", i, got[i], want)
				break
			}
		}
	}
	group.Wait()
	if got := len(a.All()); got != 3*copyPage {
		t.Errorf("in the end got %d attempts, want %d", got, 3*copyPage)
	}
}

func TestAttemptsAreSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	const writers, each = 8, 500
	a := NewAttempts(100)
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() { record(a, uint64(writer*each)+1, uint64((writer+1)*each)) })
		group.Go(func() {
			for position := uint64(0); position < writers*each; {
				page, next := a.Page(position, 10)
				if len(page) > 10 || next < position {
					t.Errorf("got %d attempts from %d to %d", len(page), position, next)
				}
				position = next
			}
		})
	}
	group.Wait()
	if total, dropped := a.Counts(); total != writers*each || dropped != writers*each-100 {
		t.Errorf("got %d attempts, %d dropped, want %d and %d", total, dropped, writers*each, writers*each-100)
	}
}

// TestRecordKeepsACopy overwrites what was recorded: strings hold only while RecordFrom runs.
func TestRecordKeepsACopy(t *testing.T) {
	t.Parallel()
	a := NewAttempts(3)
	target, by := []byte("/1/x"), []string{"slow"}
	attempt := observe.Attempt{Sequence: 1, Target: string(target), DelayedBy: by, Counter: observe.NoCounter}
	want := attempt.Clone()
	a.Record(&attempt)
	by[0], attempt.Target, attempt.Sequence = "other", "other", 2
	if diff := cmp.Diff([]observe.Attempt{want}, a.All()); diff != "" {
		t.Errorf("what was kept changed (-want +got):\n%s", diff)
	}
	a.Record(&want)
	if diff := cmp.Diff([]observe.Attempt{want, want}, a.All()); diff != "" {
		t.Errorf("what was recorded again differs (-want +got):\n%s", diff)
	}
}

func TestSlotsForgetWhatIsLong(t *testing.T) {
	t.Parallel()
	a := NewAttempts(1)
	for _, length := range []int{10, 100_000, 10, 600, 10} {
		want := observe.Attempt{Target: strings.Repeat("x", length)}
		a.Record(&want)
		if diff := cmp.Diff([]observe.Attempt{want}, a.All()); diff != "" {
			t.Errorf("of %d bytes (-want +got):\n%s", length, diff)
		}
		if kept := cap(a.slot(0).form); length < 1000 && kept > longestSlot {
			t.Errorf("an attempt of %d bytes keeps %d, want at most %d", length, kept, longestSlot)
		}
	}
}

func TestRoomIsTakenAsItIsNeeded(t *testing.T) {
	t.Parallel()
	a := NewAttempts(10_000_000)
	record(a, 1, blockSize+1)
	taken := 0
	for i := range a.blocks {
		if a.blocks[i].Load() != nil {
			taken++
		}
	}
	if taken != 2 {
		t.Errorf("%d attempts took %d blocks of %d, want 2", blockSize+1, taken, blockSize)
	}
}

// TestAnAttemptInTheMaking holds what a reader sees while a writer has a position and is not
// done: the end for Page, nothing behind it.
func TestAnAttemptInTheMaking(t *testing.T) {
	t.Parallel()
	a := NewAttempts(4)
	record(a, 1, 2)
	slow := a.total.Add(1) - 1
	record(a, 4, 4)
	page, next := a.Page(0, 10)
	if got, want := sequences(page), []uint64{1, 2}; !slices.Equal(got, want) || next != 2 {
		t.Errorf("meanwhile got %v and %d, want %v and 2", got, next, want)
	}
	third := observe.Attempt{Sequence: 3}
	a.slot(slow).put(slow, &third)
	if got, want := sequences(a.All()), []uint64{1, 2, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("then got %v, want %v", got, want)
	}
	record(a, 5, 9)
	a.slot(slow).put(slow, &third)
	if got, want := sequences(a.All()), []uint64{6, 7, 8, 9}; !slices.Equal(got, want) {
		t.Errorf("after a writer that was overtaken got %v, want %v", got, want)
	}
}

func TestRecordAllocatesNothingOnceWarm(t *testing.T) { //nolint:paralleltest // other tests would allocate in between
	a := NewAttempts(100)
	record(a, 1, 200)
	attempt := usual()
	for range 100 {
		a.Record(&attempt)
	}
	if got := testing.AllocsPerRun(500, func() { a.Record(&attempt) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

// usual is an attempt as a relayed request makes it.
func usual() observe.Attempt {
	return observe.Attempt{
		Sequence: 1 << 20, Time: time.Date(2020, 1, 2, 3, 4, 5, 6, time.UTC), Received: time.Hour, Answered: time.Hour + time.Millisecond,
		Conn: 77, ConnUse: 1000, Client: "credential:0123abcd", Credential: "0123abcd", UserAgent: "python-requests/2.31.0",
		Endpoint: "content.search", Method: "GET", Host: "api.media.microsoft.com", Target: "/1/content/music/search?maxitems=5&q=daft+punk",
		BodyComplete: true, Counter: observe.NoCounter, Status: 200, Class: groove.ClassSuccess, Origin: observe.OriginUpstream,
		End: observe.EndComplete, Forwarded: true, UpstreamStatus: 200,
	}
}

func BenchmarkAll(b *testing.B) {
	a := NewAttempts(100_000)
	attempt := usual()
	for range 100_000 {
		a.Record(&attempt)
	}
	b.ReportAllocs()
	for b.Loop() {
		a.All()
	}
}

func BenchmarkRecord(b *testing.B) {
	for name, reading := range map[string]bool{"alone": false, "with a reader": true} {
		b.Run(name, func(b *testing.B) {
			a := NewAttempts(10_000)
			record(a, 1, 10_000)
			var done atomic.Bool
			var group sync.WaitGroup
			if reading {
				group.Go(func() {
					for !done.Load() {
						a.Page(0, copyPage)
					}
				})
			}
			b.ReportAllocs()
			b.RunParallel(func(p *testing.PB) {
				attempt := usual()
				for p.Next() {
					a.Record(&attempt)
				}
			})
			done.Store(true)
			group.Wait()
		})
	}
}
