package verdict

import (
	"maps"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// earlyWait and earlyDate are how much earlier than asked a client may come: a date
	// is exact to a second only.
	earlyWait, earlyDate = 10 * time.Millisecond, time.Second
	// leastTold and leastValues are the calls, and the values of Retry-After over them, that a
	// correlation wants.
	leastTold, leastValues = 6, 3
	// dependent is the rank correlation from which a wait depends on Retry-After.
	dependent = 0.3
	// leastHalf is how many calls must have come in under half of the time.
	leastHalf = 2
	// lengthened is the least by which a Retry-After is taken to have lengthened a wait.
	lengthened = 50 * time.Millisecond
	// leastOwn is how many waits, with and without Retry-After, a comparison of the two wants.
	leastOwn = 3
	// leastObeyed is how many calls must have been told when to come back, and leastEarly how
	// many of them must have come before: once may have been a person.
	leastObeyed, leastEarly = 3, 2
)

// told is a wait after an answer that asked for one.
type told struct {
	deed

	// index counts the repeats of the call, wait is what was waited and ask what was asked for.
	index     int
	wait, ask time.Duration
	date      bool
	// limit is by how much a client may come before seconds are over.
	limit time.Duration
	// mechanical reports of one that came early that no person made it.
	mechanical bool
}

func newTold(c *call, g *observe.Gap) told {
	return told{deed: newDeed(c, g), index: g.Index, wait: g.Wait, ask: g.RetryAfter.Wait, date: g.RetryAfter.Date}
}

// over is how much longer than asked the wait was.
func (t told) over() time.Duration { return t.wait - t.ask }

// near reports that the wait was about what was asked for.
func (t told) near() bool { return t.over() >= -t.ask/4 && t.over() <= t.ask/10+lengthened }

func (t told) early() bool {
	if t.date {
		return t.over() < -earlyDate
	}
	return t.over() < -t.limit
}

// obedience is what is known of a client's waits after a Retry-After of one form.
type obedience struct {
	// dated reports that the form is that of a date.
	dated bool
	// all are the waits, firsts the first of each call.
	all, firsts sample[told]
	// last is the call that was told last.
	last string
	// own are the client's first waits where nothing was asked for.
	own []time.Duration
}

// obey is what is known of a client's waits after 429 and 503 with Retry-After.
type obey struct {
	who    *client
	limits *Limits
	// exposed counts the calls that were repeated after one, suspects those of them that cannot
	// count and came early.
	exposed, suspects int
	own               sample[time.Duration]
	seconds, dates    obedience
}

func newObey(who *client, l *Limits) obey {
	return obey{who: who, limits: l, dates: obedience{dated: true}}
}

func (o *obey) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		if c.proof && len(c.repeats) > 0 {
			if g := &c.repeats[0]; g.Index == 1 && !g.Inexact && transient(g.Before) && g.Before.RetryAfter == "" {
				o.own.take(g.Wait)
			}
		}
		o.count(c, s)
	}
	o.seconds.own, o.dates.own = o.own.kept, o.own.kept
}

// count adds the waits of a call. A Retry-After so long that giving up is sound is left out.
func (o *obey) count(c *call, s *subject) {
	met, suspect := false, false
	for i := range c.repeats {
		g := &c.repeats[i]
		if !asking(g) {
			continue
		}
		t := newTold(c, g)
		t.limit = o.limits.Early
		t.mechanical = !t.named && t.early() && s.mechanical(c, g)
		met = true
		switch {
		case g.Inexact, s.inFlight(c, g):
		case !c.proof:
			suspect = suspect || t.early()
		case t.early() && s.another(c, g):
			suspect = true
		case t.date:
			o.dates.take(t)
		default:
			o.seconds.take(t)
		}
	}
	if met {
		o.exposed++
	}
	if suspect {
		o.suspects++
	}
}

// another reports that the attempt that ended a wait may be another caller's.
func (s *subject) another(c *call, g *observe.Gap) bool {
	return !c.explicit() && s.excused(g) && !s.keepsSchedule(c) && !s.whole(c)
}

// asking reports that a 429 or 503 asked for the wait, and not for one so long that giving up is sound.
func asking(g *observe.Gap) bool {
	return g.RetryAfter != nil && g.RetryAfter.Wait <= longestAsk && answered(g.Before) && slices.Contains(askingStatuses, g.Before.Status)
}

// askingStatuses are those of which Retry-After is judged.
var askingStatuses = []int{429, 503}

func (o *obedience) take(t told) {
	o.all.take(t)
	if o.last != t.id {
		o.firsts.take(t)
		o.last = t.id
	}
}

// waitsOf, asksOf and oversOf pull out one figure each.
func waitsOf(list []told) []time.Duration {
	return mapTold(list, func(t told) time.Duration { return t.wait })
}

func asksOf(list []told) []time.Duration {
	return mapTold(list, func(t told) time.Duration { return t.ask })
}

func oversOf(list []told) []time.Duration { return mapTold(list, told.over) }

func mapTold(list []told, figure func(told) time.Duration) []time.Duration {
	figures := make([]time.Duration, len(list))
	for i, t := range list {
		figures[i] = figure(t)
	}
	return figures
}

// values counts the values of Retry-After, dates to the second.
func values(list []told) int {
	return distinct(mapTold(list, func(t told) time.Duration { return t.ask.Round(time.Second) }))
}

// enough reports that there are calls and values enough for a correlation.
func enough(list []told) bool { return len(list) >= leastTold && values(list) >= leastValues }

// correlated reports that the waits rise with what was asked for.
func correlated(list []told) bool {
	return enough(list) && spearman(asksOf(list), waitsOf(list)) >= dependent
}

// raised reports that the shortest wait for each value rises from value to value, and from the first to the last by
// at least half of what was asked for. The shortest are free of noise, which a correlation is not.
func raised(list []told) bool {
	// A date is exact to a second only, so that it says nothing beside seconds enough.
	if seconds := slices.DeleteFunc(slices.Clone(list), func(t told) bool { return t.date }); values(seconds) >= leastValues {
		list = seconds
	}
	shortest := map[time.Duration]time.Duration{}
	for _, t := range list {
		ask := t.ask.Round(time.Second)
		if wait, ok := shortest[ask]; !ok || t.wait < wait {
			shortest[ask] = t.wait
		}
	}
	asks := slices.Sorted(maps.Keys(shortest))
	for i := 1; i < len(asks); i++ {
		if shortest[asks[i]] <= shortest[asks[i-1]] {
			return false
		}
	}
	first, last := asks[0], asks[len(asks)-1]
	return 2*(shortest[last]-shortest[first]) >= last-first
}

// longer returns the first waits that can be told from the client's own: those asked to be longer.
func (o *obedience) longer() []told {
	if len(o.own) == 0 {
		return nil
	}
	bound := slices.Max(o.own) + earlyWait
	return slices.DeleteFunc(slices.Clone(o.firsts.kept), func(t told) bool { return t.index != 1 || t.ask <= bound })
}

// moved reports that Retry-After clearly lengthened the client's own waits, if not to the full.
func (o *obedience) moved() bool {
	longer := o.longer()
	if len(longer) < 2 || len(o.own) < 2 {
		return false
	}
	return quantile(waitsOf(longer), 0.5) > slices.Max(o.own)*3/2+lengthened
}

// clings reports that the waits lie around what was asked for.
func (o *obedience) clings() bool {
	asked := slices.DeleteFunc(slices.Clone(o.firsts.kept), func(t told) bool { return t.ask == 0 })
	if len(asked) < leastObeyed {
		return false
	}
	near := 0
	for _, t := range asked {
		if t.near() {
			near++
		}
	}
	return 2*near > len(asked)
}

func (o *obedience) follows() bool { return correlated(o.firsts.kept) || o.moved() || o.clings() }

// ignored returns the calls that prove that Retry-After in seconds was not looked at.
func (o *obedience) ignored() []told {
	switch {
	case o.heeds():
		return nil
	case correlated(o.firsts.kept) || o.moved():
		return o.habitual() // it may be an accident
	}
	early := slices.DeleteFunc(slices.Clone(o.firsts.kept), func(t told) bool { return !t.early() })
	half := slices.DeleteFunc(slices.Clone(early), func(t told) bool { return 2*t.wait >= t.ask })
	switch {
	case len(half) >= leastHalf && convincing(half):
		return half
	case enough(o.firsts.kept) && quantile(oversOf(o.firsts.kept), 0.1) < -earlyWait:
		return early
	}
	return o.habitual()
}

// habitual returns the calls that came back early and just when the client comes back without being told, if most did: some may be late.
func (o *obedience) habitual() []told {
	longer := o.longer()
	if len(longer) < leastOwn || len(o.own) < leastOwn {
		return nil
	}
	bound := slices.Max(o.own)*5/4 + instant
	list := slices.DeleteFunc(slices.Clone(longer), func(t told) bool { return !t.early() || t.wait > bound })
	if len(list) < leastOwn || !mostly(len(list), len(longer)) {
		return nil
	}
	return list
}

// telling returns the first waits of both forms that say something: not those for which the client's own wait was
// longer than what was asked for, and no dates when dates are not read.
func (o *obey) telling() []told {
	list := slices.Clone(o.seconds.firsts.kept)
	if !slices.ContainsFunc(o.dates.firsts.kept, told.early) {
		list = append(list, o.dates.firsts.kept...)
	}
	if len(o.seconds.own) == 0 {
		return list
	}
	own := slices.Min(o.seconds.own)
	return slices.DeleteFunc(list, func(t told) bool { return t.index == 1 && t.ask <= own && t.wait >= own })
}
