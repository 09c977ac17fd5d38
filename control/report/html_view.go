package report

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Bounds of a page.
const (
	// fullClients have all their findings on the page, listedClients a line in a table.
	fullClients, listedClients = mostClients, 500
	// listedFaults have a line each.
	listedFaults = 500
	// longestText bounds a text that came from the wire, in characters.
	longestText = 800
)

// pageView is the page as the template has it: words and figures as they are to be read.
type pageView struct {
	Title   string
	Mark    mark
	Tally   string
	Facts   []fact
	Reasons []string
	Notes   []string
	Clients []clientView
	// More are the clients for which the page has no room, MoreLeft how many of those have no line either.
	More     []clientRow
	MoreLeft int
	Together []findingView
	Rate     *rateView

	Expectations, Probes []assessmentView

	Coverage   *coverageView
	Sweep      *sweepView
	Faults     []faultView
	FaultsLeft int
}

// mark is a result as it is shown: in a symbol, a word and a colour.
type mark struct{ Symbol, Word, Class string }

func newMark(r verdict.Result) mark {
	r = known(r)
	return mark{Symbol: symbols[r], Word: string(r), Class: string(r)}
}

// fact is a figure with its name.
type fact struct{ Name, Value string }

type assessmentView struct {
	Mark          mark
	Name, Summary string
}

type faultView struct{ Name, Matched, Fired, Note string }

type clientRow struct {
	Mark                  mark
	Name, Calls, Attempts string
}

func newPageView(c *Content) *pageView {
	r := &c.Verdict
	v := &pageView{
		Title: cmp.Or(legible(c.Title), "Verdict"), Mark: newMark(r.Result), Tally: c.headline(),
		Reasons: allLegible(r.Reasons), Notes: allLegible(r.Notes), Facts: facts(c),
		Expectations: assessments(c.Expectations), Probes: assessments(c.Probes),
		Rate: newRateView(c), Coverage: newCoverageView(c.Coverage),
	}
	v.addClients(c)
	for _, f := range worstFirst(r.Findings) {
		v.Together = append(v.Together, newFindingView(&f, nil))
	}
	if c.Sweep != nil {
		v.Sweep = newSweepView(c.Sweep)
	}
	for _, use := range r.Faults[:min(listedFaults, len(r.Faults))] {
		v.Faults = append(v.Faults, newFaultView(use))
	}
	v.FaultsLeft = len(r.Faults) - len(v.Faults)
	return v
}

// addClients takes up the clients, the worst first.
func (v *pageView) addClients(c *Content) {
	traffic := map[string]*ClientTraffic{}
	if c.Traffic != nil {
		for i := range c.Traffic.Clients {
			traffic[c.Traffic.Clients[i].Client] = &c.Traffic.Clients[i]
		}
	}
	sorted := worstClients(c.Verdict.Clients)
	for i := range sorted {
		switch one := &sorted[i]; {
		case i < fullClients:
			v.Clients = append(v.Clients, newClientView(i+1, one, traffic[one.Client], roomOf(len(sorted))))
		case i < fullClients+listedClients:
			v.More = append(v.More, clientRow{newMark(one.Result), legible(one.Client), number(one.Calls), number(one.Attempts)})
		default:
			v.MoreLeft++
		}
	}
}

// facts are the figures at the top.
func facts(c *Content) []fact {
	var list []fact
	if t := c.Traffic; t != nil {
		list = append(list, fact{"calls", number(t.Calls)}, fact{"attempts", number(t.Attempts)})
		if !t.Begin.IsZero() {
			list = append(list, fact{"from", clock(t.Begin)}, fact{"for", long(t.End.Sub(t.Begin))})
		}
	}
	if s := c.Sweep; s != nil && s.Took > 0 {
		list = append(list, fact{"without faults", long(s.Peace)}, fact{"in all", long(s.Took)})
	}
	if m := c.Coverage; m != nil && m.Of > 0 {
		list = append(list, fact{"coverage", fmt.Sprintf("%s (%d of %d)", percent(m.Share), m.Covered, m.Of)})
	}
	return list
}

func newFaultView(use verdict.FaultUse) faultView {
	f := faultView{Name: legible(use.Name), Matched: number(use.Matched), Fired: number(use.Fired)}
	switch {
	case use.Matched == 0:
		f.Note = "never matched"
	case use.Fired == 0:
		f.Note = "never fired"
	}
	return f
}

func assessments(list []Assessment) []assessmentView {
	var views []assessmentView
	for _, a := range list {
		views = append(views, assessmentView{newMark(a.Result), legible(a.Name), legible(a.Summary)})
	}
	return views
}

// legible is what came from elsewhere, fit to be read. The template escapes it for where it stands.
func legible(from string) string { return clip(from, longestText) }

func allLegible(list []string) []string {
	var clean []string
	for _, one := range list {
		clean = append(clean, legible(one))
	}
	return clean
}

// number writes a count with thin spaces between thousands.
func number[N int | uint64](n N) string {
	digits := strconv.FormatUint(uint64(n), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	return digits
}

// clock writes a moment for people, in UTC.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// long writes a time to the precision that matters: "0.4 ms", "12 ms", "1.25 s", "3 min 20 s", "2 h 5 min".
func long(d time.Duration) string {
	switch {
	case d < 0:
		return "−" + long(-d)
	case d == 0:
		return "0 s"
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	case d < time.Second:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
}
