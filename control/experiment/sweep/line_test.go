package sweep

import (
	"fmt"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// many is a run of so many attempts, of which every other asks for the same, and each overlaps the next.
func many(n int) *Ran {
	r := &Ran{}
	for i := range n {
		target := fmt.Sprintf("/1/content/music/search?q=%d", i)
		if i%2 == 0 {
			target = "/1/content/music/search?q=a"
		}
		at := time.Duration(i) * 10 * time.Millisecond
		r.Attempts = append(r.Attempts, observe.Attempt{
			Sequence: uint64(i), Method: "GET", Endpoint: groove.Search, Target: target, Status: 503, Class: groove.ClassFailure, Fault: struckBy,
			Received: at, Answered: at + 12*time.Millisecond, Counter: observe.NoCounter,
		})
	}
	return r
}

// A long run is weighed in a fraction of a second; looking at all attempts for each of them takes minutes.
func TestBondsOfALongRun(t *testing.T) {
	t.Parallel()
	r := many(60_000)
	h := &Habits{Requests: map[string]Habit{}}
	for i := range r.Attempts {
		h.Requests[requestKey(&r.Attempts[i])] = Habit{Endpoint: groove.Search, Count: 1, Succeeded: 1}
	}
	begun := time.Now()
	h.bonds(r, struckBy)
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("%d attempts took %v", len(r.Attempts), took)
	}
}
