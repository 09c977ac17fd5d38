package backoff

import (
	"cmp"
	"slices"
	"time"
)

const (
	// weighed is how many gaps the likelihoods are made of.
	weighed = 96
	// stalled is how many medians of its index a gap is a stall beyond.
	stalled = 5
	// leastMedian is how many gaps a median wants that stalls are told by.
	leastMedian = 4
)

// pair is one gap in seconds with the one before it in its call: 0 for the first of the call, below 0 when
// that is not known. Stray is how probable it is whatever the law.
type pair struct{ wait, before, stray float64 }

// column is the gaps of one index, rising.
type column struct {
	k     int
	pairs []pair
	// point and chances are what the column says by itself of a wait without jitter, and of each kind of it; peak is at least its
	// greatest likelihood under any law.
	point   evidence
	chances [len(chances)]evidence
	peak    float64
}

// sample is what a law is read from.
type sample struct {
	// all are the gaps but the left out, by index; some are as many of them as are weighed.
	all, some []column
	calls     int
	gaps      int
	stalls    int
}

// newSample leaves out what is not the client's own law.
func newSample(kept []keptCall) *sample {
	kept = slices.Clone(kept)
	slices.SortStableFunc(kept, func(a, b keptCall) int {
		return cmp.Or(cmp.Compare(len(b.gaps), len(a.gaps)), cmp.Compare(a.sum, b.sum))
	})
	limits := stallLimits(kept)
	var s sample
	var all, some [mostGaps + 1][]pair
	for _, c := range kept {
		pairs := ownPairs(c.gaps)
		before := s.gaps
		for k, p := range pairs {
			switch {
			case p.wait < 0:
				continue
			case p.wait > limits[k]:
				s.stalls++
				continue
			}
			s.gaps++
			p.stray = strayDensity(p.wait)
			all[k] = append(all[k], p)
			if before < weighed {
				some[k] = append(some[k], p)
			}
		}
		if s.gaps > before {
			s.calls++
		}
	}
	s.all, s.some = columns(all[:]), columns(some[:])
	return &s
}

// ownPairs are the gaps of a call by index; those that are missing, or that Retry-After had a part in, wait less than 0 s.
func ownPairs(gaps []Gap) (pairs [mostGaps + 1]pair) {
	for k := range pairs {
		pairs[k] = pair{wait: -1, before: -1}
	}
	pairs[1].before = 0
	for _, g := range gaps {
		if g.AfterRetryAfter {
			continue
		}
		pairs[g.Index].wait = g.Wait.Seconds()
		if g.Index < mostGaps {
			pairs[g.Index+1].before = max(g.Wait.Seconds(), 1e-9)
		}
	}
	return pairs
}

// stallLimits are the seconds beyond which a gap is a stall, by index.
func stallLimits(kept []keptCall) (limits [mostGaps + 1]float64) {
	var waits [mostGaps + 1][]float64
	for _, c := range kept {
		for k, p := range ownPairs(c.gaps) {
			if p.wait >= 0 {
				waits[k] = append(waits[k], p.wait)
			}
		}
	}
	for k := range limits {
		limits[k] = time.Duration(1<<63 - 1).Seconds()
		if len(waits[k]) >= leastMedian {
			slices.Sort(waits[k])
			limits[k] = max(stalled*waits[k][len(waits[k])/2], instant.Seconds())
		}
	}
	return limits
}

// columns orders the gaps by index and, within one, by wait.
func columns(byIndex [][]pair) []column {
	var cs []column
	for k, pairs := range byIndex {
		if len(pairs) == 0 {
			continue
		}
		slices.SortFunc(pairs, func(a, b pair) int {
			return cmp.Or(cmp.Compare(a.wait, b.wait), cmp.Compare(a.before, b.before))
		})
		cs = append(cs, column{k: k, pairs: pairs})
	}
	return cs
}

func (c *column) lowest() float64 { return c.pairs[0].wait }

func (c *column) most() float64 { return c.pairs[len(c.pairs)-1].wait }

// middle is the median.
func (c *column) middle() float64 { return c.quantile(0.5) }

// quantile is the least wait that the share p of the gaps do not exceed.
func (c *column) quantile(p float64) float64 {
	rank := int(p * float64(len(c.pairs)))
	return c.pairs[min(rank, len(c.pairs)-1)].wait
}
