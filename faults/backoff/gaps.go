package backoff

import (
	"cmp"
	"slices"
	"time"
)

const (
	// mostCalls and mostGaps are how many calls, and of each how many gaps, Gaps keeps.
	mostCalls, mostGaps = 256, 16
	// seed starts the sum that picks the calls to keep.
	seed = 0x9e3779b97f4a7c15
)

// Gaps collects the gaps of a client's calls in bounded memory. Beyond 256 calls it keeps those whose gaps have the least
// checksums: a fair draw, and the same in whatever order they came. The zero value is ready. It is not safe for concurrent use.
type Gaps struct {
	kept    []keptCall // a heap, the greatest sum on top, once it is full
	calls   int
	leftOut LeftOut
	// gaveUp counts the calls in which the client gave up, by the number of their gaps; the last place is for more.
	gaveUp [mostGaps + 1]int
}

// keptCall is a call that is kept.
type keptCall struct {
	sum  uint64
	gaps []Gap
}

// Add takes in one call; gaps with a negative wait or an index below 1 are counted and left out. The call is not kept hold of.
func (g *Gaps) Add(c Call) {
	g.calls++
	if c.GaveUp {
		g.gaveUp[min(len(c.Gaps), mostGaps)]++
	}
	usable := 0
	sum := uint64(seed)
	for i := range c.Gaps {
		gap := &c.Gaps[i]
		switch {
		case gap.Index < 1 || gap.Wait < 0:
			g.leftOut.Invalid++
		case !gap.usable() || usable == mostGaps:
			g.leftOut.Beyond++
		default:
			usable++
			sum = gap.mixInto(sum)
			if gap.AfterRetryAfter {
				g.leftOut.RetryAfter++
			}
		}
	}
	if usable > 0 {
		g.keep(sum, c.Gaps, usable)
	}
}

// usable reports that a gap is one of those that can be kept.
func (g *Gap) usable() bool { return g.Index >= 1 && g.Index <= mostGaps && g.Wait >= 0 }

// mixInto adds a gap to a checksum.
func (g *Gap) mixInto(sum uint64) uint64 {
	place := uint64(g.Index) << 1 //nolint:gosec // a usable index is small and above 0
	if g.AfterRetryAfter {
		place++
	}
	return mix(mix(sum^uint64(g.Wait)) + place) //nolint:gosec // a usable wait is not negative
}

// mix is the last step of splitmix64: every bit of x sways every bit of what it gives.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

func (g *Gaps) keep(sum uint64, gaps []Gap, usable int) {
	if len(g.kept) < mostCalls {
		g.kept = append(g.kept, keptCall{sum: sum, gaps: appendUsable(make([]Gap, 0, usable), gaps)})
		if len(g.kept) == mostCalls {
			slices.SortFunc(g.kept, func(a, b keptCall) int { return cmp.Compare(b.sum, a.sum) })
		}
		return
	}
	top := &g.kept[0]
	if sum >= top.sum {
		g.leftOut.Beyond += usable
		return
	}
	g.leftOut.Beyond += len(top.gaps)
	top.sum, top.gaps = sum, appendUsable(top.gaps[:0], gaps)
	g.sink()
}

// appendUsable appends the gaps that are to be kept.
func appendUsable(kept, gaps []Gap) []Gap {
	for i := range gaps {
		if gaps[i].usable() && len(kept) < mostGaps {
			kept = append(kept, gaps[i])
		}
	}
	return kept
}

// sink restores the heap after its top was replaced.
func (g *Gaps) sink() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(g.kept) {
			return
		}
		if child+1 < len(g.kept) && g.kept[child+1].sum > g.kept[child].sum {
			child++
		}
		if g.kept[i].sum >= g.kept[child].sum {
			return
		}
		g.kept[i], g.kept[child] = g.kept[child], g.kept[i]
		i = child
	}
}

// Calls is how many calls were added.
func (g *Gaps) Calls() int { return g.calls }

// Classify names the law behind the gaps that were added so far; it changes nothing.
func (g *Gaps) Classify(o Options) Fit { return classify(g, o) }

// Classify names the law behind the gaps of the calls, in whatever order they are.
func Classify(calls []Call, o Options) Fit {
	var g Gaps
	for _, c := range calls {
		g.Add(c)
	}
	return g.Classify(o)
}

// givesUpAfter is the number of gaps after which four of five calls, two at least, were given up; 0 if there is none.
func (g *Gaps) givesUpAfter() int {
	total, most := 0, 0
	for n, calls := range g.gaveUp {
		total += calls
		if calls > g.gaveUp[most] {
			most = n
		}
	}
	if most == mostGaps || g.gaveUp[most] < 2 || 5*g.gaveUp[most] < 4*total {
		return 0
	}
	return most
}

// instant is the wait below which nobody waited.
const instant = 20 * time.Millisecond
