package faults //nolint:testpackage // Looks into the buckets, whose number is bounded.

import (
	"strconv"
	"testing"
	"time"
)

func TestFullBucketsAreForgotten(t *testing.T) {
	t.Parallel()
	b := newBuckets(&Quota{Requests: 1})
	at := time.Unix(1_000_000, 0)
	const clients = 20_000
	for i := range clients {
		// A hundred come in each second, after which a bucket is full again.
		if wait := b.take(strconv.Itoa(i), at.Add(time.Duration(i)*10*time.Millisecond)); wait != 0 {
			t.Fatalf("client %d waits %v for its first token", i, wait)
		}
		if len(b.full) > 300 {
			t.Fatalf("%d buckets after %d clients, want about as many as come in a second", len(b.full), i)
		}
	}
}

func TestTheNumberOfBucketsIsBounded(t *testing.T) {
	t.Parallel()
	b := newBuckets(&Quota{Requests: 2, Per: time.Hour})
	at := time.Unix(1_000_000, 0)
	for i := range maxBuckets {
		b.take(strconv.Itoa(i), at)
	}
	passed := 0
	const more = 1_000
	for i := range more {
		if b.take("late "+strconv.Itoa(i), at) == 0 {
			passed++
		}
	}
	if len(b.full) != maxBuckets || passed != 2 {
		t.Errorf("%d buckets, and %d of %d passed for whom there was no room, want %d and the 2 of one bucket", len(b.full), passed, more, maxBuckets)
	}
	if wait := b.take("0", at); wait != 0 {
		t.Errorf("a client that has a bucket waits %v, want its second token", wait)
	}
	for i := range maxBuckets {
		b.take("later "+strconv.Itoa(i), at.Add(2*time.Hour))
	}
	if len(b.full) > maxBuckets || b.full[bucketKey("later 60000")] == (moment{}) {
		t.Errorf("%d buckets, want at most %d and one for who came once the others were full", len(b.full), maxBuckets)
	}
}
