package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// herdChecks ask what all clients do together. They run once a report.
var herdChecks = []Check{
	{
		Name:     "no-herd",
		Family:   FamilyWhen,
		Rule:     "a warning if 10 clients or more that failed within 100 ms come back so that one tenth of a second holds more than 3 times its share of them",
		Needs:    "10 clients that failed within 100 ms of each other and came back by their own wait, without Retry-After",
		Norm:     "AWS on back-off and jitter (100 contending clients: 1483 calls with exponential back-off, 782 with full jitter)",
		Advice:   "draw each wait at random, from 0 to the back-off or from half of it on; a Retry-After that is the same for all makes a herd of its own",
		Example:  "50 instances fail together and wait 1 s each: 48 of them are back in the same 100 ms",
		begin:    noHerd,
		about:    traitAgain,
		Mild:     true,
		together: true,
	},
}

const (
	// leastHerd is how many clients make a herd, atOnce is how close they lie when they fail or come back, crowding by
	// how much the fullest moment must exceed an even share.
	leastHerd, atOnce, crowding = 10, 100 * time.Millisecond, 3.0
	// mostReturns bounds the returns that are kept, and longAgo is from when on those are given up that were not of many.
	mostReturns, longAgo = 1 << 15, 10 * time.Minute
	// mostBack is the share of the returns that bounds the time over which they are spread: some are late for other reasons.
	mostBack = 0.9
)

// comeback is the first return of a call, by the client's own wait.
type comeback struct {
	deed

	client       string
	failed, back time.Duration
}

// herdTally collects when calls failed and came back, of all clients.
type herdTally struct {
	returns []comeback
	exposed int
	// forgot is when some were given up last.
	forgot time.Duration
}

func noHerd(*client, *Limits) tally { return &herdTally{} }

func (t *herdTally) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		waits, ok := s.ownWaits(c)
		if !ok || waits.Gaps[0].Index != 1 || waits.Gaps[0].AfterRetryAfter {
			continue
		}
		t.exposed++
		g := &c.repeats[0]
		t.keep(comeback{deed: newDeed(c, g), client: s.who.name, failed: g.Before.Answered, back: g.Before.Answered + g.Wait})
	}
}

// keep takes up a return. When there are too many, those go that few made and long ago.
func (t *herdTally) keep(r comeback) {
	if len(t.returns) >= mostReturns && r.failed >= t.forgot+longAgo {
		t.forgot = r.failed
		t.forget(r.failed - longAgo)
	}
	if len(t.returns) < mostReturns {
		t.returns = append(t.returns, r)
	}
}

// forget drops what failed before a moment, but for the first returns of those that were many.
func (t *herdTally) forget(before time.Duration) {
	herding := map[uint64]bool{}
	for _, herd := range t.herds() {
		for _, r := range herd {
			herding[r.before] = true
		}
	}
	t.returns = slices.DeleteFunc(t.returns, func(r comeback) bool { return r.failed < before && !herding[r.before] })
}

// herds are the first returns of the clients, 10 or more, that failed within 100 ms, moment by moment.
func (t *herdTally) herds() [][]comeback {
	slices.SortStableFunc(t.returns, func(a, b comeback) int {
		return cmp.Or(cmp.Compare(a.failed, b.failed), cmp.Compare(a.client, b.client), cmp.Compare(a.before, b.before))
	})
	var herds [][]comeback
	for i := 0; i < len(t.returns); {
		herd := t.herdFrom(i)
		if len(herd) < leastHerd {
			i++
			continue
		}
		herds = append(herds, herd)
		end := t.returns[i].failed + atOnce
		for i < len(t.returns) && t.returns[i].failed <= end {
			i++
		}
	}
	return herds
}

// herdFrom are the first returns of those that failed from the given one on.
func (t *herdTally) herdFrom(first int) []comeback {
	seen := map[string]bool{}
	var herd []comeback
	for _, r := range t.returns[first:] {
		if r.failed > t.returns[first].failed+atOnce {
			break
		}
		if !seen[r.client] {
			seen[r.client] = true
			herd = append(herd, r)
		}
	}
	return herd
}

// rush is the moment at which most of a herd came back.
type rush struct {
	herd []comeback
	// peak are those who did, share what an even spread would have given, chance the probability of as many by it.
	peak          []comeback
	share, chance float64
}

// crowded reports that they were clearly more than their share.
func (r *rush) crowded() bool { return float64(len(r.peak)) > crowding*r.share }

// rushOf finds the fullest 100 ms, among all that there are in moments.
func rushOf(herd []comeback, moments int) rush {
	byReturn := slices.Clone(herd)
	slices.SortStableFunc(byReturn, func(a, b comeback) int { return cmp.Compare(a.back, b.back) })
	r := rush{herd: herd}
	for i, j := 0, 0; j < len(byReturn); j++ {
		for byReturn[j].back-byReturn[i].back >= atOnce {
			i++
		}
		if j-i+1 > len(r.peak) {
			r.peak = byReturn[i : j+1]
		}
	}
	backs := make([]time.Duration, len(byReturn))
	for i := range byReturn {
		backs[i] = byReturn[i].back
	}
	span := max(quantile(backs, mostBack)-herd[0].failed, atOnce)
	part := float64(atOnce) / float64(span)
	r.share = part * float64(len(herd))
	// As many tries as there are moments to look at: one of them is full by chance.
	r.chance = tail(len(r.peak), len(herd), part) * float64(moments) / part
	return r
}

func (t *herdTally) findings() []proposal {
	needs := fmt.Sprintf("needs %d clients that failed within 100 ms and came back without Retry-After", leastHerd)
	herds := t.herds()
	switch {
	case t.exposed == 0:
		return unexposed("no client came back by its own wait", needs+", saw none")
	case len(herds) == 0:
		var none evidence
		return []proposal{none.lacking(0, "no clients enough failed at the same moment", fmt.Sprintf("%s, saw %d", needs, t.most()))}
	}
	worst := rush{}
	for _, herd := range herds {
		if r := rushOf(herd, len(herds)); worst.herd == nil || r.excess() > worst.excess() {
			worst = r
		}
	}
	return []proposal{worst.finding(t.exposed)}
}

// excess is by how much the fullest moment exceeds its share, and 0 where that may be chance.
func (r *rush) excess() float64 {
	if r.chance >= chance {
		return 0
	}
	return float64(len(r.peak)) / r.share
}

func (r *rush) finding(exposed int) proposal {
	figure := fmt.Sprintf("of %s that failed within 100 ms, %d came back within 100 ms, after %s; an even share is %.1f",
		count(len(r.herd), "client"), len(r.peak), short(r.peak[0].back-r.peak[0].failed), r.share)
	var ev evidence
	for _, c := range r.peak {
		ev.take(c.deed)
	}
	switch {
	case r.crowded() && r.chance < chance:
		return ev.finding(Warn, exposed, figure)
	case r.crowded():
		return ev.lacking(exposed, figure, "needs more clients: so few come together by chance too")
	}
	return ev.finding(Pass, exposed, figure)
}

// most is the largest number of clients that failed within 100 ms.
func (t *herdTally) most() int {
	most := 0
	for i := range t.returns {
		most = max(most, len(t.herdFrom(i)))
	}
	return most
}
