package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// witness is a call as evidence: its id, its fingerprint, and whether the client named it.
type witness struct {
	id      string
	request uint64
	named   bool
}

func (c *call) witness() witness {
	return witness{id: c.ID, request: c.fingerprint(), named: c.explicit()}
}

// deed is two attempts of a call, kept as evidence when the call itself is gone.
type deed struct {
	witness
	grouping      observe.Grouping
	before, after uint64
}

func newDeed(c *call, g *observe.Gap) deed {
	return deed{witness: c.witness(), grouping: c.Grouping, before: g.Before.Sequence, after: g.After.Sequence}
}

// evidence collects what a finding rests on, at most MaxEvidence calls and attempts.
type evidence struct {
	calls    []witness
	attempts []uint64
	grouping observe.Grouping
	// varied reports that the calls are of as many different requests as a Fail takes.
	varied bool
}

// groupings lists the ways of grouping from weak to strong.
var groupings = []observe.Grouping{observe.GroupingAmbiguous, observe.GroupingInferred, observe.GroupingSingleFlight, observe.GroupingExplicit}

// add takes up a call, once however often it is added, and attempts of it.
func (e *evidence) add(c *call, attempts ...*observe.Attempt) {
	e.weaken(c.Grouping)
	if len(e.calls) < MaxEvidence || !e.varied {
		e.name(c.witness())
	}
	for _, a := range attempts {
		e.cite(a.Sequence)
	}
}

// vouchAll says of all calls that each is certainly one.
func (e *evidence) vouchAll() {
	for i := range e.calls {
		e.calls[i].named = true
	}
}

// take takes up a deed.
func (e *evidence) take(d deed) {
	e.weaken(d.grouping)
	e.name(d.witness)
	e.cite(d.before)
	e.cite(d.after)
}

func (e *evidence) weaken(grouping observe.Grouping) {
	if e.grouping == "" || slices.Index(groupings, grouping) < slices.Index(groupings, e.grouping) {
		e.grouping = grouping
	}
}

func (e *evidence) name(w witness) {
	switch {
	case slices.ContainsFunc(e.calls, func(known witness) bool { return known.id == w.id }):
	case len(e.calls) < MaxEvidence:
		e.calls = append(e.calls, w)
	case !e.varied:
		e.vary(w)
	}
}

// vary lets a call for another request take the place of one whose request has a second witness: a Fail takes different requests, and one that
// came often may have filled the list.
func (e *evidence) vary(w witness) {
	if slices.ContainsFunc(e.calls, func(known witness) bool { return known.request == w.request }) {
		return
	}
	for i := len(e.calls) - 1; i > 0; i-- {
		if slices.ContainsFunc(e.calls[:i], func(known witness) bool { return known.request == e.calls[i].request }) {
			e.calls[i] = w
			break
		}
	}
	saw, _ := requests(e.calls)
	e.varied = saw >= leastRequests
}

func (e *evidence) cite(attempt uint64) {
	if len(e.attempts) < MaxEvidence && !slices.Contains(e.attempts, attempt) {
		e.attempts = append(e.attempts, attempt)
	}
}

// proposal is a finding before it is known whether a Fail can stand on its witnesses.
type proposal struct {
	Finding

	witnesses []witness
}

// finding proposes a finding that rests on e.
func (e *evidence) finding(result Result, exposed int, summary string) proposal {
	var ids []string
	for _, w := range e.calls {
		ids = append(ids, w.id)
	}
	f := Finding{
		Result: result, Summary: summary, Exposed: exposed,
		Calls: ids, Attempts: e.attempts, Grouping: e.grouping,
	}
	return proposal{Finding: f, witnesses: e.calls}
}

// lacking proposes an inconclusive finding and says what it lacks.
func (e *evidence) lacking(exposed int, summary, missing string) proposal {
	f := e.finding(Inconclusive, exposed, summary)
	f.Missing = missing
	return f
}

// unexposed is the finding of a check for which nothing happened.
func unexposed(summary, missing string) []proposal {
	var none evidence
	return []proposal{none.lacking(0, summary, missing)}
}

// count writes a number with its noun: "1 call", "2 calls".
func count[N int | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// short writes a duration to the precision that matters here.
func short(d time.Duration) string {
	if d == 0 {
		return "0 s"
	}
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// span writes the range of at least one duration.
func span(list []time.Duration) string {
	low, high := short(slices.Min(list)), short(slices.Max(list))
	if low == high {
		return low
	}
	return low + " to " + high
}

// outcome is the calls that came out alike, and after what.
type outcome struct {
	evidence
	n     int
	after []string
}

// take counts a call.
func (o *outcome) take(c *call, after string, attempts ...*observe.Attempt) {
	o.n++
	o.note(c, after, attempts...)
}

// note adds to the outcome without counting another call.
func (o *outcome) note(c *call, after string, attempts ...*observe.Attempt) {
	if !slices.Contains(o.after, after) {
		o.after = append(o.after, after)
	}
	o.add(c, attempts...)
}

// words joins what happened into one phrase, in a fixed order.
func words(list []string) string {
	return strings.Join(slices.Sorted(slices.Values(list)), ", ")
}

// either joins words as a choice: "503, 502 or 429".
func either(list []string) string {
	last := len(list) - 1
	if last <= 0 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// statusWords writes statuses as words.
func statusWords(statuses []int) []string {
	words := make([]string, len(statuses))
	for i, status := range statuses {
		words[i] = strconv.Itoa(status)
	}
	return words
}
