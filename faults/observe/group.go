package observe

import (
	"cmp"
	"slices"
	"time"
)

// defaultRoom is how many attempts a Grouper buffers when Options do not say.
const defaultRoom = 1 << 17

// Options steers a Grouper. The zero value takes the defaults.
type Options struct {
	// Window is how long after a failed answer another attempt still belongs to the
	// call, at the least; 0 stands for 30 s. A Retry-After and the gaps seen so far extend it.
	Window time.Duration
	// Known is what Learn made of the same attempts. With nil nothing is known: then each call that rests on time and
	// fingerprint is ambiguous.
	Known *Knowledge
	// Room is how many attempts are buffered at most, over all clients; 0 stands for 131072. Those
	// that wait to be put in order, up to a quarter, are among them.
	Room int
	// Chapter takes the chapters, as they come. It owns what it gets. With nil they are lost.
	Chapter func(*Chapter)
	// Release gets each attempt back as soon as it was taken in, as its memory may serve for another: then copies are kept, until the Release of
	// their Chapter. With nil the attempts themselves are kept.
	Release func(*Attempt)
}

// Chapter is a part of the calls of one client. A client whose attempts have room comes as one chapter.
type Chapter struct {
	Client string
	// Calls are in order of their first attempt. A later chapter may begin with calls that began before those of this
	// one ended, as what can still go on is carried over.
	Calls []Call
	// Index counts the chapters of the client, from 0. Last reports that no more follow; such a one may have no calls.
	Index int
	Last  bool
	// Known is what is known of the client over all its chapters, nil for nothing.
	Known *ClientKnowledge

	// pages are where the attempts lie, as far as they are copies, attempts is the room for those of all Calls, and rooms takes both back.
	pages    []*page
	attempts []*Attempt
	rooms    *rooms
}

// Grouper makes the second pass: it brings attempts together into calls. It takes them in any order, as long as they come near to
// their place in it; only Received counts, then Node and Sequence. It is not safe for concurrent use.
type Grouper struct {
	options Options
	intake  *intake
	callers map[string]*caller
	// current is the caller of the latest attempt, by the name that the attempt has.
	current     *caller
	currentName string
	spares      spares
	rooms       rooms
	// buffered counts the attempts of all callers.
	buffered int
	// now is the latest arrival, end the latest moment that the journal knows of.
	now, end time.Duration
}

// NewGrouper makes an empty Grouper.
func NewGrouper(o Options) *Grouper {
	o.Window = cmp.Or(o.Window, defaultWindow)
	o.Room = cmp.Or(o.Room, defaultRoom)
	g := &Grouper{options: o, callers: map[string]*caller{}}
	shift := func(string, *Attempt) time.Duration { return 0 }
	if o.Known != nil {
		shift = o.Known.clocks.shift
	}
	g.intake = newIntake(min(o.Room/8, orderWindow), shift, g.take)
	g.intake.done = o.Release
	return g
}

// Add takes in an attempt, which must be left alone from then on. One whose node gave its sequence number to another that
// was there already is dropped; 0 is no number.
func (g *Grouper) Add(a *Attempt) { g.intake.add(a) }

// Close hands over the last chapter of each client, in order of their names, and says what became of the attempts. Ended says
// that the workload is known to have ended, so that no call is censored. Nothing can be added afterwards.
func (g *Grouper) Close(ended bool) Counts {
	g.intake.flush()
	names := make([]string, 0, len(g.callers))
	for name := range g.callers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		g.closeCaller(g.callers[name], ended)
	}
	return g.intake.counts
}

// take places an attempt in order of arrival.
func (g *Grouper) take(a *Attempt, late bool) {
	g.now = max(g.now, a.Received)
	g.end = max(g.end, a.Received, a.Answered)
	c := g.caller(a)
	if c.known == nil && g.options.Known != nil {
		g.intake.counts.Strangers++
	}
	g.buffered++
	c.buffered++
	if g.options.Release != nil {
		a = c.pages.keep(a)
	}
	c.take(a, late)
	if g.buffered+2*g.intake.window > g.options.Room {
		g.makeRoom()
	}
}

// caller finds or makes the caller that a belongs to.
func (g *Grouper) caller(a *Attempt) *caller {
	if g.current != nil && g.currentName == a.Client {
		return g.current
	}
	name := g.options.Known.Alias(a.Client)
	c := g.callers[name]
	if c == nil {
		c = newCaller(name, g.options, &g.spares)
		c.pages.rooms = &g.rooms
		g.callers[name] = c
	}
	g.current, g.currentName = c, a.Client
	return c
}

// Group brings the attempts of one journal together into calls, in order of their first attempt. Ended says
// that the workload is known to have ended, so that no call is censored. It makes both passes, and as one chapter.
func Group(attempts []Attempt, ended bool) []Call {
	ordered := make([]*Attempt, len(attempts))
	for i := range attempts {
		ordered[i] = &attempts[i]
	}
	if !slices.IsSortedFunc(ordered, compareAttempts) {
		slices.SortStableFunc(ordered, compareAttempts)
	}
	var calls []Call
	g := NewGrouper(Options{
		Known: Learn(slices.Values(ordered)), Room: 2*len(ordered) + 2*orderWindow,
		Chapter: func(c *Chapter) { calls = append(calls, c.Calls...) },
	})
	for _, a := range ordered {
		g.Add(a)
	}
	g.Close(ended)
	slices.SortStableFunc(calls, func(a, b Call) int { return compareAttempts(a.Attempts[0], b.Attempts[0]) })
	return calls
}
