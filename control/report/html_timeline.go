package report

import (
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// timelineView is one call, drawn over time and as a table. Coordinates are in percent of the width.
type timelineView struct {
	Anchor, ID, Request, Grouped string
	Evidence                     []string
	// Summary is what a reader who sees no drawing gets instead.
	Summary string
	Bars    []timeBar
	Labels  []timeLabel
	// Waits are what answers asked for by Retry-After.
	Waits []timeBar
	Rows  []attemptRow
	Left  int
	Notes []string
}

type timeBar struct{ X, Width, Class, Title string }

// timeLabel stands over an attempt or under a gap.
type timeLabel struct {
	X, Anchor, Text string
	Below           bool
}

// attemptRow is an attempt in words.
type attemptRow struct{ Number, At, Wait, Status, Code, Class, Fault, RetryAfter, Took string }

func newTimelineView(anchor string, t *Timeline) timelineView {
	c := &t.Call
	v := timelineView{
		Anchor: anchor, ID: clip(c.ID, 80), Request: clip(c.Method+" "+c.Target, 200),
		Grouped: grouped(c.Grouping), Left: t.Attempts - len(c.Attempts),
	}
	for _, check := range t.Evidence {
		v.Evidence = append(v.Evidence, legible(check))
	}
	if c.Grouping == observe.GroupingAmbiguous {
		v.Notes = append(v.Notes, "grouping ambiguous")
	}
	if c.Polling {
		v.Notes = append(v.Notes, "the client asks for this whether it fails or not")
	}
	if c.Censored {
		v.Notes = append(v.Notes, "watching ended before it was clear that it was over")
	}
	v.draw(c)
	v.describe(c, t.Attempts)
	return v
}

// scale brings moments to places between the first arrival and the last answer.
type scale struct{ from, span time.Duration }

func newScale(c *observe.Call) scale {
	s := scale{from: c.Attempts[0].Received, span: 1}
	for _, a := range c.Attempts {
		s.span = max(s.span, a.Answered-s.from)
	}
	return s
}

// share is where a moment lies, from 0 to 1. The ends keep some room for what is drawn there.
func (s scale) share(at time.Duration) float64 {
	return 0.005 + 0.97*min(max(float64(at-s.from)/float64(s.span), 0), 1)
}

// stretch is the width of a bar: a share, and a few pixels for what is over at once, or it could not be seen.
func stretch(share float64) string {
	if share < 0.015 {
		return "6"
	}
	return per(share)
}

func (v *timelineView) draw(c *observe.Call) {
	s := newScale(c)
	var above, below labels
	for i, a := range c.Attempts {
		x, end := s.share(a.Received), s.share(a.Answered)
		v.Bars = append(v.Bars, timeBar{per(x), stretch(end - x), attemptClass(a), attemptTitle(a)})
		above.add(v, x, statusText(a))
		if i > 0 {
			before := c.Attempts[i-1]
			middle := (s.share(before.Answered) + x) / 2
			below.addBelow(v, middle, gapText(c, before, a))
		}
		if wait, ok := a.Wait(); ok && wait.Wait > 0 {
			from := s.share(a.Answered)
			v.Waits = append(v.Waits, timeBar{per(from), stretch(s.share(a.Answered+wait.Wait) - from), "asked", "Retry-After " + clip(a.RetryAfter, 40)})
		}
	}
}

// labels keeps texts from lying over each other, also where the page is narrow.
type labels struct{ end float64 }

// letter is the width of a character on a narrow page.
const letter = 0.023

func (l *labels) add(v *timelineView, x float64, text string) { l.place(v, x, text, false) }

func (l *labels) addBelow(v *timelineView, x float64, text string) { l.place(v, x, text, true) }

func (l *labels) place(v *timelineView, x float64, text string, below bool) {
	size := letter * float64(utf8.RuneCountInString(text))
	from, anchor := x, "start"
	switch {
	case below:
		from, anchor = x-size/2, "middle"
	case x+size > 1:
		from, anchor = x-size, "end"
	}
	if text == "" || from < l.end || from+size > 1.02 {
		return
	}
	l.end = from + size + letter
	v.Labels = append(v.Labels, timeLabel{per(x), anchor, text, below})
}

// attemptClass says how an attempt is drawn.
func attemptClass(a *observe.Attempt) string {
	switch {
	case a.Origin == observe.OriginOurs:
		return "ours"
	case a.Break != "" || a.End != observe.EndComplete:
		return "broken"
	case a.Failed():
		return "failed"
	case a.Class == groove.ClassSoftError || a.Spoiled():
		return "soft"
	default:
		return "success"
	}
}

// statusText is what came of an attempt in a word.
func statusText(a *observe.Attempt) string {
	switch {
	case a.Break != "":
		return clip(string(a.Break), 8)
	case a.Status == 0 && a.End == observe.EndClientLeft:
		return "left"
	case a.Status == 0:
		return "none"
	case a.Class == groove.ClassSoftError:
		return strconv.Itoa(a.Status) + "*"
	default:
		return strconv.Itoa(a.Status)
	}
}

func attemptTitle(a *observe.Attempt) string {
	words := fmt.Sprintf("attempt %d: %s", a.Sequence, statusText(a))
	if a.ErrorCode != "" {
		words += " " + clip(string(a.ErrorCode), 64)
	}
	if a.Fault != "" {
		words += ", fault " + clip(a.Fault, 64)
	}
	return words
}

// gapText is how long the caller waited.
func gapText(c *observe.Call, before, after *observe.Attempt) string {
	wait := after.Received - before.Answered
	switch {
	case slices.Contains(c.Transport, after.Sequence):
		return "transport"
	case slices.Contains(c.Hedges, after.Sequence):
		return "hedge"
	case wait < 0:
		return "overlap"
	default:
		return long(wait)
	}
}

// describe fills the table.
func (v *timelineView) describe(c *observe.Call, total int) {
	start, end := c.Attempts[0].Received, newScale(c)
	v.Summary = fmt.Sprintf("%s in %s", plural(total, "attempt"), long(end.span))
	for i, a := range c.Attempts {
		row := attemptRow{
			Number: strconv.FormatUint(a.Sequence, 10), At: long(a.Received - start), Took: long(a.Answered - a.Received),
			Status: statusText(a), Code: clip(string(a.ErrorCode), 64), Class: attemptClass(a), RetryAfter: clip(a.RetryAfter, 40),
		}
		if i > 0 {
			row.Wait = gapText(c, c.Attempts[i-1], a)
		}
		row.Fault = faultText(a)
		v.Rows = append(v.Rows, row)
	}
}

// faultText names what was done to an attempt, and who answered where no fault did.
func faultText(a *observe.Attempt) string {
	var words []string
	if a.Fault != "" {
		words = append(words, clip(a.Fault, 64))
	}
	for _, name := range a.DelayedBy {
		words = append(words, "delayed by "+clip(name, 64))
	}
	for _, name := range a.SpoiledBy {
		words = append(words, "spoiled by "+clip(name, 64))
	}
	if len(words) == 0 && a.Origin == observe.OriginOurs {
		words = append(words, "the proxy's own failure")
	}
	return list(words, briefly)
}
