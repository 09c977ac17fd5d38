package simulate

import (
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
)

// Client is one that waits by a law.
type Client struct {
	Law   backoff.Law
	Noise Noise
}

// Call plays one call of so many retries, all of which fail, and after which the client gives up.
func (c Client) Call(gaps int, s *Source) backoff.Call {
	call := backoff.Call{GaveUp: true}
	previous := time.Duration(0)
	for k := 1; k <= gaps; k++ {
		meant := c.Law.Draw(k, previous, s.Float())
		previous = meant
		call.Gaps = append(call.Gaps, backoff.Gap{Index: k, Wait: meant + c.Noise.lateness(meant, s)})
	}
	return call
}

// Calls plays so many of them.
func (c Client) Calls(calls, gaps int, s *Source) []backoff.Call {
	played := make([]backoff.Call, calls)
	for i := range played {
		played[i] = c.Call(gaps, s)
	}
	return played
}
