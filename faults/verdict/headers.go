package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// leastAlike is in how many calls to an endpoint a field must have been the same before it counts where calls are not named.
	leastAlike = 3
	// mostLooks bounds the first attempts to an endpoint that are compared, mostFields the fields of one and mostDrifts those that were
	// seen to change.
	mostLooks, mostFields, mostDrifts = 256, 64, 128
)

// headerTally counts what a client did with its header fields.
type headerTally struct {
	who               *client
	exposed, doubtful int
	kept              outcome
	usual             map[string]*custom
	drifts            map[drift]*outcome
}

// custom is what the first attempts to an endpoint have in common.
type custom struct {
	calls, looks int
	last         string
	fields       map[string]*usage
}

// usage is how a field is used: the last value, whether another came, and whether there were calls without it.
type usage struct {
	digest         string
	varied, absent bool
}

// drift is a field that changed within calls to an endpoint.
type drift struct {
	change

	endpoint string
	named    bool
}

func headersKept(who *client, _ *Limits) tally {
	return &headerTally{who: who, usual: map[string]*custom{}, drifts: map[drift]*outcome{}}
}

func (t *headerTally) take(s *subject) {
	for i := range s.calls {
		c := s.calls[i]
		if first := c.first(); first.Headers != "" {
			t.custom(c.Endpoint).take(first)
		}
		t.count(c)
	}
}

func (t *headerTally) custom(endpoint string) *custom {
	if t.usual[endpoint] == nil {
		t.usual[endpoint] = &custom{fields: map[string]*usage{}}
	}
	return t.usual[endpoint]
}

// take learns from the first attempt of a call. What is as it was before has nothing to teach.
func (u *custom) take(a *observe.Attempt) {
	u.calls++
	if a.Headers == u.last || u.looks >= mostLooks {
		return
	}
	u.last = a.Headers
	u.looks++
	eachField(a.Headers, func(name, digest string) bool {
		switch f := u.fields[name]; {
		case f != nil:
			f.varied = f.varied || f.digest != digest
			f.digest = digest
		case len(u.fields) < mostFields:
			u.fields[name] = &usage{digest: digest, absent: u.calls > 1}
		}
		return true
	})
	for name, f := range u.fields {
		if _, there := field(a, name); !there {
			f.absent = true
		}
	}
}

func (t *headerTally) count(c *call) {
	met, changed := drifting(c)
	if met == nil {
		return
	}
	t.exposed++
	switch {
	case len(changed) > 0 && !c.proof:
		t.doubtful++
	case len(changed) > 0:
		for _, g := range changed {
			t.note(c, g)
		}
	case c.proof:
		t.kept.take(c, "", met.Before, met.After)
	}
}

// drifting looks at the repeats of a call that should carry the same fields. Met is one of them, changed are those that do not.
func drifting(c *call) (met *observe.Gap, changed []*observe.Gap) {
	for i := range c.repeats {
		g := &c.repeats[i]
		if g.Before.Headers == "" || g.After.Headers == "" || !sameAgain(g) {
			continue
		}
		met = g
		if g.Before.Headers != g.After.Headers && len(changes(g.Before, g.After)) > 0 {
			changed = append(changed, g)
		}
	}
	return met, changed
}

// note takes up what a repeat changed.
func (t *headerTally) note(c *call, g *observe.Gap) {
	for _, ch := range changes(g.Before, g.After) {
		key := drift{change: ch, endpoint: c.Endpoint, named: c.explicit()}
		o := t.drifts[key]
		switch {
		case o == nil && len(t.drifts) >= mostDrifts:
			t.doubtful++
			continue
		case o == nil:
			o = &outcome{}
			t.drifts[key] = o
		}
		if len(o.calls) == 0 || o.calls[len(o.calls)-1].id != c.ID {
			o.n++
		}
		o.note(c, "", g.Before, g.After)
	}
}

// weight is what a drift comes to.
type weight int

const (
	// weightNone is a field that every call has its own of.
	weightNone weight = iota
	// weightOpen is one of which too little was seen.
	weightOpen
	// weightFull is one that is the same in all calls, or gone from one that the client named.
	weightFull
)

func (t *headerTally) weigh(d drift) weight {
	u := t.custom(d.endpoint)
	f := u.fields[d.name]
	switch {
	case f == nil:
		return weightOpen
	case f.varied && !d.gone:
		return weightNone
	case d.named:
		return weightFull
	case f.absent || f.varied || u.calls < leastAlike || u.looks >= mostLooks:
		return weightOpen
	}
	return weightFull
}

func (t *headerTally) findings() []proposal {
	const needs = "needs 1 call that was certainly repeated, with its header fields recorded"
	if t.exposed == 0 {
		return unexposed("no call was repeated with its header fields recorded", needs+", saw none")
	}
	held, open, ignored := t.sift()
	total := count(t.exposed, "call")
	switch {
	case held.n > 0:
		return []proposal{held.finding(Warn, t.exposed, fmt.Sprintf("header fields of a repeat were not those of the attempt before, in %s: %s", total, strings.Join(held.after, ", ")))}
	case open > 0:
		return []proposal{t.kept.lacking(t.exposed, fmt.Sprintf("header fields of a repeat were not those of the attempt before, in %d of %s, which may be another caller's", open, total),
			fmt.Sprintf("needs a call id in %s, or %d calls to the endpoint in which the field is the same", observe.CallHeader, leastAlike))}
	case t.kept.n+ignored.n == 0:
		return []proposal{t.kept.lacking(t.exposed, "no certain repeat", needs)}
	case t.kept.n == 0:
		return []proposal{ignored.finding(Pass, t.exposed, "every repeat carried the same header fields, but for "+words(ignored.after)+", which every call has anew")}
	}
	return []proposal{t.kept.finding(Pass, t.exposed, "every repeat carried the same header fields in "+count(t.kept.n, "call"))}
}

// sift sorts out the drifts: those that are held against the client, with what they were, how many calls are open, and those that are none.
func (t *headerTally) sift() (held outcome, open int, ignored outcome) {
	open = t.doubtful
	keys := make([]drift, 0, len(t.drifts))
	for key := range t.drifts {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b drift) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.endpoint, b.endpoint), cmp.Compare(fmt.Sprint(a.gone, a.named), fmt.Sprint(b.gone, b.named)))
	})
	for _, key := range keys {
		o := t.drifts[key]
		switch t.weigh(key) {
		case weightFull:
			held.absorb(o, key.text(o.n))
		case weightOpen:
			open += o.n
		case weightNone:
			ignored.absorb(o, key.name)
		}
	}
	return held, open, ignored
}

func (d *drift) text(n int) string {
	what := "differed"
	if d.gone {
		what = "was gone"
	}
	return fmt.Sprintf("%s %s in %d", d.name, what, n)
}

// absorb adds another outcome.
func (o *outcome) absorb(other *outcome, after string) {
	o.n += other.n
	o.weaken(other.grouping)
	for _, w := range other.calls {
		o.name(w)
	}
	for _, a := range other.attempts {
		o.cite(a)
	}
	if !slices.Contains(o.after, after) {
		o.after = append(o.after, after)
	}
}
