package verdict

import (
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/backoff"
)

// shapeChecks ask what the waits of a client look like.
var shapeChecks = []Check{
	{
		Name:    "grows",
		Family:  FamilyWhen,
		Rule:    "a warning if the waits stay the same from retry to retry, over 3 gaps or more",
		Needs:   "1 call with 3 gaps if they do not jitter, 12 if they do",
		Norm:    "AWS on back-off and jitter; gRPC A6 (exponential back-off)",
		Advice:  "double the wait before each further retry, up to a cap",
		Example: "sleep(1) in a loop: constant 1 s over 3 gaps",
		begin:   grows,
		about:   traitAgain,
		Mild:    true,
	},
	{
		Name:    "jitters",
		Family:  FamilyWhen,
		Rule:    "a warning if the waits follow a law without jitter, and half of those before some retry lie within 45 ms, or 3 %, of the shortest",
		Needs:   "7 calls that were repeated",
		Norm:    "AWS on back-off and jitter (100 contending clients: 1483 calls with exponential back-off, 782 with full jitter)",
		Advice:  "draw each wait at random, from 0 to the back-off or from half of it on, so that clients that failed together do not return together",
		Example: "1 s, 2 s, 4 s in every call: all of 50 instances come back in the same 10 ms",
		begin:   jitters,
		about:   traitAgain,
		Mild:    true,
	},
	{
		Name:    "delay-capped",
		Family:  FamilyWhen,
		Rule:    "a warning if waits still grow by half beyond the limit (delay, by default 60 s), or all waits of a call add up to more than 10 min",
		Needs:   "waits beyond the limit, or a cap or an end that was seen",
		Norm:    "Azure SDK guidelines (60 s cap)",
		Advice:  "cap the wait, at 30 s or 60 s, and the retries too",
		Example: "2 s to the power of the attempt, without an end: 64 s, then 128 s",
		begin:   delayCapped,
		about:   traitAgain,
		Mild:    true,
	},
	{
		Name:    "delay-state",
		Family:  FamilyWhen,
		Rule:    "a warning if later calls begin with longer waits than the first one did, or waits shrink within a call, of a client that does not jitter",
		Needs:   "5 calls to one endpoint that met one status; for a warning one after the other",
		Norm:    "gRPC A6 (back-off begins anew with each call)",
		Advice:  "keep the state of the back-off in the call, not in the client",
		Example: "a plugin shared by all calls goes on counting: first waits of 1 s, 8 s, 30 s",
		begin:   delayState,
		about:   traitAgain,
		Mild:    true,
	},
}

// leastSpread is how many calls jitter wants to be denied, and leastJittered how many with jitter growth wants.
const leastSpread, leastJittered = 7, 12

// shapeTally collects the waits that a client chose by itself.
type shapeTally struct {
	who    *client
	limits *Limits
	gaps   ownGaps
	// calls counts those with an own wait, suspects those that were repeated and cannot count.
	calls, suspects int
	seen            evidence
}

func (t *shapeTally) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		waits, ok := s.ownWaits(c)
		switch {
		case ok:
			t.calls++
			t.gaps.add(waits)
			t.seen.add(c, c.last())
		case len(c.repeats) > 0 && !c.proof:
			t.suspects++
		}
	}
}

// unseen is the finding where no wait of the client's own is certain.
func (t *shapeTally) unseen() []proposal {
	const needs = "needs calls that were certainly repeated after 429, 500, 502 or 503 without Retry-After"
	if t.suspects == 0 {
		return unexposed("the client chose no wait by itself", needs+", saw none")
	}
	return []proposal{t.seen.lacking(t.suspects, "no wait is certain to be the client's own", t.who.doubt())}
}

type growTally struct{ shapeTally }

func grows(who *client, l *Limits) tally { return &growTally{shapeTally{who: who, limits: l}} }

func (t *growTally) findings() []proposal {
	if t.calls == 0 {
		return t.unseen()
	}
	fit := t.who.fit(&t.gaps)
	quick := fit.Best != nil && fit.Best.Curve == backoff.NoDelay
	switch {
	case quick:
		return []proposal{t.seen.finding(Info, t.calls, "there is no wait to grow: see backs-off")}
	case fit.Grows == backoff.Yes:
		return []proposal{t.seen.finding(Pass, t.calls, "the waits grow: "+fit.String())}
	case fit.Grows == backoff.No && len(fit.Points) >= opening && t.calls >= leastJittered, level(fit):
		return []proposal{t.seen.finding(Warn, t.calls, fmt.Sprintf("the waits do not grow over %s in %s: %s", count(len(fit.Points), "gap"), count(t.calls, "call"), fit))}
	}
	return []proposal{t.seen.lacking(t.calls, fit.String(), fmt.Sprintf("needs 1 call with 3 gaps if they do not jitter, %d if they do, saw %d of up to %d", leastJittered, t.calls, len(fit.Points)))}
}

type jitterTally struct{ shapeTally }

func jitters(who *client, l *Limits) tally { return &jitterTally{shapeTally{who: who, limits: l}} }

func (t *jitterTally) findings() []proposal {
	if t.calls == 0 {
		return t.unseen()
	}
	fit := t.who.fit(&t.gaps)
	switch {
	case fit.Jitters == backoff.Yes && len(fit.Laws) > 0:
		return []proposal{t.seen.finding(Pass, t.calls, "the waits differ from call to call: "+fit.String())}
	case fit.Best != nil && fit.Best.Curve == backoff.NoDelay:
		return []proposal{t.seen.finding(Info, t.calls, "there is no wait to jitter: see backs-off")}
	}
	at, spread := narrowest(fit)
	if fit.Jitters == backoff.No && !mayJitter(fit) && t.calls >= leastSpread && at > 0 {
		return []proposal{t.seen.finding(Warn, t.calls, fmt.Sprintf("half of the waits before retry %d lie within %s of the shortest, over %s: %s", at, short(spread), count(t.calls, "call"), fit))}
	}
	return []proposal{t.seen.lacking(t.calls, fit.String(), fmt.Sprintf("needs %d calls that were repeated, saw %d", leastSpread, t.calls))}
}

// mayJitter reports that one of the laws that the waits may follow draws them: a narrow spread of some then says nothing.
func mayJitter(fit backoff.Fit) bool {
	return slices.ContainsFunc(fit.Laws, func(l backoff.Law) bool { return l.Jitter != backoff.NoJitter || l.Curve == backoff.Decorrelated })
}

// level reports that the waits are the same from retry to retry, but for those that are late: three in four of them lie by the shortest of all.
func level(fit backoff.Fit) bool {
	var all []time.Duration
	for _, p := range fit.Points {
		all = append(all, p.Waits...)
	}
	if len(fit.Points) < opening || fit.Jitters == backoff.Yes {
		return false
	}
	low := slices.Min(all)
	return low >= instant && quantile(all, 0.75)-low <= max(punctuality, low*3/100)
}

// leastClose is how many waits before one retry must be there for the closest half of them to say something.
const leastClose = 5

// narrowest returns the retry before which the shorter half of the waits lie closest together, 0 for none so close that no jitter made
// it. The longer half may be late, for many reasons.
func narrowest(fit backoff.Fit) (index int, spread time.Duration) {
	for _, p := range fit.Points {
		if len(p.Waits) < leastClose {
			continue
		}
		median := quantile(p.Waits, 0.5)
		if width := median - p.Waits[0]; width <= max(punctuality, median*3/100) && (index == 0 || width < spread) {
			index, spread = p.Index, width
		}
	}
	return index, spread
}
