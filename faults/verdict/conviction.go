package verdict

import (
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// leastRequests is on how many different requests a client must have shown the same conduct before it fails by calls
	// that it did not name, leastWrites the same for the repeat of a write.
	leastRequests, leastWrites = 3, 2
	// climb is by how much each gap of a back-off exceeds the one before, fall how far a gap may lie under it, swell by
	// how much the last exceeds the first.
	climb, fall, swell = 1.2, 0.8, 1.5
	// longClimb is how many gaps make a back-off by rising at all: the first of a busy process are late.
	longClimb = 5
	// prompt is the wait under which a repeat with nothing in between is the work of one hand.
	prompt = 250 * time.Millisecond
	// forgiving is how long after a Retry-After was over another attempt may be the one that honoured it.
	forgiving = 3 * time.Second
	// punctuality is how far apart gaps lie that one law without jitter makes (the spread of jitters in the catalogue).
	punctuality = 45 * time.Millisecond
	// leastRound is how many requests that come again in their order may be a loop.
	leastRound = 3
)

// convict lets a Fail stand that rests on calls the client named, or on the same conduct on different requests. One request
// that came again and again may be a poller's, a person's or several users'. What the calls that are named say by themselves then
// counts.
func (c *Check) convict(p proposal, named []proposal) Finding {
	f := p.Finding
	for _, alone := range named {
		if alone.Result == Fail && alone.Status == f.Status && !c.stands(p) {
			alone.Exposed = f.Exposed
			return alone.Finding
		}
	}
	if f.Result != Fail || c.stands(p) {
		return f
	}
	result := Inconclusive
	if c.pair {
		result = Warn
	}
	saw, _ := requests(p.witnesses)
	f.Result = result
	if result == Inconclusive {
		f.Missing = fmt.Sprintf("needs the same on %d different requests, or a call id such as %s, saw %d", leastRequests, observe.CallHeader, saw)
		return f
	}
	f.Summary += "; one request may have been two people's"
	return f
}

// stands reports a Fail with the witnesses that it takes.
func (c *Check) stands(p proposal) bool {
	least := leastRequests
	if c.pair {
		least = leastWrites
	}
	saw, named := requests(p.witnesses)
	return p.Result == Fail && (named || saw >= least)
}

// requests counts the different requests among the witnesses, and reports whether all of
// the calls are named. A named call is a request of its own.
func requests(witnesses []witness) (n int, named bool) {
	seen := map[uint64]bool{}
	for _, w := range witnesses {
		if w.named {
			n++
			continue
		}
		seen[w.request] = true
	}
	return n + len(seen), len(seen) == 0
}

// mounts reports that a call backs off: each of its first gaps is clearly longer than the one before and none falls back, or
// many rise without exception. Those of a poller are equal, those of several callers fall back.
func mounts(gaps []observe.Gap) bool {
	if len(gaps) >= longClimb && rises(gaps) && grown(gaps[1:]) {
		return true
	}
	for i := 1; i < len(gaps); i++ {
		ratio := fall
		if i < opening {
			ratio = climb
		}
		if float64(gaps[i].Wait) < ratio*float64(gaps[i-1].Wait) {
			return false
		}
	}
	return len(gaps) > 1
}

// grown reports that the last gap is well longer than the first.
func grown(gaps []observe.Gap) bool {
	return float64(gaps[len(gaps)-1].Wait) >= swell*float64(gaps[0].Wait)
}

// persists reports that the gaps of a long call are one caller's that does not give up: they never fall back and rise
// in all, or nobody waited at any.
func persists(gaps []observe.Gap) bool {
	if longest(gaps) < instant {
		return true
	}
	for i := 1; i < len(gaps); i++ {
		if float64(gaps[i].Wait) < fall*float64(gaps[i-1].Wait) {
			return false
		}
	}
	return grown(gaps)
}

// direct reports that each of the gaps is short and that the client did nothing else in it, as a loop or a batch would.
func (s *subject) direct(gaps []observe.Gap) bool {
	return !slices.ContainsFunc(gaps, func(g observe.Gap) bool { return g.Inexact || g.Wait > prompt || s.busyIn(&g) })
}

// busyIn reports that another request of the client began and ended in the gap.
func (s *subject) busyIn(g *observe.Gap) bool {
	return slices.ContainsFunc(s.arrivals.between(g.Before.Answered, g.After.Received), func(a *observe.Attempt) bool {
		return a.Answered <= g.After.Received && a != g.Before && a != g.After
	})
}

// excused reports that an early attempt may be another caller's: the request came once more when Retry-After was over, or the
// attempt itself came when that of an answer further back was.
func (s *subject) excused(g *observe.Gap) bool {
	if s.comesBack(g.Before, g.After) {
		return true
	}
	early := g.After
	return slices.ContainsFunc(s.arrivals.between(early.Received-longestAsk-forgiving-time.Minute, g.Before.Received-1), func(a *observe.Attempt) bool {
		from, to, ok := honoured(a)
		return ok && like(a, early) && early.Received >= from && early.Received <= to
	})
}

// comesBack reports that the request of asked came again when its Retry-After was over, but for one attempt.
func (s *subject) comesBack(asked, but *observe.Attempt) bool {
	from, to, ok := honoured(asked)
	return ok && slices.ContainsFunc(s.arrivals.between(from, to), func(a *observe.Attempt) bool { return a != but && like(a, asked) })
}

// honoured returns when an attempt comes that honours the Retry-After of a.
func honoured(a *observe.Attempt) (from, to time.Duration, ok bool) {
	ask, ok := a.Wait()
	slack := earlyWait
	if ask.Date {
		slack = earlyDate
	}
	over := a.Answered + ask.Wait
	return over - slack, over + forgiving, ok
}

// like reports that two attempts of a client have one fingerprint.
func like(a, b *observe.Attempt) bool {
	return a.Method == b.Method && a.Target == b.Target && a.BodyDigest == b.BodyDigest
}

// findRounds marks the calls that came again in the order in which they came first, one after the other, when
// all of them had come: a loop does that, or the next user of the same pages.
func (s *subject) findRounds() {
	var again []*call
	for _, c := range s.all {
		if !c.ambiguous() && !c.explicit() && len(c.repeats) > 0 {
			again = append(again, c)
		}
	}
	for i := leastRound; i <= len(again); i++ {
		if lap := again[i-leastRound : i]; isRound(lap) {
			for _, c := range lap {
				c.round = true
			}
		}
	}
}

func isRound(lap []*call) bool {
	for i := 1; i < len(lap); i++ {
		before, after := &lap[i-1].repeats[0], &lap[i].repeats[0]
		if after.Before.Received < before.Before.Answered || after.After.Received < before.After.Answered {
			return false
		}
	}
	witnesses := make([]witness, len(lap))
	for i, c := range lap {
		witnesses[i] = c.witness()
	}
	n, _ := requests(witnesses)
	return n == len(lap) && lap[len(lap)-1].repeats[0].Before.Answered <= lap[0].repeats[0].After.Received
}

// looped reports that the repeats of a call may be a loop's: it came again in a round, and its gaps do not rise so often, or those
// of the client in so many calls, that rounds further and further apart are out of the question.
func (s *subject) looped(c *call) bool {
	return c.round && !s.climbs(c)
}

// climbs reports that the gaps of a call rise, and that so do enough of them, or those of the client in enough calls, that it is not by chance.
func (s *subject) climbs(c *call) bool {
	return mounts(c.repeats) && (s.rising || len(c.repeats) >= leastRising)
}

// backsOff reports that a call climbs by itself, or that its gaps rise and other calls have the very same. Of two gaps, such as a person's who loads a page again twice, nearly every
// second pair rises, also where the client's program backs off elsewhere.
func (s *subject) backsOff(c *call) bool {
	return mounts(c.repeats) && (len(c.repeats) >= leastRising || s.keepsTime(c))
}

// mechanical reports that the client's program made a repeat by itself: it came sooner than a person can, the waits of the call rise as those of
// a back-off, or they are the same for several requests. Who loads a page again by hand does it in a second or more, now sooner and now later, also
// where the client's program backs off by itself from other failures.
func (s *subject) mechanical(c *call, g *observe.Gap) bool {
	if g.Inexact {
		return false
	}
	return g.Wait <= prompt || len(c.repeats) >= leastRising && mounts(c.repeats) || s.keepsTime(c)
}

// keepsTime reports that calls for other requests, as many as make a Fail, have the gaps of c: a person does not hit the same moment so often. Where a program
// draws its waits from a range, whatever a person does lies near some of them: so those must be most that are anywhere near, and more than chance puts there.
func (s *subject) keepsTime(c *call) bool {
	same, near := []witness{c.witness()}, 0
	for i := range s.all[:min(len(s.all), mostKept)] {
		other := s.all[i]
		if other == c || !other.proof || !gapsWithin(c.repeats, other.repeats, around) {
			continue
		}
		near++
		if equalGaps(c.repeats, other.repeats) {
			same = append(same, other.witness())
		}
	}
	if n, _ := requests(same); n < leastRequests || len(same)-1 < near-near/2 {
		return false
	}
	return tail(len(same)-1, near, inner(c.repeats[0].Wait)) <= byAccident
}

const (
	// around is how many times further than equal gaps are apart those lie that are near.
	around = 10
	// byAccident bounds the probability that the gaps of other calls lie as close to one as those of a program that draws none, if they lie anywhere near.
	byAccident = 0.02
)

// inner is the part of what is near a wait that is equal to it.
func inner(wait time.Duration) float64 {
	reach := slack(wait)
	return float64(reach+min(wait, reach)) / float64(around*reach+min(wait, around*reach))
}

// keepsSchedule reports that a call that was told when to come kept the client's own schedule instead: three waits or more that grow, and just those of
// other requests, as many as make a Fail, that were told nothing. Several callers that honour Retry-After do not make that.
func (s *subject) keepsSchedule(c *call) bool {
	if len(c.repeats) < leastRising || !grown(c.repeats) {
		return false
	}
	var same []witness
	for i := range s.all[:min(len(s.all), mostKept)] {
		other := s.all[i]
		if !other.proof || s.looped(other) || len(other.repeats) < leastRising || other.any(func(a *observe.Attempt) bool { return a.RetryAfter != "" }) {
			continue
		}
		if equalGaps(c.repeats, other.repeats) {
			same = append(same, other.witness())
		}
		if n, _ := requests(same); n >= leastRequests {
			return true
		}
	}
	return false
}

// whole reports that a call is one caller's by its length: it was given up after just as many attempts as every other of the client, and those that were
// told nothing have waits that rise, as those of two callers do not. Where two callers ask for the same they go on for twice as long. Several that have less time
// when they are told to wait may come to the same sum: one of them does not make waits that grow and do not fall back, and a call of which the attempts could be
// dealt out among callers that honour Retry-After may be theirs.
func (s *subject) whole(c *call) bool {
	alone := s.known.Repeated() == 0 && persists(c.repeats) && !shared(c)
	return alone && askedToTheEnd(c) && s.outlives(c) && len(c.Attempts) == s.arrivals.givesUpAfter()
}

// shared reports that the attempts of a call may be those of several callers that take turns, each with two or more, and each of them come when
// it was told to.
func shared(c *call) bool {
	for callers := 2; 2*callers <= len(c.Attempts); callers++ {
		if inTurns(c, callers) {
			return true
		}
	}
	return false
}

// inTurns reports that each attempt of a call honours the Retry-After of the one so many before it.
func inTurns(c *call, callers int) bool {
	for i, a := range c.Attempts[callers:] {
		from, _, ok := honoured(c.Attempts[i])
		if ok && a.Received < from {
			return false
		}
	}
	return true
}

// askedToTheEnd reports that a call was given up after a 429 or 503, though it was not told to wait for so long that this is sound.
func askedToTheEnd(c *call) bool {
	return !c.Censored && !c.ambiguous() && gaveUp(c) && slices.Contains(askingStatuses, c.last().Status)
}

// outlives reports that the client was still there when another attempt of a call was due at the latest, so that nothing cut it short.
func (s *subject) outlives(c *call) bool {
	patience := retryWait
	if ask, ok := c.last().Wait(); ok {
		patience = max(patience, ask.Wait+retrySlack)
	}
	return s.known.End() > c.last().Answered+patience
}

// keepsBackOff reports that the gaps of a call rise, three at least, and that calls for other requests, as many as make a Fail, have the very same but
// for the first: that of a process that has just started is late. Neither a person nor another caller makes that. Gaps that are all so short that any are
// equal say nothing.
func (s *subject) keepsBackOff(c *call) bool {
	if len(c.repeats) < leastRising || !mounts(c.repeats) {
		return false
	}
	var same []witness
	for i := range s.all[:min(len(s.all), mostKept)] {
		other := s.all[i]
		if other.fingerprint() == c.fingerprint() || !other.proof || len(other.repeats) < leastRising || !tellingGaps(c.repeats[1:], other.repeats[1:]) {
			continue
		}
		same = append(same, other.witness())
		if n, _ := requests(same); n >= leastRequests {
			return true
		}
	}
	return false
}

// tellingGaps reports that the gaps that two calls both have are equal, and one of them so long that not any two would be.
func tellingGaps(a, b []observe.Gap) bool {
	return equalGaps(a, b) && longest(a[:min(len(a), len(b))]) > 2*punctuality
}

// equalGaps reports that the gaps that two calls both have lie within 45 ms of each other, or 3 % of their length, as those of a client that does not jitter do.
func equalGaps(a, b []observe.Gap) bool { return gapsWithin(a, b, 1) }

// gapsWithin reports that they lie within so many times as much.
func gapsWithin(a, b []observe.Gap, times int64) bool {
	n := min(len(a), len(b))
	for i := range n {
		if int64((a[i].Wait - b[i].Wait).Abs()) > times*int64(slack(a[i].Wait)) {
			return false
		}
	}
	return n > 0
}

// slack is how far apart equal waits may lie.
func slack(wait time.Duration) time.Duration { return max(punctuality, wait*3/100) }

// punctual reports that a call came back when it was told to, which a loop does not.
func (c *call) punctual() bool {
	g := &c.repeats[0]
	return g.RetryAfter != nil && g.RetryAfter.Wait > 0 && g.Wait >= g.RetryAfter.Wait && g.Wait <= g.RetryAfter.Wait+prompt
}
