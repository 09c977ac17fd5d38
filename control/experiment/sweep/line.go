package sweep

import (
	"sort"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// prompt is the wait under which a repeat with nothing in between is likely the work of one hand, pause the least that is a wait on
	// purpose: what package verdict has for calls without a name.
	prompt, pause = 250 * time.Millisecond, 20 * time.Millisecond
	// leastRising is how many waits must rise: of two, nearly every second pair does.
	leastRising = 3
	// climb is by how much each of the first waits of a back-off exceeds the one before, fall how far a later one may lie under it.
	climb, fall = 1.2, 0.8
	// stubborn is how many prompt repeats of one request are no test runner's, and no more than its tests: it must also be so many
	// times all that the workload sends in peace.
	stubborn, beyond = 10, 2
)

// line is what a run sends of one request, in order.
type line struct {
	all []*observe.Attempt
	// first counts those up to the first success.
	first int
}

// linesOf sorts the attempts of a run by what they ask for.
func linesOf(r *Ran) map[string]*line {
	lines := map[string]*line{}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		l := lines[requestKey(a)]
		if l == nil {
			l = &line{}
			lines[requestKey(a)] = l
		}
		if len(l.all) == l.first && (l.first == 0 || !l.all[l.first-1].Succeeded()) {
			l.first++
		}
		l.all = append(l.all, a)
	}
	return lines
}

// gap is the wait before the attempt at a place, the second at least. It is negative if the one before was still under way.
func (l *line) gap(at int) time.Duration { return l.all[at].Received - l.all[at-1].Answered }

// rises reports that the waits are those of a back-off: nothing else makes them.
func (l *line) rises() bool {
	if l.first <= leastRising {
		return false
	}
	for i := 1; i < l.first; i++ {
		ratio := climb
		if i > leastRising {
			ratio = fall
		}
		if l.gap(i) < pause || i > 1 && float64(l.gap(i)) < ratio*float64(l.gap(i-1)) {
			return false
		}
	}
	return true
}

// direct reports that each send came promptly, and that nothing else began and ended meanwhile but a request for a token.
func (l *line) direct(r *Ran) bool {
	for i := 1; i < l.first; i++ {
		if gap := l.gap(i); gap < 0 || gap > prompt || busy(r, l.all[i-1], l.all[i]) {
			return false
		}
	}
	return true
}

// busy reports that another attempt but one for a token began and ended between two. It looks at those alone that began between them.
func busy(r *Ran, before, after *observe.Attempt) bool {
	first := sort.Search(len(r.Attempts), func(i int) bool { return r.Attempts[i].Received >= before.Answered })
	for i := first; i < len(r.Attempts) && r.Attempts[i].Received <= after.Received; i++ {
		a := &r.Attempts[i]
		if a.Answered <= after.Received && a != before && a != after && a.Endpoint != groove.Token {
			return true
		}
	}
	return false
}

// missing counts what the workload sends in peace and did not send in a run.
func (h *Habits) missing(r *Ran) int {
	seen, calls := countOf(r)
	requests, others := 0, max(0, h.Outside-calls[""])
	for key, usual := range h.Requests {
		requests += max(0, usual.Count-seen[key].Count)
	}
	for endpoint, usual := range h.Calls {
		others += max(0, usual-calls[endpoint])
	}
	return max(requests, others)
}

// strays reports that the sends of a request beyond the habit may be those of several operations, each of which fetches for itself
// what is kept only when it succeeds, and stops there: as much of the rest is missing. A back-off is one operation's.
func (h *Habits) strays(l *line, seen Habit, missing int) bool {
	extra := seen.Count - h.Requests[requestKey(l.all[0])].Count
	return extra > 0 && missing >= extra && !l.rises()
}

// strangers says when the last request came that peace does not know, by its method and path.
type strangers map[string]time.Duration

func (h *Habits) strangers(r *Ran) strangers {
	last := strangers{}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		if _, known := h.Requests[requestKey(a)]; !known {
			last[pathOf(a)] = max(last[pathOf(a)], a.Received)
		}
	}
	return last
}

// varied reports that a request that came once may have come again in another shape: after it there is one with the same method and
// path that peace does not know.
func (s strangers) varied(l *line) bool {
	return len(l.all) == 1 && s[pathOf(l.all[0])] > l.all[0].Received
}

// pathOf is the method and the path of an attempt.
func pathOf(a *observe.Attempt) string {
	path, _, _ := strings.Cut(a.Target, "?")
	return a.Method + " " + path
}

// bond says how certain it is that the attempts of a request are one call.
type bond int

const (
	// bondNone is for nothing known, bondLikely for attempts that a test that is run again at once makes as well, bondSure for one
	// attempt, or for such as only one call makes.
	bondNone bond = iota
	bondLikely
	bondSure
)

// bonds weighs each request of a run that is sent once in peace. The fault may be "" for none.
func (h *Habits) bonds(r *Ran, fault string) map[string]bond {
	bonds := map[string]bond{}
	missing, foreign := h.missing(r), h.strangers(r)
	for key, l := range linesOf(r) {
		if h.Requests[key].Count == 1 {
			if bonds[key] = h.bond(r, l, missing); strikes(l.all[0], fault) && foreign.varied(l) {
				bonds[key] = bondNone
			}
		}
	}
	return bonds
}

func (h *Habits) bond(r *Ran, l *line, missing int) bond {
	again := l.first - 1
	switch {
	case again == 0 || l.rises():
		return bondSure
	case missing >= again || !l.direct(r):
		return bondNone
	case again > stubborn && again > beyond*h.sent():
		return bondSure
	default:
		return bondLikely
	}
}

// sent counts what the workload sends in peace.
func (h *Habits) sent() int {
	n := h.Outside
	for _, calls := range h.Calls {
		n += calls
	}
	return n
}
