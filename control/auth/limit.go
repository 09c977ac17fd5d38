package auth

import (
	"sync"
	"time"
)

const (
	// failureBurst is how many failures of one peer are answered as such at once.
	failureBurst = 10
	// failurePause is how long it takes until one more is.
	failurePause = 3 * time.Second
	// mostPeers bounds the peers whose failures are remembered.
	mostPeers = 4096
)

// failures counts what peers got wrong. Each peer has a bucket of failureBurst tokens, one of which comes back after
// each failurePause. It remembers at most mostPeers; then those whose buckets have been full for long go first, and
// failing that all do.
type failures struct {
	mu sync.Mutex
	// full is when the bucket of a peer will be full again.
	full map[string]time.Time
}

// take notes a failure of a peer. It returns 0 if there was a token left, else how long it is until there is one.
func (f *failures) take(peer string, now time.Time) (wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	full := f.full[peer]
	if full.Before(now) {
		full = now
	}
	if missing := full.Add(failurePause).Sub(now); missing > failureBurst*failurePause {
		return missing - failureBurst*failurePause
	}
	f.makeRoom(peer, now)
	f.full[peer] = full.Add(failurePause)
	return 0
}

func (f *failures) makeRoom(peer string, now time.Time) {
	if f.full == nil {
		f.full = make(map[string]time.Time)
	}
	if _, known := f.full[peer]; known || len(f.full) < mostPeers {
		return
	}
	for other, full := range f.full {
		if !full.After(now) {
			delete(f.full, other)
		}
	}
	if len(f.full) >= mostPeers {
		clear(f.full)
	}
}
