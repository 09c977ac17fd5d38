package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// evidence collects what a finding rests on.
type evidence struct {
	calls    []string
	attempts []uint64
	grouping observe.Grouping
}

// groupings lists the ways of grouping from weak to strong.
var groupings = []observe.Grouping{observe.GroupingAmbiguous, observe.GroupingInferred, observe.GroupingSingleFlight, observe.GroupingExplicit}

// add takes up a call, once however often it is added, and attempts of it.
func (e *evidence) add(c *call, attempts ...*observe.Attempt) {
	if e.grouping == "" || slices.Index(groupings, c.Grouping) < slices.Index(groupings, e.grouping) {
		e.grouping = c.Grouping
	}
	if len(e.calls) < MaxEvidence && !slices.Contains(e.calls, c.ID) {
		e.calls = append(e.calls, c.ID)
	}
	for _, a := range attempts {
		if len(e.attempts) < MaxEvidence && !slices.Contains(e.attempts, a.Sequence) {
			e.attempts = append(e.attempts, a.Sequence)
		}
	}
}

// finding makes a finding that rests on e.
func (e *evidence) finding(result Result, exposed int, summary string) Finding {
	return Finding{
		Result: result, Summary: summary, Exposed: exposed,
		Calls: e.calls, Attempts: e.attempts, Grouping: e.grouping,
	}
}

// lacking makes an inconclusive finding and says what it lacks.
func (e *evidence) lacking(exposed int, summary, missing string) Finding {
	f := e.finding(Inconclusive, exposed, summary)
	f.Missing = missing
	return f
}

// unexposed is the finding of a check for which nothing happened.
func unexposed(summary, missing string) []Finding {
	var none evidence
	return []Finding{none.lacking(0, summary, missing)}
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
