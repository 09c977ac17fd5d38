package verdict

import (
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
)

const (
	// longestSum is how long all waits of a call may be together.
	longestSum = 10 * time.Minute
	// still is by how much a wait grows that still grows.
	still = 1.5
	// mostIndices bounds the gaps of a call, and the calls, that are compared.
	mostIndices = 64
)

// delayCapTally looks at how the waits beyond the limit go on. A late wait proves nothing, so it goes by the shortest at each index.
type delayCapTally struct {
	shapeTally

	least  [mostIndices + 1]spread
	beyond evidence
}

func delayCapped(who *client, l *Limits) tally {
	return &delayCapTally{shapeTally: shapeTally{who: who, limits: l}}
}

func (t *delayCapTally) take(s *subject) {
	t.shapeTally.take(s)
	for i := range s.calls {
		c := s.calls[i]
		waits, _ := s.ownWaits(c)
		for _, g := range waits.Gaps {
			if g.AfterRetryAfter || g.Index > mostIndices {
				continue
			}
			t.least[g.Index].take(g.Wait)
			if g.Wait > t.limits.Delay {
				t.beyond.add(c, c.last())
			}
		}
	}
}

func (t *delayCapTally) findings() []proposal {
	if t.calls == 0 {
		return t.unseen()
	}
	fit := t.who.fit(&t.gaps)
	sum := projected(fit)
	on := t.goesOn()
	switch {
	case on.grown > 0:
		return []proposal{t.beyond.finding(Warn, t.calls, fmt.Sprintf("the waits still grow beyond %s: %s, then %s",
			short(t.limits.Delay), short(t.least[on.grown].low), short(t.least[on.grown+1].low)))}
	case sum > longestSum:
		return []proposal{t.seen.finding(Warn, t.calls, fmt.Sprintf("the waits of a call add up to %s: %s", short(sum), fit))}
	case on.open && !on.level:
		return []proposal{t.beyond.lacking(t.calls, "one wait grew beyond "+short(t.limits.Delay)+", or was late", "needs another call that waits as long")}
	case on.level, fit.CapSeen, sum > 0:
		return []proposal{t.seen.finding(Pass, t.calls, "the waits stay within bounds: "+fit.String())}
	}
	return []proposal{t.seen.lacking(t.calls, "no cap was seen: "+fit.String(), fmt.Sprintf("needs waits over %s, or calls that were watched until the client gave up", short(t.limits.Delay)))}
}

// course is how the waits beyond the limit go on: grown the index of one after which the next ones still grew, 0 for none; level that one was seen after
// which they did not; and open that one may have, or the next was late.
type course struct {
	grown       int
	level, open bool
}

// goesOn follows the waits beyond the limit. One step that a single call made may have been late: it takes two of them, or another call.
func (t *delayCapTally) goesOn() (c course) {
	steps := 0
	for i := 1; i < mostIndices; i++ {
		before, after := t.least[i], t.least[i+1]
		switch {
		case before.n == 0 || after.n == 0 || before.low < t.limits.Delay:
			steps = 0
		case float64(after.low) < still*float64(before.low):
			steps, c.level = 0, true
		default:
			steps++
			c.open = true
			if steps > 1 || after.n > 1 {
				c.grown = i - steps + 1
				return c
			}
		}
	}
	return c
}

// projected is how long all waits of a call are together by the law that was found, 0 where it is not known when the client gives up.
func projected(fit backoff.Fit) time.Duration {
	if fit.GivesUpAfter == 0 || fit.Best == nil {
		return 0
	}
	var sum, last time.Duration
	for k := 1; k <= fit.GivesUpAfter && sum <= longestSum; k++ {
		low, high := fit.Best.Window(k, last)
		last = low + (high-low)/2
		sum += last
	}
	return sum
}

// kind is calls that a client may be expected to treat alike.
type kind struct {
	endpoint, method string
	status           int
}

// starts are how calls of one kind began, in their order.
type starts struct {
	// firsts are the first waits, of as many calls as are compared.
	firsts []time.Duration
	// least is the shortest wait at each index.
	least []spread
	seen  evidence
}

// stateTally compares the first waits of calls, and the waits within them. Calls under way together may all be late alike, so that
// it compares those which began when the one before was over.
type stateTally struct {
	shapeTally

	// apart are the calls one after the other, kinds what they are of in the order in which they came first.
	apart []*starts
	kinds map[kind]*starts
	// over is when the last of them was, earliest the shortest first wait.
	over     time.Duration
	earliest spread
}

// mostKinds bounds the kinds of calls that are told apart, leastFirsts is how many calls of one kind a client must have repeated before their waits say
// something: some are late by chance.
const mostKinds, leastFirsts = 64, 5

func delayState(who *client, l *Limits) tally {
	return &stateTally{shapeTally: shapeTally{who: who, limits: l}, kinds: map[kind]*starts{}}
}

func (t *stateTally) take(s *subject) {
	t.shapeTally.take(s)
	for i := range s.calls {
		c := s.calls[i]
		waits, ok := s.ownWaits(c)
		if !ok || !uniform(c, waits.Gaps) {
			continue
		}
		t.earliest.take(waits.Gaps[0].Wait)
		if c.first().Received < t.over {
			continue
		}
		t.over = c.last().Received
		t.follow(c, waits.Gaps)
	}
}

// uniform reports that a call got one status all the way, and that all of its waits are the client's own.
func uniform(c *call, gaps []backoff.Gap) bool {
	for i, g := range gaps {
		if g.AfterRetryAfter || g.Index != i+1 || c.repeats[i].Before.Status != c.first().Status {
			return false
		}
	}
	return true
}

func (t *stateTally) follow(c *call, gaps []backoff.Gap) {
	of := kind{c.Endpoint, c.Method, c.first().Status}
	k := t.kinds[of]
	if k == nil {
		if len(t.apart) >= mostKinds {
			return
		}
		k = &starts{}
		t.kinds[of], t.apart = k, append(t.apart, k)
	}
	if len(k.firsts) < mostIndices {
		k.firsts = append(k.firsts, gaps[0].Wait)
		k.seen.add(c, c.last())
	}
	for _, g := range gaps[:min(len(gaps), mostIndices)] {
		if len(k.least) < g.Index {
			k.least = append(k.least, spread{})
		}
		k.least[g.Index-1].take(g.Wait)
	}
}

func (t *stateTally) findings() []proposal {
	if t.calls == 0 {
		return t.unseen()
	}
	fit := t.who.fit(&t.gaps)
	most := 0
	for _, k := range t.apart {
		most = max(most, len(k.firsts))
		if k.carried() {
			return []proposal{k.seen.finding(Warn, t.calls, fmt.Sprintf("the first call began with a wait of %s, the %s after it with %s or more",
				short(k.firsts[0]), count(len(k.firsts)-1, "call"), short(slices.Min(k.firsts[1:]))))}
		}
	}
	at, _ := narrowest(fit)
	switch {
	case fit.Jitters == backoff.Yes:
		return []proposal{t.seen.finding(Info, t.calls, "the waits jitter, which hides whether they carry on from call to call")}
	case fit.Jitters != backoff.No && at == 0:
		return []proposal{t.seen.lacking(t.calls, fit.String(), "needs more calls to tell whether the waits jitter")}
	}
	return []proposal{t.shrinking(most)}
}

// shrinking is the finding on the waits within calls.
func (t *stateTally) shrinking(most int) proposal {
	for _, k := range t.apart {
		if at := k.shrinks(); at > 0 && !t.who.busy {
			return k.seen.finding(Warn, t.calls, fmt.Sprintf("wait %d is never shorter than %s, and wait %d was %s", at, short(k.least[at-1].low), at+1, short(k.least[at].low)))
		} else if at > 0 {
			return t.seen.lacking(t.calls, fmt.Sprintf("wait %d is never shorter than %s, and wait %d was %s", at, short(k.least[at-1].low), at+1, short(k.least[at].low)),
				"needs a runtime with timers that keep time: in Node and Python all first waits may be late")
		}
	}
	if most < leastFirsts {
		return t.seen.lacking(t.calls, fmt.Sprintf("%s began with waits from %s on", count(t.calls, "call"), short(t.earliest.low)),
			fmt.Sprintf("needs %d calls to one endpoint that met one status, one after the other, saw %d", leastFirsts, most))
	}
	return t.seen.finding(Pass, t.calls, fmt.Sprintf("%s began with waits from %s on", count(t.calls, "call"), short(t.earliest.low)))
}

// carried reports that every later call began with a clearly longer wait than the first, and that no chance did it: those of the later calls
// are the same, or none falls back behind the one before.
func (k *starts) carried() bool {
	if len(k.firsts) < leastFirsts {
		return false
	}
	first, later := k.firsts[0], k.firsts[1:]
	low := slices.Min(later)
	if float64(low) < still*float64(first)+float64(punctuality) {
		return false
	}
	slack := max(punctuality, low*3/100)
	if quantile(later, 0.75)-low <= slack {
		return true
	}
	for i := 1; i < len(later); i++ {
		if later[i] < later[i-1]-slack {
			return false
		}
	}
	return true
}

// shrinks returns the index of a wait that is never as short as the next one once was, 0 for none.
func (k *starts) shrinks() int {
	for i := 1; i < len(k.least); i++ {
		before, after := k.least[i-1], k.least[i]
		if before.n >= leastFirsts && after.n >= leastFirsts && float64(after.low) < fall*float64(before.low)-float64(punctuality) {
			return i
		}
	}
	return 0
}
