package observe

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/groovechaos/groovechaos/faults"
)

// Windows in which a failed answer waits for the next attempt of its call.
const (
	defaultWindow = 30 * time.Second
	waitSlack     = 15 * time.Second
)

const (
	// shardCount spreads fingerprints over locks; a power of two.
	shardCount = 32
	// maxWaiting bounds the failed attempts of one fingerprint that wait for a successor.
	maxWaiting = 1024
)

// Tracker places an exchange among those of its kind before it is answered. It is
// the counterpart of Grouper for what cannot wait: it sees no future, so that a new
// call may be taken for the next attempt of an older one. Sequence is exact all the same.
//
// It is safe for concurrent use, and so is its memory: see NewTracker.
type Tracker struct {
	shards [shardCount]shard
	// chapter is mixed into fingerprints, 0 from the start: see Renew.
	chapter atomic.Uint64
}

type shard struct {
	mu    sync.Mutex
	kinds generations[*kind]
	// named holds the calls with an identifier, by a hash of fingerprint and identifier.
	named generations[namedCall]
}

// kind is what is known of one fingerprint.
type kind struct {
	sequence, calls uint64
	// counted is set once an attempt came with a counter: from then on one without opens a call.
	counted bool
	// waiting holds failed attempts, oldest first, from index head on.
	waiting []waiter
	head    int
}

// waiter is a failed attempt that was answered and may have a successor.
type waiter struct {
	call, attempt   uint64
	answered, until time.Duration
}

type namedCall struct{ call, attempts uint64 }

// NewTracker makes a Tracker that remembers at most about so many fingerprints, and as many
// call identifiers; fewer than 64 stand for 64. A
// fingerprint that was not seen while half as many others were may be forgotten: when it comes again it
// counts from 1.
func NewTracker(fingerprints int) *Tracker {
	t := &Tracker{}
	limit := max(1, (fingerprints+2*shardCount-1)/(2*shardCount))
	for i := range t.shards {
		t.shards[i].kinds = newGenerations[*kind](limit)
		t.shards[i].named = newGenerations[namedCall](limit)
	}
	return t
}

// golden spreads small numbers over all bits.
const golden = 0x9E3779B97F4A7C15

// Renew begins anew: what comes from now on belongs to no call from before, and is counted from 1. It is for callers that
// are known to be others than before, however alike their requests.
func (t *Tracker) Renew() { t.chapter.Add(golden) }

// Begin counts an exchange that arrived and returns its place. callID and counter are
// those of ExplicitCall, at is the time of arrival on the proxy's clock.
//
// An identifier decides by itself to which call the exchange belongs. Without one it is the next attempt of
// the call whose failed answer waits longest, or opens a call. A counter alone narrows that
// to the calls that have made as many attempts.
func (t *Tracker) Begin(fingerprint uint64, callID string, counter int, at time.Duration) faults.Place {
	fingerprint ^= t.chapter.Load()
	s := t.shard(fingerprint)
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.kinds.get(fingerprint)
	if !ok {
		k = &kind{}
		s.kinds.put(fingerprint, k)
	}
	k.sequence++
	place := faults.Place{Fingerprint: fingerprint, Sequence: k.sequence, Attempt: 1, Identified: callID != "" || counter != NoCounter}
	if callID != "" {
		place.Call, place.Attempt = s.continueNamed(k, namedKey(fingerprint, callID))
		return place
	}
	if before, ok := k.take(counter, at); ok {
		place.Call, place.Attempt = before.call, before.attempt+1
		return place
	}
	k.calls++
	place.Call = k.calls
	return place
}

// End says how the exchange at place ended: whether it failed, when the answer was handed over, and
// the Retry-After it carried, 0 for none.
func (t *Tracker) End(place faults.Place, callID string, failed bool, answered, wait time.Duration) {
	if callID != "" || !failed {
		return
	}
	s := t.shard(place.Fingerprint)
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.kinds.get(place.Fingerprint)
	if !ok {
		return
	}
	k.add(waiter{call: place.Call, attempt: place.Attempt, answered: answered, until: answered + Window(wait)})
}

// Window returns how long after a failed answer the next attempt of its call may come, by the Retry-After of the
// answer, 0 for none.
func Window(wait time.Duration) time.Duration {
	return max(defaultWindow, min(wait, maxWait)+waitSlack)
}

// shard finds the part of t that a fingerprint lives in.
func (t *Tracker) shard(fingerprint uint64) *shard { return &t.shards[fingerprint%shardCount] }

// continueNamed counts an attempt of a call with an identifier.
func (s *shard) continueNamed(k *kind, key uint64) (call, attempt uint64) {
	named, ok := s.named.get(key)
	if !ok {
		k.calls++
		named.call = k.calls
	}
	named.attempts++
	s.named.put(key, named)
	return named.call, named.attempts
}

func namedKey(fingerprint uint64, callID string) uint64 {
	return fingerprint ^ xxhash.Sum64String(callID)
}

// take removes and returns the oldest attempt that waits for a successor like this one.
func (k *kind) take(counter int, at time.Duration) (waiter, bool) {
	alone := counter == NoCounter && k.counted
	if counter != NoCounter {
		k.counted = true
	}
	for k.head < len(k.waiting) && k.waiting[k.head].until < at {
		k.head++
	}
	if alone || counter == 0 {
		return waiter{}, false
	}
	for i := k.head; i < len(k.waiting); i++ {
		w := k.waiting[i]
		if w.answered > at || w.until < at || counter > 0 && w.attempt != uint64(counter) {
			continue
		}
		copy(k.waiting[k.head+1:i+1], k.waiting[k.head:i])
		k.head++
		return w, true
	}
	return waiter{}, false
}

// add lets an attempt wait. When too many wait, the oldest is given up.
func (k *kind) add(w waiter) {
	if len(k.waiting)-k.head >= maxWaiting {
		k.head++
	}
	if k.head > 0 && k.head*2 >= len(k.waiting) {
		k.waiting = k.waiting[:copy(k.waiting, k.waiting[k.head:])]
		k.head = 0
	}
	k.waiting = append(k.waiting, w)
}
