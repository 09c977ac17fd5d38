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
	gaps    int
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
	g.gaps += len(c.Gaps)
	if c.GaveUp {
		g.gaveUp[min(len(c.Gaps), mostGaps)]++
	}
	usable := 0
	sum := uint64(seed)
	for _, gap := range c.Gaps {
		switch {
		case gap.Index < 1 || gap.Wait < 0:
			g.leftOut.Invalid++
		case usable == mostGaps:
			g.leftOut.Beyond++
		default:
			usable++
			sum = mix(sum ^ uint64(gap.Wait)) //nolint:gosec // a checksum may wrap
			sum = mix(sum + uint64(gap.Index)) //nolint:gosec // as above
			if gap.AfterRetryAfter {
				g.leftOut.RetryAfter++
			}
		}
	}
	if usable > 0 {
		g.keep(sum, c.Gaps)
	}
}

// mix is the last step of splitmix64: every bit of x sways every bit of what it gives.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

func (g *Gaps) keep(sum uint64, gaps []Gap) {
	if len(g.kept) < mostCalls {
		g.kept = append(g.kept, keptCall{sum: sum, gaps: appendUsable(nil, gaps)})
		if len(g.kept) == mostCalls {
			slices.SortFunc(g.kept, func(a, b keptCall) int { return cmp.Compare(b.sum, a.sum) })
		}
		return
	}
	if top := &g.kept[0]; sum < top.sum {
		g.leftOut.Beyond += len(top.gaps)
		top.sum, top.gaps = sum, appendUsable(top.gaps[:0], gaps)
		g.sink()
		return
	}
	g.leftOut.Beyond += min(len(gaps), mostGaps)
}

// appendUsable appends the gaps that are to be kept.
func appendUsable(kept, gaps []Gap) []Gap {
	for _, gap := range gaps {
		if gap.Index >= 1 && gap.Wait >= 0 && len(kept) < mostGaps {
			kept = append(kept, gap)
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
