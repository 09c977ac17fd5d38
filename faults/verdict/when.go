package verdict

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// whenChecks ask how long a client waits and when it stops.
var whenChecks = []Check{
	{
		Name:    "backs-off",
		Family:  FamilyWhen,
		Rule:    "the first three gaps of a call all under 20 ms, be it without Retry-After or in spite of one, or the 90th percentile of at least 8 gaps after the first retry",
		Needs:   "3 gaps, 8 for Node and Python; for a fail 3 different requests",
		Norm:    "AWS on back-off and jitter (100 contending clients: 2195 calls without back-off, 782 with full jitter); Azure SDK guidelines (0.8 s, 60 s cap)",
		Advice:  "wait before each retry, longer each time and with jitter: 0.5 s doubling to 30 s is common",
		Example: "a loop around the call without a sleep: the first three retries came after 0.4 ms to 1.9 ms",
		begin:   backsOff,
		about:   traitAgain,
	},
	{
		Name:    "retry-after-honoured",
		Family:  FamilyWhen,
		Rule:    "the wait after a 429 or 503 does not depend on its Retry-After and ends before it",
		Needs:   "6 calls over 3 values; or 3 with a gap under half of it; or 3 that came after the client's own wait and before it",
		Norm:    "RFC 9110 §10.2.3 (Retry-After); RFC 6585 §4 (429)",
		Advice:  "read Retry-After, as seconds and as a date, and wait at least as long",
		Example: "told to wait 5 s it came back after 1 s, and after 1 s too when it was told nothing",
		begin:   retryAfterHonoured,
		about:   traitAgain,
	},
	{
		Name:    "retry-after-not-early",
		Family:  FamilyWhen,
		Rule:    "the wait follows Retry-After and yet ends more than 10 ms (1 s for a date) before it",
		Needs:   "3 calls, 1 a value",
		Norm:    "RFC 9110 §10.2.3 (Retry-After)",
		Advice:  "treat Retry-After as a lower bound: add jitter to it, never subtract, and do not cut it short",
		Example: "jitter of a quarter is applied to Retry-After: told 2 s it came back after 1.51 s",
		begin:   retryAfterNotEarly,
		about:   traitAgain,
	},
	{
		Name:    "attempts-capped",
		Family:  FamilyWhen,
		Rule:    "more than 10 attempts in one call",
		Needs:   "1 call that failed until the client gave up; for a fail 3 different requests, with gaps that rise or with none",
		Norm:    "gRPC A6 (at most 5 attempts); Google SRE (3 attempts)",
		Advice:  "give up after 3 to 5 attempts and tell the caller",
		Example: "a retry middleware left at its default: 11 attempts in one call over 28.86 s",
		begin:   attemptsCapped,
		about:   traitAgain | traitTransient,
	},
	{
		Name:    "amplification",
		Family:  FamilyWhen,
		Rule:    "more than 5 attempts a call while everything fails; a warning above 3",
		Needs:   "20 calls in full failure",
		Norm:    "Google SRE (3 attempts, 10 % budget); Finagle (20 % + 10/s); metastable failures, OSDI 2022",
		Advice:  "lower the number of retries, retry at one layer only, and add a retry budget",
		Example: "an SDK retries 3 times inside a job that retries 3 times: 9.0 attempts a call, in 3 bursts of 3",
		begin:   amplification,
		about:   traitTransient,
	},
}

const (
	// leastGaps and leastLateGaps are the gaps that back-off is judged by, the latter for runtimes
	// with late timers; leastPooled is how many the percentile wants.
	leastGaps, leastLateGaps, leastPooled = 3, 8, 8
	// opening is how many gaps at the start of a call hammering is seen by.
	opening = 3
	// tinyBase is the smallest base of a back-off with jitter that is known of, tinyMedian the median below which
	// waits are called tiny.
	tinyBase, tinyMedian = 25 * time.Millisecond, 100 * time.Millisecond
	// steady is how close together, or to 0, three gaps of a lone call lie that no jitter made.
	steady = 5 * time.Millisecond
	// chance bounds the probability that a jittered back-off is taken for none.
	chance = 0.01
)

// waits is what is known of a client's own waits: those after a transient answer without Retry-After, or at once in spite of one.
type waits struct {
	who            *client
	limits         *Limits
	exposed, total int
	// pooled are the gaps from the second retry on, meant all but an instant first retry.
	pooled, meant sample[time.Duration]
	// opened counts the calls that have three gaps, quick those of them in which all three were short.
	opened int
	quick  sample[hurry]
	seen   evidence
	// room is that for the gaps of one call.
	room []observe.Gap
}

// hurry is the first gaps of one call.
type hurry struct {
	deeds []deed
	waits [opening]time.Duration
}

func backsOff(who *client, l *Limits) tally { return &waits{who: who, limits: l} }

func (w *waits) findings() []proposal {
	least := leastGaps
	if w.who.busy {
		least = leastLateGaps
	}
	const needs = "repeats after 429, 500, 502 or 503 without Retry-After"
	switch {
	case w.exposed == 0:
		return unexposed("nothing was repeated after a transient answer without Retry-After", fmt.Sprintf("needs %d %s, saw none", least, needs))
	case w.total < least:
		return []proposal{w.seen.lacking(w.exposed, "waited "+w.figure(), fmt.Sprintf("needs %d certain %s, saw %d", least, needs, w.total))}
	}
	hammered, tiny := w.hammered()
	switch {
	case len(hammered) > 0:
		return []proposal{hammerFinding(w.exposed, hammered, w.opened)}
	case len(w.pooled.kept) >= leastPooled && quantile(w.pooled.kept, 0.9) < w.limits.Quick:
		return []proposal{w.seen.finding(Fail, w.exposed, fmt.Sprintf("90 %% of %s from the second retry on were under %s", count(w.pooled.n, "wait"), short(quantile(w.pooled.kept, 0.9))))}
	case !tiny && w.meant.n < least:
		return []proposal{w.seen.lacking(w.exposed, "waited "+w.figure(), fmt.Sprintf("needs %d waits beside an instant first retry, saw %d", least, w.meant.n))}
	case tiny, quantile(w.meant.kept, 0.5) < tinyMedian:
		return []proposal{w.seen.finding(Info, w.exposed, "tiny delay: waited "+w.figure())}
	}
	return []proposal{w.seen.finding(Pass, w.exposed, "waited "+w.figure())}
}

// take collects the waits that the client chose by itself.
func (w *waits) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		gaps := w.room[:0]
		met := false
		for j := range c.repeats {
			g := &c.repeats[j]
			if !transient(g.Before) || g.Before.RetryAfter != "" && !s.defies(g, w.limits.Quick) {
				continue
			}
			met = true
			if c.proof && !g.Inexact && !s.inFlight(c, g) {
				gaps = append(gaps, *g)
			}
		}
		if w.room = gaps; met {
			w.exposed++
			w.count(c, gaps)
		}
	}
	clear(w.room[:cap(w.room)])
}

// defies reports that a gap came at once after an answer that asked for a wait: that is no wait which Retry-After made.
func (s *subject) defies(g *observe.Gap, quick time.Duration) bool {
	return g.RetryAfter != nil && g.RetryAfter.Wait > earlyDate && g.Wait < quick && !s.excused(g)
}

func (w *waits) count(c *call, gaps []observe.Gap) {
	for _, g := range gaps {
		w.total++
		w.seen.add(c, g.Before, g.After)
		if g.Index > 1 {
			w.pooled.take(g.Wait)
		}
		if g.Index > 1 || g.Wait >= w.limits.Quick {
			w.meant.take(g.Wait)
		}
	}
	if len(gaps) < opening {
		return
	}
	w.opened++
	if longest(gaps[:opening]) >= w.limits.Quick {
		return
	}
	var h hurry
	for i := range opening {
		h.waits[i] = gaps[i].Wait
		h.deeds = append(h.deeds, newDeed(c, &gaps[i]))
	}
	w.quick.take(h)
}

// slowest is the longest of the first gaps.
func (h *hurry) slowest() time.Duration { return slices.Max(h.waits[:]) }

// hammered returns the calls whose first three gaps prove that nobody waited, or reports that such
// calls may be a tiny back-off with jitter.
func (w *waits) hammered() (proved []hurry, tiny bool) {
	proved = w.quick.kept
	switch {
	case len(proved) == 0:
		return nil, false
	case w.quick.n == w.opened && (len(proved) > 1 || proved[0].steady()):
		return proved, false
	case unlikely(proved, w.opened):
		return proved, false
	}
	return nil, true
}

// steady reports that the gaps lie closer together than jitter leaves them.
func (h *hurry) steady() bool {
	return h.slowest()-slices.Min(h.waits[:]) < steady
}

// unlikely reports that full jitter on the smallest base would not have produced the quick calls among n. For j calls of three
// gaps each up to t the probability is at most C(n, j) · (t / base)^3j.
func unlikely(quick []hurry, n int) bool {
	quick = slices.Clone(quick)
	slices.SortStableFunc(quick, func(a, b hurry) int { return int(a.slowest() - b.slowest()) })
	choose := 0.0
	for j := range quick {
		choose += math.Log(float64(n-j) / float64(j+1))
		share := math.Log(float64(max(quick[j].slowest(), 1)) / float64(tinyBase))
		if choose+float64(opening*(j+1))*share <= math.Log(chance) {
			return true
		}
	}
	return false
}

func hammerFinding(exposed int, hammered []hurry, calls int) proposal {
	var ev evidence
	var gaps []time.Duration
	for _, h := range hammered {
		gaps = append(gaps, h.waits[:]...)
		for _, d := range h.deeds {
			ev.take(d)
		}
	}
	return ev.finding(Fail, exposed, fmt.Sprintf("the first three retries came after %s in %d of %s", span(gaps), len(hammered), count(calls, "call")))
}

func (w *waits) figure() string {
	if w.meant.n == 0 {
		return "no certain time"
	}
	return fmt.Sprintf("%s, %s in the median, over %s", span(w.meant.kept), short(quantile(w.meant.kept, 0.5)), count(w.meant.n, "gap"))
}
