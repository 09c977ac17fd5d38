package standin

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// MaxLatency bounds both figures of a Latency.
const MaxLatency = time.Minute

// Latency is a profile of how long answers take: log-normal, as waits behind
// real services are. The zero value is no wait at all.
type Latency struct {
	// P50 is what half of the answers stay below, P99 what all but one in a
	// hundred do. P99 0 means that all take P50.
	P50, P99 time.Duration
}

// Validate returns an error that says what is wanted, unless l makes sense.
func (l Latency) Validate() error {
	switch {
	case l.P50 < 0 || l.P50 > MaxLatency:
		return fmt.Errorf("latency is %v, want 0s to %v", l.P50, MaxLatency)
	case l.P99 < 0 || l.P99 > MaxLatency:
		return fmt.Errorf("latency of the 99th percentile is %v, want 0s to %v", l.P99, MaxLatency)
	case l.P99 != 0 && l.P99 < l.P50:
		return fmt.Errorf("latency of the 99th percentile is %v, want the median, %v, or more", l.P99, l.P50)
	case l.P99 != 0 && l.P50 == 0:
		return fmt.Errorf("latency is 0s, want more where the 99th percentile is %v", l.P99)
	}
	return nil
}

// normal99 is what 99 % of a standard normal distribution stay below.
const normal99 = 2.3263478740408408

// draw is the latency of a standard normal number.
func (l Latency) draw(normal float64) time.Duration {
	if l.P99 == 0 || l.P99 == l.P50 {
		return l.P50
	}
	spread := math.Log(float64(l.P99)/float64(l.P50)) / normal99
	return min(MaxLatency, time.Duration(float64(l.P50)*math.Exp(spread*normal)))
}

// delays are the waits of one request after the other. They depend on the seed
// and on how many requests there were before.
type delays struct {
	latency Latency
	seed    uint64
	drawn   atomic.Uint64
}

// wait holds a request back and reports whether it still wants an answer.
func (d *delays) wait(ctx context.Context) bool {
	if d.latency.P50 == 0 {
		return true
	}
	timer := time.NewTimer(d.latency.draw(rand.New(rand.NewPCG(d.seed, d.drawn.Add(1))).NormFloat64()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
