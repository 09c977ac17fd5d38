package observe

import (
	"slices"
	"time"
)

const (
	// leastBaseline is how many gaps after success a rhythm rests on.
	leastBaseline = 3
	// goodBaseline is how many make it sharp: then the outer tenths do not count, and the margin is narrower.
	goodBaseline = 10
	// rhythmSlack covers the noise of very short gaps.
	rhythmSlack = 5 * time.Millisecond
)

// rhythm is how a client comes back to a fingerprint of its own accord, learned from
// the gaps after successes. The zero value knows nothing.
type rhythm struct {
	known bool
	// low and high bound the gaps that say nothing about a retry.
	low, high time.Duration
}

// learnRhythm takes the gaps after success.
func learnRhythm(success []time.Duration) rhythm {
	n := len(success)
	if n < leastBaseline {
		return rhythm{}
	}
	sorted := slices.Sorted(slices.Values(success))
	r := rhythm{known: true, low: sorted[n/10] / 2, high: 2 * sorted[n-1-n/10]}
	if n < goodBaseline {
		r.low, r.high = sorted[0]/4, 4*sorted[n-1]
	}
	r.high += rhythmSlack
	return r
}

// covers reports whether a gap could just as well be the client's own rhythm.
func (r rhythm) covers(gap time.Duration) bool { return r.known && gap >= r.low && gap <= r.high }

// explains reports whether the gaps after failure are no retries: fewer than half of them are
// clearly unlike the rhythm.
func (r rhythm) explains(failure []time.Duration) bool {
	distinct := 0
	for _, gap := range failure {
		if !r.covers(gap) {
			distinct++
		}
	}
	return 2*distinct < len(failure)
}
