package verdict

import (
	"fmt"
	"math"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// calmBaseline and calmAfter are how long a client is watched before and after, and calmStep a third of the latter.
	calmBaseline, calmAfter, calmStep = 60 * time.Second, 30 * time.Second, 10 * time.Second
	// stormy is by how much the rate must exceed the baseline.
	stormy = 1.5
	// calmBins bounds the seconds that are counted.
	calmBins = 100_000
)

// calmTally counts the arrivals of a client by the second.
type calmTally struct {
	bins               []uint32
	start, first, last time.Duration
	seen, struck       bool
	end                time.Duration
	after              evidence
}

func calmAfterRecovery(*client, *Limits) tally { return &calmTally{} }

func (t *calmTally) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		struck := c.is&traitUnwell != 0
		for _, a := range c.Attempts {
			t.arrive(a, struck && unwell(a))
		}
		if struck {
			// To count needs no grouping.
			t.after.name(c.witness())
			t.after.cite(c.last().Sequence)
		}
	}
}

// unwell reports that the service was, and not that the request was wrong.
func unwell(a *observe.Attempt) bool { return transient(a) || broken(a) || left(a) }

func (t *calmTally) arrive(a *observe.Attempt, struck bool) {
	if !t.seen {
		t.seen, t.start = true, a.Received
	}
	at := int((a.Received - t.start) / time.Second)
	if at < 0 || at >= calmBins {
		return
	}
	for len(t.bins) <= at {
		t.bins = append(t.bins, 0)
	}
	t.bins[at]++
	t.end = max(t.end, a.Received)
	if struck {
		if !t.struck || a.Received < t.first {
			t.first = a.Received
		}
		t.struck, t.last = true, max(t.last, a.Answered)
	}
}

// between counts the arrivals in whole seconds of a stretch.
func (t *calmTally) between(from, to time.Duration) (n int) {
	low, high := int((from-t.start+time.Second-1)/time.Second), int((to-t.start)/time.Second)
	for i := max(low, 0); i < min(high, len(t.bins)); i++ {
		n += int(t.bins[i])
	}
	return n
}

func (t *calmTally) findings() []proposal {
	const needs = "needs 60 s before the first failure and 30 s after the last"
	before, after := t.first-t.start, t.end-t.last
	switch {
	case !t.struck:
		return unexposed("nothing failed", needs)
	case before < calmBaseline || after < calmAfter:
		return []proposal{t.after.lacking(1, fmt.Sprintf("watched for %s before the first failure and %s after the last", short(before), short(max(after, 0))), needs)}
	}
	baseline := t.between(t.start, t.first)
	if baseline < leastBaseline {
		return []proposal{t.after.lacking(1, count(baseline, "request")+" before the first failure", fmt.Sprintf("needs %d requests before the first failure", leastBaseline))}
	}
	usual := float64(baseline) / before.Truncate(time.Second).Seconds()
	now := t.between(t.last, t.last+calmAfter)
	late := t.between(t.last+calmAfter-calmStep, t.last+calmAfter)
	figure := fmt.Sprintf("%.1f requests a second in the 30 s after the last failure, %.1f before the first", float64(now)/calmAfter.Seconds(), usual)
	switch {
	case !exceeds(now, usual*calmAfter.Seconds()):
		return []proposal{t.after.finding(Pass, 1, figure)}
	case !exceeds(late, usual*calmStep.Seconds()):
		return []proposal{t.after.finding(Pass, 1, figure+", and fading: queued work drains")}
	}
	return []proposal{t.after.finding(Warn, 1, figure+", and not fading")}
}

// exceeds reports that a count is clearly more than the limit allows: by more than chance lets it vary.
func exceeds(n int, expected float64) bool {
	return float64(n) > stormy*expected+3*math.Sqrt(max(expected, 1))
}
