package verdict

import (
	"fmt"
	"math"
	"slices"
	"time"
)

func retryAfterHonoured(who *client, l *Limits) tally { return &honourTally{obey: newObey(who, l)} }

// honourTally and hasteTally judge what obey has gathered.
type honourTally struct{ obey }

type hasteTally struct{ obey }

func (o *honourTally) findings() []proposal {
	const needs = "needs 6 calls over 3 Retry-After values longer than the client's own wait"
	if o.exposed == 0 {
		return unexposed("nothing was repeated after a 429 or 503 with Retry-After", needs+", saw none")
	}
	ignored := o.seconds.ignored()
	if proved := o.seconds.proved(ignored); len(proved) > 0 && 2*len(proved) >= len(ignored) && (convincing(proved) || len(proved) == len(ignored)) {
		return []proposal{evidenceOf(proved).finding(Fail, o.exposed, ignoranceFigure(proved, o.seconds.own, o.exposed))}
	}
	if len(ignored) > 0 {
		return []proposal{evidenceOf(ignored).lacking(o.exposed, ignoranceFigure(ignored, o.seconds.own, o.exposed), needsMachine)}
	}
	telling := o.telling()
	ev := evidenceOf(telling)
	switch {
	case !enough(telling):
		return []proposal{ev.lacking(o.exposed, obedienceFigure(telling), fmt.Sprintf("%s, saw %d over %d", needs, len(telling), values(telling)))}
	case !correlated(telling), !raised(telling):
		return []proposal{ev.lacking(o.exposed, obedienceFigure(telling), "needs waits that rise with Retry-After: late ones, or a client's own longer wait, hide whether they do")}
	case o.suspects > 0:
		return []proposal{ev.lacking(o.exposed, obedienceFigure(telling), o.who.doubt())}
	}
	return []proposal{ev.finding(Pass, o.exposed, obedienceFigure(telling))}
}

func retryAfterNotEarly(who *client, l *Limits) tally { return &hasteTally{obey: newObey(who, l)} }

func (o *hasteTally) findings() []proposal {
	const needs = "needs 3 calls whose wait follows Retry-After"
	if o.exposed == 0 {
		return unexposed("nothing was repeated after a 429 or 503 with Retry-After", needs+", saw none")
	}
	var following, early []told
	calls, heeds := 0, false
	for _, form := range []*obedience{&o.seconds, &o.dates} {
		if form.follows() && len(form.ignored()) == 0 {
			following = append(following, form.all.kept...)
			calls += form.firsts.n
			heeds = heeds || form.heeds()
		}
	}
	early = slices.DeleteFunc(slices.Clone(following), func(t told) bool { return !t.early() })
	ev := evidenceOf(following)
	switch hasty := callsOf(early); {
	case calls < leastObeyed:
		return []proposal{ev.lacking(o.exposed, obedienceFigure(following), fmt.Sprintf("%s, saw %d", needs, calls))}
	case hasty >= leastEarly:
		return []proposal{o.cameEarly(early, calls, heeds)}
	case hasty > 0:
		return []proposal{evidenceOf(early).lacking(o.exposed, obedienceFigure(early), fmt.Sprintf("needs %d calls that came early, saw %d: that could be a person's reload", leastEarly, hasty))}
	case o.suspects > 0:
		return []proposal{ev.lacking(o.exposed, obedienceFigure(following), o.who.doubt())}
	}
	return []proposal{ev.finding(Pass, o.exposed, fmt.Sprintf("came back %s or more after Retry-After was over, in %s",
		short(slices.Min(oversOf(following))), count(calls, "call")))}
}

// cameEarly is the finding on early waits in as many calls as make a Fail, if they depend on Retry-After.
func (o *hasteTally) cameEarly(early []told, calls int, heeds bool) proposal {
	hasty, proved := callsOf(early), o.clocked(early)
	switch {
	case len(proved) == 0:
		return evidenceOf(early).lacking(o.exposed, obedienceFigure(early), needsOf(early))
	case callsOf(proved) < leastEarly || 2*callsOf(proved) < hasty:
		return evidenceOf(proved).lacking(o.exposed, obedienceFigure(early), fmt.Sprintf("needs %d such calls that are no person's, saw %d", leastEarly, callsOf(proved)))
	case !heeds:
		return evidenceOf(early).lacking(o.exposed, obedienceFigure(early), needsHeed)
	}
	return evidenceOf(proved).finding(Fail, o.exposed, fmt.Sprintf("came back up to %s before Retry-After was over, in %d of %s: %s",
		short(-slices.Min(oversOf(early))), hasty, count(calls, "call"), obedienceFigure(early)))
}

// clocked returns those of the early waits that are the client's own doing. Dates alone count only where they were missed by unlike
// times: a client whose clock is fast comes early by just so much each time.
func (o *hasteTally) clocked(early []told) []told {
	proved := o.seconds.proved(slices.DeleteFunc(slices.Clone(early), func(t told) bool { return t.date }))
	dates := slices.DeleteFunc(slices.Clone(early), func(t told) bool { return !t.date })
	if len(proved) == 0 && skewed(o.dates.firsts.kept) {
		return nil
	}
	return slices.Concat(proved, o.dates.proved(dates))
}

// skewed reports that dates may have been missed by just as much each time, as by a client whose own clock is fast: not clearly
// by more the further ahead they were.
func skewed(dates []told) bool {
	return !enough(dates) || spearman(asksOf(dates), oversOf(dates))*math.Sqrt(float64(len(dates)-1)) > -rhoSigma
}

// needsClock is what dates lack that a client with a fast clock could have missed.
const needsClock = "needs seconds that it comes before as well, or 8 dates that it misses by more the further ahead they are: its clock may be fast"

// needsHeed is what early waits lack that may not depend on Retry-After at all.
const needsHeed = "needs waits that depend on Retry-After beyond chance: more calls, or more values of it"

// needsMachine is what early repeats lack that a person could have made.
const needsMachine = "needs early repeats that no person made: within 250 ms, at the same moment for 3 requests, by a client whose waits are known to rise, or over more values of Retry-After"

// needsOf is what the early waits lack.
func needsOf(early []told) string {
	if slices.ContainsFunc(early, func(t told) bool { return !t.date }) {
		return needsMachine
	}
	return needsClock
}

func evidenceOf(list []told) *evidence {
	var ev evidence
	for _, t := range list {
		ev.take(t.deed)
	}
	return &ev
}

// convincing reports that the calls are named, or different requests enough.
func convincing(list []told) bool {
	witnesses := make([]witness, len(list))
	for i, t := range list {
		witnesses[i] = t.witness
	}
	n, named := requests(witnesses)
	return named || n >= leastRequests
}

// callsOf counts the calls, of which each one's waits lie side by side.
func callsOf(list []told) int {
	return len(slices.CompactFunc(slices.Clone(list), func(a, b told) bool { return a.id == b.id }))
}

func obedienceFigure(list []told) string {
	if len(list) == 0 {
		return "no wait after a Retry-After says anything"
	}
	return fmt.Sprintf("waited %s when asked for %s, in %s", span(waitsOf(list)), span(asksOf(list)), count(callsOf(list), "call"))
}

func ignoranceFigure(list []told, own []time.Duration, exposed int) string {
	text := fmt.Sprintf("came back after %s when asked to wait %s, in %d of %s", span(waitsOf(list)), span(asksOf(list)), len(list), count(exposed, "call"))
	if len(own) > 0 {
		text += ", and after " + span(own) + " when not asked"
	}
	return text
}
