package faults

import (
	"math"
	"math/bits"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
)

// maxBuckets bounds the clients that one quota tells apart, about 3 MB. While as
// many have less than a full bucket, all further ones share one.
const maxBuckets = 1 << 16

// buckets is the token buckets of a quota. A bucket is kept as the moment in
// which it will be full: a token put that off by the time in which one comes
// in, and the bucket gives one as long as the moment is not too far away. Moments
// are exact, so nothing is lost to rounding however long it counts. Full
// buckets are forgotten, since a new one is full.
type buckets struct {
	// parts is how many parts a nanosecond has: the requests of the quota.
	parts uint64
	// each is the time in which one token comes in, slack that in which all but
	// one do.
	each, slack moment
	all         bool

	mu sync.Mutex
	// epoch is the time of the first exchange, now that of the latest, as time
	// since then. Time does not go back: exchanges that come out of order, and a clock
	// that is set back, find it where it was.
	epoch time.Time
	now   int64
	full  map[uint64]moment
	// crowd is the bucket of those for whom there was no room.
	crowd moment
	// strangers counts clients that were not known since full buckets were
	// last forgotten.
	strangers int
}

// moment is a time since the epoch in nanoseconds and parts of one.
type moment struct {
	whole int64
	parts uint64
}

// newBuckets makes the buckets of a quota that passed validation.
func newBuckets(q *Quota) *buckets {
	per, burst := q.period(), q.burst()
	b := &buckets{parts: q.Requests, all: q.All, full: make(map[uint64]moment)}
	b.each = spread(1, per, q.Requests)
	b.slack = spread(burst-1, per, q.Requests)
	return b
}

func (q *Quota) period() time.Duration {
	if q.Per == 0 {
		return time.Second
	}
	return q.Per
}

func (q *Quota) burst() uint64 {
	if q.Burst == 0 {
		return q.Requests
	}
	return q.Burst
}

// fills returns the time in which an empty bucket fills, rounded down and at
// most what a Duration holds.
func (q *Quota) fills() time.Duration {
	high, low := bits.Mul64(q.burst(), uint64(q.period())) //nolint:gosec // A valid period is positive.
	if high >= q.Requests {
		return math.MaxInt64
	}
	quotient, _ := bits.Div64(high, low, q.Requests)
	return time.Duration(min(quotient, math.MaxInt64))
}

// spread returns the time in which so many tokens come in.
func spread(tokens uint64, per time.Duration, requests uint64) moment {
	high, low := bits.Mul64(tokens, uint64(per)) //nolint:gosec // A valid period is positive.
	quotient, rest := bits.Div64(high, low, requests)
	return moment{whole: int64(quotient), parts: rest} //nolint:gosec // Validation bounds it by MaxTTL.
}

// take takes a token for the client, or returns how long it is until there is
// one, which is never 0. However many take at once, none is given twice.
func (b *buckets) take(client string, at time.Time) (wait time.Duration) {
	var key uint64
	if !b.all {
		key = bucketKey(client)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tick(at)
	full, known := b.full[key]
	crowded := !known && !b.admit()
	if crowded {
		full = b.crowd
	}
	if full.whole < b.now {
		full = moment{whole: b.now}
	}
	if wait := b.until(full); wait > 0 {
		return wait
	}
	full = b.put(full)
	if crowded {
		b.crowd = full
	} else {
		b.full[key] = full
	}
	return 0
}

// tick moves the time on.
func (b *buckets) tick(at time.Time) {
	if b.epoch.IsZero() {
		b.epoch = at
	}
	const latest = math.MaxInt64 / 2 // leaves room for what is added
	b.now = max(b.now, min(int64(at.Sub(b.epoch)), latest))
}

// until returns how long a bucket that will be full at the given moment has no
// token, at most 0 if it has one, rounded up.
func (b *buckets) until(full moment) time.Duration {
	wait := full.whole - b.slack.whole - b.now
	if full.parts > b.slack.parts {
		wait++
	}
	return time.Duration(wait)
}

// put puts a moment off by one token.
func (b *buckets) put(full moment) moment {
	full.whole += b.each.whole
	full.parts += b.each.parts
	if full.parts >= b.parts {
		full.parts -= b.parts
		full.whole++
	}
	return full
}

// admit reports whether there is room for another client. It forgets full
// buckets as often as takes a few steps for each client that comes.
func (b *buckets) admit() bool {
	const few = 64
	if b.strangers++; b.strangers > few+len(b.full)/4 {
		b.strangers = 0
		for key, full := range b.full {
			if full.whole < b.now {
				delete(b.full, key)
			}
		}
	}
	return len(b.full) < maxBuckets
}

// bucketKey stands for a client, whose name may be long.
func bucketKey(client string) uint64 { return xxhash.Sum64String(client) }
