package observe

import "math"

const (
	// shrinkage is how much time the rate of the whole client stands for in that of one request, in seconds.
	shrinkage = 60.0
	// leastWatched is added to the time in which a client was watched: nobody who was seen for an instant is known.
	leastWatched = 30.0
	// unlikely is the posterior under which an attempt is hardly the repeat, unknown that of which nothing is known.
	unlikely, unknown = 0.05, 0.5
)

// arrivals is how often the request comes of its own accord, per second: as often as it was seen to while no call was
// under way, or as other requests of the client were, where little was seen of it.
func (s *study) arrivals(p *imprint) float64 {
	all := (float64(s.total.returns) + 0.5) / (s.total.idle.Seconds() + leastWatched)
	if p == nil {
		return all
	}
	return (float64(p.returns) + all*shrinkage) / (p.idle.Seconds() + shrinkage)
}

// posterior is how likely it is that an attempt is the next of a call that waits, and not a call of its own.
func (i *inference) posterior(d *draft, a *Attempt, story *bodyStory) float64 {
	known := i.caller.known.of()
	if known == nil {
		return unknown
	}
	after := flightOf(d.last())
	gap := a.Received - after.answered
	repeat := known.law.going(after.status) * known.law.density(len(d.attempts), &after, gap)
	other := story.rate
	if story.habit != nil {
		other = story.habit.with(other, gap.Seconds())
	}
	return math.Round(1e4*repeat/(repeat+other)) / 1e4
}

// doubtful marks a call that goes on with an attempt which is far likelier a call of its own. Where the client hardly ever came back of
// its own accord too little speaks for that, unless its calls for the same cross: then anything likelier does.
func (i *inference) doubtful(d *draft, posterior float64) {
	known := i.caller.known.of()
	if known == nil || d.story.print == nil {
		return
	}
	if known.total.returns >= goodBaseline && posterior < unlikely || d.story.print.crowded && posterior < unknown {
		d.grouping = GroupingAmbiguous
	}
}
