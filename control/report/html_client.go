package report

import (
	"fmt"
	"strconv"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// clientView is one client: its verdict, its findings and what was seen of it.
type clientView struct {
	// Anchor is its place on the page.
	Anchor          string
	Mark            mark
	Name            string
	Calls, Attempts string
	// Idle reports that it met nothing that a check is about.
	Idle bool
	Laws []lawView
	// Findings have lines of their own, worst first; Passed, Slight and Unmet are named together.
	Findings                []findingView
	Passed                  []findingView
	Slight, Unmet           string
	SlightCount, UnmetCount int
	Parts                   []partView
	Plots                   []plotView
	Tries                   []barView
	// Timelines are shown at once, MoreTimelines when they are asked for.
	Timelines, MoreTimelines []timelineView
	// Spoken reports that something speaks against the client, so that its calls are shown at once.
	Spoken bool
	// Left says which calls have no timeline.
	Left string
}

type lawView struct{ Label, Sentence string }

// findingView is one finding.
type findingView struct {
	Mark                           mark
	Title, Summary                 string
	Missing, Advice, Norm, Grouped string
	// Calls are those it rests on, those that the page shows with their place.
	Calls     []link
	CallsMore bool
	Attempts  string
	LookedAt  string
}

// link is a word that leads to a place on the page, or nowhere.
type link struct{ Text, Anchor string }

// partView is the verdict on one endpoint or status.
type partView struct {
	Mark                  mark
	Name, Calls, Attempts string
	Against               string
}

// firstTimelines are shown without being asked for.
const firstTimelines = 4

// room is what may be drawn of a client: attempts in timelines, and dots in plots.
type room struct{ attempts, dots int }

// roomOf is the share of one client of so many.
func roomOf(clients int) room {
	const attempts, dots = 2000, 6000
	clients = min(max(clients, 1), fullClients)
	return room{attempts / clients, dots / clients}
}

// newClientView writes the verdict on a client.
func newClientView(index int, v *verdict.Verdict, t *ClientTraffic, r room) clientView {
	c := clientView{
		Anchor: "client-" + strconv.Itoa(index), Mark: newMark(v.Result), Name: legible(v.Client),
		Calls: number(v.Calls), Attempts: number(v.Attempts), Idle: untouched(*v),
		Spoken: known(v.Result) == verdict.Fail,
	}
	for i := range v.Laws {
		c.Laws = append(c.Laws, newLawView(&v.Laws[i]))
		if len(c.Plots) == mostPlots {
			continue
		}
		if plot, ok := newPlotView(&v.Laws[i], r.dots/mostPlots); ok {
			c.Plots = append(c.Plots, plot)
		}
	}
	anchors := map[string]string{}
	if t != nil {
		c.addTraffic(t, anchors, r.attempts)
	}
	p := part(v.Findings, false)
	for i := range p.shown {
		c.Findings = append(c.Findings, newFindingView(&p.shown[i], anchors))
	}
	for i := range p.passed {
		c.Passed = append(c.Passed, newFindingView(&p.passed[i], nil))
	}
	c.Slight, c.SlightCount = names(p.slight), len(p.slight)
	c.Unmet, c.UnmetCount = names(p.unmet), len(p.unmet)
	c.Parts = append(partViews(v.Endpoints), partViews(v.Statuses)...)
	return c
}

// addTraffic takes up what was seen of the client, and notes where calls are shown.
func (c *clientView) addTraffic(t *ClientTraffic, anchors map[string]string, room int) {
	c.Tries = tryBars(t.Tries)
	for i := range t.Timelines {
		room -= len(t.Timelines[i].Call.Attempts)
		if i > 0 && room < 0 {
			break
		}
		anchor := fmt.Sprintf("%s-call-%d", c.Anchor, i+1)
		anchors[t.Timelines[i].Call.ID] = anchor
		view := newTimelineView(anchor, &t.Timelines[i])
		if i < firstTimelines {
			c.Timelines = append(c.Timelines, view)
		} else {
			c.MoreTimelines = append(c.MoreTimelines, view)
		}
	}
	if left := t.Calls - len(anchors); left > 0 {
		c.Left = fmt.Sprintf("%s of %s are not shown: examples are calls that findings rest on, and some that met trouble.", number(left), plural(t.Calls, "call"))
	}
}

func newLawView(l *verdict.Law) lawView {
	label := "retries"
	if l.Status != 0 {
		label = "after " + strconv.Itoa(l.Status)
	}
	return lawView{label, legible(l.Sentence)}
}

// mostCalls bounds the calls and runs of attempts that a finding names on the page.
const mostCalls = 10

// newFindingView writes a finding; anchors say where calls are shown.
func newFindingView(f *verdict.Finding, anchors map[string]string) findingView {
	v := findingView{
		Mark: newMark(f.Result), Title: title(*f), Summary: legible(f.Summary),
		Missing: legible(f.Missing), Advice: legible(f.Advice), Norm: legible(f.Norm),
	}
	if f.Exposed > 0 {
		v.LookedAt = plural(f.Exposed, "call") + " looked at"
	}
	if f.Grouping != "" {
		v.Grouped = grouped(f.Grouping)
	}
	for _, id := range f.Calls[:min(mostCalls, len(f.Calls))] {
		v.Calls = append(v.Calls, link{clip(id, 80), anchors[id]})
	}
	v.CallsMore = len(f.Calls) > mostCalls
	v.Attempts = list(ranges(f.Attempts), mostCalls)
	return v
}

func partViews(parts []verdict.Part) []partView {
	var views []partView
	for i := range parts {
		p := &parts[i]
		name := legible(p.Endpoint)
		if p.Status != 0 {
			name = "after " + strconv.Itoa(p.Status)
		} else if name == "" {
			name = "elsewhere"
		}
		var against []verdict.Finding
		for _, f := range worstFirst(p.Findings) {
			if f.Result == verdict.Fail || f.Result == verdict.Warn {
				against = append(against, f)
			}
		}
		views = append(views, partView{newMark(p.Result), name, number(p.Calls), number(p.Attempts), names(against)})
	}
	return views
}

// barView is a row of a bar chart.
type barView struct {
	Label, Count string
	// Width is in percent of the chart.
	Width string
}

// tryBars says how many calls made how many attempts.
func tryBars(tries []int) []barView {
	most, last := 0, -1
	for i, n := range tries {
		most = max(most, n)
		if n > 0 {
			last = i
		}
	}
	var bars []barView
	for i, n := range tries[:last+1] {
		label := plural(i+1, "attempt")
		if i == len(tries)-1 {
			label = fmt.Sprintf("%d or more", i+1)
		}
		bars = append(bars, barView{label, number(n), per(float64(n) / float64(most))})
	}
	return bars
}

// per writes a part of a whole, from 0 to 1, as percent for a coordinate.
func per(share float64) string {
	return strconv.FormatFloat(100*min(max(share, 0), 1), 'f', 1, 64) + "%"
}
