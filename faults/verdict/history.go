package verdict

import (
	"math"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// sureHabit is how many returns after a success bound a habit well, longHabit how many are enough to leave
	// out the outermost hundredth on either side.
	sureHabit, longHabit = 10, 100
	// leastStrange is how many gaps unlike the habit it takes to speak of another source: noise
	// comes in pairs.
	leastStrange = 5
	// habitSlack is the noise of very short gaps.
	habitSlack = 5 * time.Millisecond
)

// history is what was seen of one fingerprint. Ambiguous calls have no part in it.
type history struct {
	calls int
	// last is the latest call, end the latest answer.
	last *call
	end  time.Duration
	// crowded reports that the request was under way twice at a time, satisfied that it
	// succeeded once.
	crowded, satisfied bool
	// habit is how long after a success the request came again.
	habit []time.Duration
	// low and high bound the gaps that are like the habit.
	low, high time.Duration
	// afterFinal and afterOther are the gaps after failures.
	afterFinal, afterOther comparison
}

// histories are those of all fingerprints of a chapter, found by open addressing: a map of as many would cost as much as all else.
type histories struct {
	list []history
	// slots hold, at the place of a hash or after, one more than where in the list it is, prints whose content that is.
	slots  []int32
	prints []uint64
}

// reset empties them and makes room for so many.
func (h *histories) reset(most int) {
	size := 4
	for size < 2*most {
		size *= 2
	}
	h.clear()
	if cap(h.slots) < size {
		*h = histories{list: make([]history, 0, most), slots: make([]int32, size), prints: make([]uint64, 0, most)}
	}
	h.slots = h.slots[:size]
	if cap(h.list) < most {
		h.list, h.prints = make([]history, 0, most), make([]uint64, 0, most)
	}
}

// clear empties them.
func (h *histories) clear() {
	clear(h.list)
	clear(h.slots)
	h.list, h.prints = h.list[:0], h.prints[:0]
}

// of finds or makes the history of what a content hashes.
func (h *histories) of(content uint64) *history {
	mask := uint64(len(h.slots) - 1) //nolint:gosec // There is always a slot.
	at := content & mask
	for ; h.slots[at] != 0; at = (at + 1) & mask {
		if found := h.slots[at] - 1; h.prints[found] == content {
			return &h.list[found]
		}
	}
	h.list, h.prints = append(h.list, history{}), append(h.prints, content)
	h.slots[at] = int32(len(h.list)) //nolint:gosec // A chapter has fewer calls.
	return &h.list[len(h.list)-1]
}

// comparison is how gaps after failures compare with a habit.
type comparison struct {
	waits []time.Duration
	// odds is the logarithm of how many times likelier it is that they have another source than that
	// they are the habit; below 0 when they are even more like it than the habit itself.
	odds float64
}

// follow takes up the next call of the fingerprint.
func (h *history) follow(c *call) {
	if h.last != nil {
		h.crowded = h.crowded || c.first().Received < h.end
		if h.last.last().Succeeded() {
			h.habit = append(h.habit, max(c.first().Received-h.last.last().Answered, 0))
		}
	}
	h.calls++
	h.last = c
	h.satisfied = h.satisfied || c.last().Succeeded()
	for i := range c.Attempts {
		h.end = max(h.end, c.Attempts[i].Answered)
	}
	for i := range c.repeats {
		after := h.comparison(&c.repeats[i])
		after.waits = append(after.waits, c.repeats[i].Wait)
	}
}

// comparison returns the one that a gap belongs to.
func (h *history) comparison(g *observe.Gap) *comparison {
	if final(g.Before) {
		return &h.afterFinal
	}
	return &h.afterOther
}

// learn bounds the habit and compares the gaps after failures with it.
func (h *history) learn() {
	n := len(h.habit)
	if n == 0 {
		return
	}
	sorted := slices.Sorted(slices.Values(h.habit))
	low, high := sorted[0], sorted[n-1]
	switch {
	case n >= longHabit:
		h.low, h.high = sorted[n/100]/2, 2*sorted[n-1-n/100]+habitSlack
	case n >= sureHabit:
		h.low, h.high = low/2, 2*high+habitSlack
	default:
		h.low, h.high = low/4, 4*high+habitSlack
	}
	h.afterFinal.odds = h.odds(h.afterFinal.waits)
	h.afterOther.odds = h.odds(h.afterOther.waits)
}

// like reports that a gap could be the client's way of coming back to the request, whatever
// became of it.
func (h *history) like(wait time.Duration) bool { return wait >= h.low && wait <= h.high }

// odds compares the gaps after failures with the habit. Few strange ones say nothing.
func (h *history) odds(waits []time.Duration) float64 {
	strange, unusual := h.unlike(waits), h.unlike(h.habit)
	if strange < leastStrange {
		return 0
	}
	odds := likelihood(strange, len(waits)) + likelihood(unusual, len(h.habit)) -
		likelihood(strange+unusual, len(waits)+len(h.habit))
	if strange*len(h.habit) <= unusual*len(waits) {
		return -odds
	}
	return odds
}

// unlike counts the gaps that are not like the habit.
func (h *history) unlike(waits []time.Duration) int {
	n := 0
	for _, wait := range waits {
		if !h.like(wait) {
			n++
		}
	}
	return n
}

// thousand is how much likelier, as a logarithm, another explanation must be than a poller or a loop.
var thousand = math.Log(1000)

// retried reports that the gaps are retries, for a client that comes back to the request after a success as well. Overall are the
// odds over all such requests of the client.
func (h *history) retried(gaps []observe.Gap, overall overall) bool {
	for i := range gaps {
		g := &gaps[i]
		odds := h.comparison(g).odds
		if h.like(g.Wait) || odds <= 0 || max(odds, overall.of(g)) < thousand {
			return false
		}
	}
	return true
}

// overall is the odds of a client over all requests to which it comes back after a success. One is taken off for each of them: so much,
// and more, comes about by chance.
type overall struct{ afterFinal, afterOther float64 }

func (o *overall) add(h *history) {
	if h.afterFinal.odds != 0 {
		o.afterFinal += h.afterFinal.odds - 1
	}
	if h.afterOther.odds != 0 {
		o.afterOther += h.afterOther.odds - 1
	}
}

func (o overall) of(g *observe.Gap) float64 {
	if final(g.Before) {
		return o.afterFinal
	}
	return o.afterOther
}
