package inject

import (
	"math"
	"math/bits"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// Pace says when the pieces of a body may go so that a rate is never passed,
// over any stretch that is longer than a chunk. It reads no clock: the time
// passes as an argument. Make it with NewPace.
type Pace struct {
	rate, chunk uint64
	// next is when the next chunk may go.
	next time.Duration
}

// NewPace makes a Pace for one body.
func NewPace(t *faults.Throttle) *Pace {
	chunk := t.Chunk
	if chunk == 0 {
		chunk = t.BytesPerSecond / 10
	}
	return &Pace{rate: max(t.BytesPerSecond, 1), chunk: min(max(chunk, 1), faults.MaxThrottleChunk)}
}

// Chunk is how many bytes may go at once.
func (p *Pace) Chunk() int { return int(p.chunk) } //nolint:gosec // G115: at most MaxThrottleChunk.

// Wait is how long the next chunk has to wait at the time elapsed, 0 for not
// at all. The first never has to.
func (p *Pace) Wait(elapsed time.Duration) time.Duration { return max(p.next-elapsed, 0) }

// Sent notes that n bytes, at most a chunk, went at the time elapsed. The time
// that they take counts from then on, and a chunk that came late does not make
// the next one early.
func (p *Pace) Sent(n int, elapsed time.Duration) {
	p.next = elapsed + p.takes(uint64(max(n, 0)))
}

// takes is the time that so many bytes take, rounded up.
func (p *Pace) takes(n uint64) time.Duration {
	high, low := bits.Mul64(n, uint64(time.Second))
	if high >= p.rate {
		return math.MaxInt64 / 2
	}
	time, rest := bits.Div64(high, low, p.rate)
	if rest > 0 {
		time++
	}
	return clampDuration(time)
}

func clampDuration(nanoseconds uint64) time.Duration {
	return time.Duration(min(nanoseconds, math.MaxInt64/2))
}
