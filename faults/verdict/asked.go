package verdict

import (
	"fmt"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// askedChecks ask how a client reads the corners of Retry-After.
var askedChecks = []Check{
	{
		Name:    "retry-after-date",
		Family:  FamilyWhen,
		Rule:    "a warning if Retry-After is honoured as seconds and not as a date",
		Needs:   "3 calls each, with dates 4 s ahead or more",
		Norm:    "RFC 9110 §10.2.3 (Retry-After is a date or seconds)",
		Advice:  "parse Retry-After as an HTTP date when it is no number",
		Example: "waits 3 s when told 3, and 0.2 s when told Tue, 03 Mar 2026 10:00:07 GMT",
		begin:   retryAfterDate,
		about:   traitAgain,
		Mild:    true,
	},
	{
		Name:    "retry-after-zero",
		Family:  FamilyWhen,
		Rule:    "a warning if Retry-After 0 is followed by 3 waits or more under 20 ms",
		Needs:   "1 call that was told 0 three times",
		Norm:    "Azure SDK guidelines (a floor under every wait)",
		Advice:  "take Retry-After for a lower bound of your own back-off, so that 0 means your usual wait",
		Example: "Retry-After: 0 makes the client hammer: 5 attempts within 4 ms",
		begin:   retryAfterZero,
		about:   traitAgain,
		Mild:    true,
	},
	{
		Name:    "retry-after-long",
		Family:  FamilyWhen,
		Rule:    "the wait ends before a Retry-After of more than 30 s is over, at a bound of the client's own or at its usual wait",
		Needs:   "3 calls that were told to wait for more than 30 s and came back; that they did not is a pass once the workload has ended",
		Norm:    "RFC 9110 §10.2.3 (Retry-After)",
		Advice:  "give up and report the error when Retry-After is longer than you can wait, instead of coming back early",
		Example: "told to wait 3600 s, came back after 30 s",
		begin:   retryAfterLong,
		about:   traitAgain | traitAsked,
	},
}

// dateTally compares the two forms of Retry-After.
type dateTally struct{ obey }

func retryAfterDate(who *client, l *Limits) tally { return &dateTally{obey: newObey(who, l)} }

const (
	// leastForm is how many calls of each form a comparison wants, leastAhead how far ahead a date must be.
	leastForm, leastAhead = 3, 4 * time.Second
	// mostly shares: a form is honoured if so few came early, ignored if so many did.
	honouredShare, ignoredShare = 0.2, 0.8
)

func (o *dateTally) findings() []proposal {
	const needs = "needs 3 calls that were told seconds longer than the client's own wait, and 3 that were told a date 4 s ahead or more"
	seconds := o.telling()
	seconds = slices.DeleteFunc(seconds, func(t told) bool { return t.date })
	dates := slices.DeleteFunc(slices.Clone(o.dates.firsts.kept), func(t told) bool { return t.ask < leastAhead })
	if len(dates) == 0 {
		return unexposed("nothing was repeated after a date", needs+", saw none")
	}
	early := slices.DeleteFunc(slices.Clone(dates), func(t told) bool { return !t.early() })
	honoured := slices.DeleteFunc(slices.Clone(seconds), func(t told) bool { return t.early() && !t.near() })
	ev := evidenceOf(dates)
	switch {
	case len(dates) < leastForm || len(seconds) < leastForm:
		return []proposal{ev.lacking(len(dates), obedienceFigure(dates), fmt.Sprintf("%s, saw %d and %d", needs, len(seconds), len(dates)))}
	case float64(len(early)) <= honouredShare*float64(len(dates)):
		return []proposal{ev.finding(Pass, len(dates), "honours dates: "+obedienceFigure(dates))}
	case float64(len(honoured)) < ignoredShare*float64(len(seconds)):
		return []proposal{ev.finding(Info, len(dates), "honours neither dates nor seconds: see retry-after-honoured")}
	case float64(len(early)) < ignoredShare*float64(len(dates)) || len(o.dates.proved(early)) < leastForm:
		return []proposal{ev.lacking(len(dates), obedienceFigure(dates), needsMachine)}
	}
	return []proposal{evidenceOf(early).finding(Warn, len(dates), "honours seconds and not dates: "+obedienceFigure(early))}
}

// zeroTally looks at what follows a Retry-After of 0.
type zeroTally struct {
	who               *client
	limits            *Limits
	exposed, suspects int
	hasty, calm       outcome
	waits             spread
	// mixed counts the calls that came back at once now and then, waited the gaps of those that never did.
	mixed, waited int
}

func retryAfterZero(who *client, l *Limits) tally { return &zeroTally{who: who, limits: l} }

func (t *zeroTally) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		var quick, all []observe.Gap
		for _, g := range c.repeats {
			if g.RetryAfter == nil || g.RetryAfter.Wait != 0 || g.RetryAfter.Date || !transient(g.Before) || g.Inexact || s.inFlight(c, &g) {
				continue
			}
			all = append(all, g)
			if g.Wait < t.limits.Quick {
				quick = append(quick, g)
			}
		}
		t.count(s, c, all, quick)
	}
}

func (t *zeroTally) count(s *subject, c *call, all, quick []observe.Gap) {
	if len(all) == 0 {
		return
	}
	t.exposed++
	switch {
	case !c.proof || s.looped(c):
		t.suspects++
	case len(quick) >= opening:
		for _, g := range quick {
			t.waits.take(g.Wait)
		}
		t.hasty.take(c, "", quick[0].Before, quick[0].After)
	case len(quick) > 0:
		t.mixed++
	default:
		t.waited += len(all)
		t.calm.take(c, "", all[0].Before, all[0].After)
	}
}

func (t *zeroTally) findings() []proposal {
	const needs = "needs 1 call that was certainly repeated 3 times after Retry-After 0"
	switch {
	case t.exposed == 0:
		return unexposed("nothing was repeated after Retry-After 0", needs+", saw none")
	case t.hasty.n > 0:
		return []proposal{t.hasty.finding(Warn, t.exposed, fmt.Sprintf("came back after %s each time when told 0, in %d of %s", t.waits.span(), t.hasty.n, count(t.exposed, "call")))}
	case t.mixed > 0:
		return []proposal{t.calm.lacking(t.exposed, fmt.Sprintf("came back at once now and then when told 0, in %s", count(t.mixed, "call")), needs)}
	case t.suspects > 0:
		return []proposal{t.calm.lacking(t.exposed, "the same request came again after Retry-After 0", t.who.doubt())}
	case t.waited < opening:
		return []proposal{t.calm.lacking(t.exposed, "too few repeats after Retry-After 0", needs)}
	}
	return []proposal{t.calm.finding(Pass, t.exposed, fmt.Sprintf("kept a wait of its own when told 0, in %s", count(t.calm.n, "call")))}
}

// longTally looks at what follows a Retry-After so long that nobody waits for it.
type longTally struct {
	who               *client
	exposed, suspects int
	early, left       outcome
	// unclear counts the calls of which it is not known whether they would have come back.
	unclear int
	// waits and asks are the early ones', own the client's first waits where nothing was asked for.
	waits, asks, own spread
}

func retryAfterLong(who *client, _ *Limits) tally { return &longTally{who: who} }

func (t *longTally) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		if waits, ok := s.ownWaits(c); ok && waits.Gaps[0].Index == 1 && !waits.Gaps[0].AfterRetryAfter {
			t.own.take(waits.Gaps[0].Wait)
		}
		t.count(s, c)
	}
}

// asksLong returns the attempt of a call that was told to wait for long, and the gap that follows it, nil for none.
func asksLong(c *call) (*observe.Attempt, *observe.Gap) {
	for i := range c.Attempts {
		a := c.Attempts[i]
		ask, ok := a.Wait()
		if !ok || ask.Wait <= longestAsk || !answered(a) || a.Status != 429 && a.Status != 503 {
			continue
		}
		for j := range c.repeats {
			if g := &c.repeats[j]; g.Before.Sequence == a.Sequence {
				return a, g
			}
		}
		return a, nil
	}
	return nil, nil
}

func (t *longTally) count(s *subject, c *call) {
	a, g := asksLong(c)
	if a == nil {
		return
	}
	t.exposed++
	ask, _ := a.Wait()
	switch {
	case g == nil && (c.Censored || c.mayBeResumed(ask.Wait-earlyDate) || c.ambiguous()), g != nil && (g.Inexact || s.inFlight(c, g)):
		t.unclear++
	case g == nil, g.Wait >= ask.Wait-earlyDate:
		t.left.take(c, "", a)
	case !c.explicit() && (!c.proof || s.looped(c) || !s.unbidden(c, g)):
		t.suspects++
	default:
		t.waits.take(g.Wait)
		t.asks.take(ask.Wait)
		t.early.take(c, "", g.Before, g.After)
	}
}

// unbidden reports that the client's program came back by itself. Who gave up leaves it to a person to load the page again, now sooner and now
// later: that makes no call that climbs, and no three requests that come back at the same moment.
func (s *subject) unbidden(c *call, g *observe.Gap) bool {
	return s.mechanical(c, g)
}

func (t *longTally) findings() []proposal {
	const needs = "needs calls that were told to wait for more than 30 s, and an end of the workload"
	switch {
	case t.exposed == 0:
		return unexposed("nobody was told to wait for more than 30 s", needs+", saw none")
	case t.early.n > 0 && t.early.n >= t.suspects:
		how := "at a bound of its own"
		if t.own.n > 0 && t.waits.low <= 2*t.own.high {
			how = "at its usual wait"
		}
		return []proposal{t.early.finding(Fail, t.exposed, fmt.Sprintf("came back after %s when told to wait %s, %s, in %d of %s", t.waits.span(), t.asks.span(), how, t.early.n, count(t.exposed, "call")))}
	case t.early.n+t.suspects > 0:
		return []proposal{t.left.lacking(t.exposed, fmt.Sprintf("the same request came early in %d of %s", t.early.n+t.suspects, count(t.exposed, "call")), needsMachine)}
	case t.left.n == 0:
		return []proposal{t.left.lacking(t.exposed, fmt.Sprintf("may still be waiting, or have given up, in %s", count(t.unclear, "call")), needs)}
	}
	return []proposal{t.left.finding(Pass, t.exposed, fmt.Sprintf("did not come back early in %s: it gave up, or waited", count(t.left.n, "call")))}
}
