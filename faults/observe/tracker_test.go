package observe

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
)

// exchange is one step of a tracker test: it begins at begin and is answered at end, unless end is 0.
type exchange struct {
	begin, end float64
	ok         bool
	wait       float64
	id         string
	counter    int
}

func (e exchange) at() time.Duration { return seconds(e.begin) }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func TestTrackerPlaces(t *testing.T) {
	t.Parallel()
	const none = NoCounter
	tests := map[string]struct {
		exchanges []exchange
		// want holds call.attempt of each exchange.
		want string
	}{
		"a success opens no way": {
			[]exchange{{0, 1, true, 0, "", none}, {2, 3, false, 0, "", none}},
			"1.1 2.1",
		},
		"failures go on": {
			[]exchange{{0, 1, false, 0, "", none}, {2, 3, false, 0, "", none}, {5, 6, true, 0, "", none}, {7, 8, true, 0, "", none}},
			"1.1 1.2 1.3 2.1",
		},
		"the window closes after 30 s": {
			[]exchange{{0, 1, false, 0, "", none}, {31, 32, false, 0, "", none}, {62.1, 63, false, 0, "", none}},
			"1.1 1.2 2.1",
		},
		"retry-after keeps it open": {
			[]exchange{{0, 1, false, 60, "", none}, {76, 77, false, 60, "", none}, {152.1, 153, false, 0, "", none}},
			"1.1 1.2 2.1",
		},
		"an unanswered one does not wait": {
			[]exchange{{0, 5, false, 0, "", none}, {2, 6, false, 0, "", none}, {5.5, 7, false, 0, "", none}, {6.5, 8, false, 0, "", none}},
			"1.1 2.1 1.2 2.2",
		},
		"the oldest goes first": {
			[]exchange{{0, 0.5, false, 0, "a", none}, {0, 2, false, 0, "", none}, {0, 1, false, 0, "", none}, {3, 4, true, 0, "", none}, {3, 4, true, 0, "", none}, {3, 4, true, 0, "", none}},
			"1.1 2.1 3.1 3.2 2.2 4.1",
		},
		"an identifier keeps its call": {
			[]exchange{{0, 1, false, 0, "a", none}, {0, 1, false, 0, "b", none}, {2, 3, true, 0, "a", none}, {2, 3, true, 0, "a", none}, {99, 100, true, 0, "b", none}, {100, 101, true, 0, "c", none}},
			"1.1 2.1 1.2 1.3 2.2 3.1",
		},
		"a counter finds the call that has counted so far": {
			[]exchange{
				{0, 1, false, 0, "", none},
				{0, 1, false, 0, "", 0},
				{2, 3, false, 0, "", 1},
				{4, 5, false, 0, "", 2},
				{6, 7, false, 0, "", 1},
				{8, 9, false, 0, "", 0},
			},
			"1.1 2.1 1.2 1.3 2.2 3.1",
		},
		"without a counter a call opens where others count": {
			[]exchange{{0, 1, false, 0, "", none}, {2, 3, false, 0, "", 1}, {4, 5, false, 0, "", none}, {6, 7, false, 0, "", 1}},
			"1.1 1.2 2.1 2.2",
		},
		"a counter without a call before opens one": {
			[]exchange{{0, 1, false, 0, "", 4}, {2, 3, false, 0, "", 0}},
			"1.1 2.1",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(play(NewTracker(100), test.exchanges), " "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// play begins and ends exchanges of one fingerprint in order of time and returns their call and attempt.
func play(tracker *Tracker, exchanges []exchange) []string {
	const fingerprint = 7
	places := make([]faults.Place, len(exchanges))
	ended := make([]bool, len(exchanges))
	end := func(until float64) {
		for {
			next := -1
			for i, e := range exchanges {
				if !ended[i] && places[i].Sequence > 0 && e.end <= until && (next < 0 || e.end < exchanges[next].end) {
					next = i
				}
			}
			if next < 0 {
				return
			}
			e := exchanges[next]
			ended[next] = true
			tracker.End(places[next], e.id, !e.ok, seconds(e.end), seconds(e.wait))
		}
	}
	var got []string
	for i, e := range exchanges {
		end(e.begin)
		places[i] = tracker.Begin(fingerprint, e.id, e.counter, e.at())
		got = append(got, fmt.Sprintf("%d.%d", places[i].Call, places[i].Attempt))
	}
	return got
}

// An exchange may arrive before another is answered and yet be counted after it.
func TestTrackerGoesByTimeNotByOrder(t *testing.T) {
	t.Parallel()
	tracker := NewTracker(100)
	tracker.End(tracker.Begin(1, "", NoCounter, 0), "", true, 5*time.Second, 0)
	if got := tracker.Begin(1, "", NoCounter, 3*time.Second); got.Call != 2 || got.Attempt != 1 {
		t.Errorf("arrived before the answer: got %+v, want another call", got)
	}
	if got := tracker.Begin(1, "", NoCounter, 6*time.Second); got.Call != 1 || got.Attempt != 2 {
		t.Errorf("arrived after the answer: got %+v, want attempt 2 of call 1", got)
	}
}

func TestTrackerPassesOverWhatHasExpired(t *testing.T) {
	t.Parallel()
	tracker := NewTracker(100)
	tracker.End(tracker.Begin(1, "", 0, 0), "", true, 0, 0)
	second := tracker.Begin(1, "", 1, 0)
	tracker.End(second, "", true, 0, time.Minute)
	tracker.End(tracker.Begin(1, "", 0, 0), "", true, 0, 0)
	if got := tracker.Begin(1, "", 1, 50*time.Second); got.Call != 3 || got.Attempt != 1 {
		t.Errorf("the only one that has counted so far has expired: got %+v, want another call", got)
	}
	if got := tracker.Begin(1, "", 2, 50*time.Second); got.Call != second.Call || got.Attempt != 3 {
		t.Errorf("one that waits a minute: got %+v, want attempt 3 of call %d", got, second.Call)
	}
}

func TestTrackerCountsExactlyUnderConcurrency(t *testing.T) {
	t.Parallel()
	const workers, rounds, fingerprints = 50, 300, 3
	tracker := NewTracker(100)
	var mu sync.Mutex
	seen := map[uint64]map[uint64]bool{}
	places := map[faults.Place]bool{}
	var wait sync.WaitGroup
	for worker := range workers {
		wait.Go(func() {
			for round := range rounds {
				fingerprint := uint64((worker + round) % fingerprints)
				at := time.Duration(round) * time.Millisecond
				place := tracker.Begin(fingerprint, "", NoCounter, at)
				mu.Lock()
				if seen[fingerprint] == nil {
					seen[fingerprint] = map[uint64]bool{}
				}
				seen[fingerprint][place.Sequence] = true
				place.Sequence = 0
				if places[place] {
					t.Errorf("attempt %d of call %d was given twice", place.Attempt, place.Call)
				}
				places[place] = true
				mu.Unlock()
				tracker.End(place, "", round%3 > 0, at+time.Microsecond, 0)
			}
		})
	}
	wait.Wait()
	for fingerprint := range uint64(fingerprints) {
		n := uint64(len(seen[fingerprint]))
		if want := uint64(workers * rounds / fingerprints); n != want || !seen[fingerprint][1] || !seen[fingerprint][n] {
			t.Errorf("fingerprint %d: got %d sequences, want 1 to %d", fingerprint, n, want)
		}
	}
}

func TestTrackerLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tracker := NewTracker(1000)
		sequences, calls := map[uint64]uint64{}, map[uint64]uint64{}
		taken := map[faults.Place]bool{}
		var now time.Duration
		for range rapid.IntRange(0, 200).Draw(t, "n") {
			fingerprint := rapid.Uint64Range(0, 3).Draw(t, "fingerprint")
			id := rapid.SampledFrom([]string{"", "", "", "a", "b"}).Draw(t, "id")
			now += time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(t, "pause"))
			place := tracker.Begin(fingerprint, id, rapid.SampledFrom([]int{NoCounter, NoCounter, 0, 1, 2}).Draw(t, "counter"), now)
			sequences[fingerprint]++
			if place.Fingerprint != fingerprint || place.Sequence != sequences[fingerprint] {
				t.Fatalf("got %+v, want sequence %d", place, sequences[fingerprint])
			}
			if place.Attempt == 1 {
				calls[fingerprint]++
				if place.Call != calls[fingerprint] {
					t.Fatalf("got %+v, want it to open call %d", place, calls[fingerprint])
				}
			}
			key := place
			key.Sequence = 0
			if taken[key] || place.Call > calls[fingerprint] {
				t.Fatalf("got %+v a second time, or in a call that was not opened", place)
			}
			taken[key] = true
			tracker.End(place, id, rapid.Bool().Draw(t, "failed"), now, 0)
		}
	})
}

func TestTrackerForgets(t *testing.T) {
	t.Parallel()
	const limit = 1000
	tracker := NewTracker(limit)
	const kept = 1 << 40
	for i := range uint64(100 * limit) {
		place := tracker.Begin(i, fmt.Sprint(i), NoCounter, 0)
		tracker.End(place, "", true, 0, 0)
		if i%100 == 0 {
			if got := tracker.Begin(kept, "kept", NoCounter, 0); got.Sequence != i/100+1 || got.Attempt != i/100+1 {
				t.Fatalf("one in use: got %+v, want sequence and attempt %d", got, i/100+1)
			}
		}
	}
	kinds, named := 0, 0
	for i := range tracker.shards {
		kinds += tracker.shards[i].kinds.len()
		named += tracker.shards[i].named.len()
	}
	if most := limit + 2*shardCount; kinds > most || named > most || kinds < limit/2 {
		t.Errorf("remembers %d fingerprints and %d identifiers, want %d to %d", kinds, named, limit/2, most)
	}
	tracker.End(faults.Place{Fingerprint: 1}, "", true, 0, 0)
	if got := tracker.Begin(1, "", NoCounter, 0); got.Sequence != 1 || got.Attempt != 1 {
		t.Errorf("one forgotten: got %+v, want it anew", got)
	}
}

func TestTrackerBoundsWhatWaits(t *testing.T) {
	t.Parallel()
	tracker := NewTracker(0)
	for range 3 * maxWaiting {
		place := tracker.Begin(1, "", 0, 0)
		tracker.End(place, "", true, 0, 0)
	}
	k, _ := tracker.shard(1).kinds.get(1)
	if n := len(k.waiting) - k.head; n != maxWaiting || cap(k.waiting) > 4*maxWaiting {
		t.Errorf("got %d waiting of %d, want %d", n, cap(k.waiting), maxWaiting)
	}
}

//nolint:paralleltest // testing.AllocsPerRun forbids it.
func TestTrackerDoesNotAllocateOnceWarm(t *testing.T) {
	tracker := NewTracker(1000)
	at := time.Duration(0)
	round := func() {
		at += time.Millisecond
		place := tracker.Begin(1, "", NoCounter, at)
		tracker.End(place, "", at%3 > 0, at, 0)
		named := tracker.Begin(2, "a", NoCounter, at)
		tracker.End(named, "a", true, at, 0)
	}
	for range 100 {
		round()
	}
	if got := testing.AllocsPerRun(1000, round); got != 0 {
		t.Errorf("got %v allocations a round, want none", got)
	}
}

func BenchmarkTracker(b *testing.B) {
	for name, failed := range map[string]bool{"successes": false, "failures": true} {
		b.Run(name, func(b *testing.B) {
			tracker := NewTracker(10_000)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := uint64(0); pb.Next(); i++ {
					place := tracker.Begin(i%1000, "", NoCounter, time.Duration(i))
					tracker.End(place, "", failed, time.Duration(i), 0)
				}
			})
		})
	}
}

func TestTrackerBeginsAnew(t *testing.T) {
	t.Parallel()
	tracker := NewTracker(64)
	for _, id := range []string{"", "call-1"} {
		for range 2 {
			for attempt := uint64(1); attempt <= 3; attempt++ {
				place := tracker.Begin(7, id, NoCounter, seconds(float64(attempt)))
				if place.Attempt != attempt {
					t.Errorf("id %q: attempt is %d, want %d", id, place.Attempt, attempt)
				}
				tracker.End(place, id, true, seconds(float64(attempt)), 0)
			}
			tracker.Renew()
		}
	}
}
