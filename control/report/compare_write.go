package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// groupOfChanges is the changes of one kind under their heading.
type groupOfChanges struct {
	title   string
	result  verdict.Result
	changes []Change
}

// groups are the changes that there are, the worst first.
func (c *Comparison) groups() []groupOfChanges {
	var list []groupOfChanges
	for _, g := range []groupOfChanges{
		{"worse", verdict.Fail, c.Worse},
		{"not known any more", verdict.Inconclusive, c.Unclear},
		{"better", verdict.Pass, c.Better},
		{"new", verdict.Info, c.Added},
	} {
		if len(g.changes) > 0 {
			list = append(list, g)
		}
	}
	return list
}

// tally counts the changes: "2 worse, 1 better".
func (c *Comparison) tally() string {
	var parts []string
	for _, g := range c.groups() {
		parts = append(parts, fmt.Sprintf("%d %s", len(g.changes), g.title))
	}
	if len(parts) == 0 {
		return "nothing changed"
	}
	return strings.Join(parts, ", ")
}

// name says which finding it is.
func (c *Change) name() string {
	switch {
	case c.Case != "" && c.Check != "":
		return c.Case + ": " + c.Check
	case c.Case != "":
		return c.Case
	case c.Check == "":
		return "the report"
	}
	return title(verdict.Finding{Check: c.Check, Status: c.Status, Endpoints: c.Endpoints})
}

// who says whom it is about.
func (c *Change) who() string {
	switch {
	case c.Client != "":
		return clip(c.Client, clientLength)
	case c.Case != "":
		return "a case of the sweep"
	}
	return "all clients together"
}

// step says what it was and what it is: "pass → fail".
func step(old, now verdict.Result) string { return resultWord(old) + " → " + resultWord(now) }

func resultWord(r verdict.Result) string {
	if r == "" {
		return "none"
	}
	return string(known(r))
}

// CompareText writes c for people, what got worse first.
func CompareText(w io.Writer, c Comparison, o TextOptions) error {
	p := &page{width: o.Width, color: o.Color}
	if p.width == 0 {
		p.width = 80
	}
	p.width = max(p.width, 40)
	p.item(styles[known(c.Result)], strings.ToUpper(c.tally()), 0, "")
	p.item(plain, "the verdict", 14, step(c.Old, c.New))
	for _, g := range c.groups() {
		p.WriteString("\n")
		p.item(bold, g.title, 0, "")
		if g.result == verdict.Info {
			p.added(g.changes)
			continue
		}
		for i := range g.changes {
			p.change(&g.changes[i], g.result)
		}
	}
	p.aside(&c)
	_, err := io.WriteString(w, p.String())
	return err
}

func (p *page) change(c *Change, r verdict.Result) {
	lead := "  " + symbols[r] + " " + clean(c.name())
	p.item(styles[r], lead, min(max(cells(lead)+2, 4), p.width-leastWidth), step(c.Old, c.New)+", "+c.who())
	p.detail("seen", clean(c.Summary))
	p.detail("missing", clean(c.Missing))
	if r == verdict.Fail {
		p.detail("advice", clean(c.Advice))
	}
}

// added names what passes and is new, those of one client together.
func (p *page) added(changes []Change) {
	for i := 0; i < len(changes); {
		who := changes[i].who()
		var passed []string
		for ; i < len(changes) && changes[i].who() == who; i++ {
			passed = append(passed, clean(changes[i].name()))
		}
		p.item(plain, "  "+symbols[verdict.Pass], 4, who+": "+strings.Join(passed, ", "))
	}
}

// aside tells what weighs nothing.
func (p *page) aside(c *Comparison) {
	for _, one := range c.Clients {
		if one.Old == "" || one.New == "" || one.Before != "" {
			p.WriteString("\n")
			p.item(dim, "client", 10, clip(one.Client, clientLength)+": "+clientWords(&one))
		}
	}
	for _, l := range c.Laws {
		p.WriteString("\n")
		p.item(dim, "law", 10, clip(l.Client, clientLength)+": "+clean(l.Old)+" → "+clean(l.New))
	}
	if v := c.Coverage; v.changed() {
		p.WriteString("\n")
		p.item(dim, "coverage", 10, coverageWords(v))
	}
}

func clientWords(c *ClientChange) string {
	switch {
	case c.Before != "":
		return "was " + clip(c.Before, clientLength)
	case c.Old == "":
		return "was not seen before"
	default:
		return "was not seen this time"
	}
}

// changed reports that there is something to tell.
func (c *CoverageChange) changed() bool {
	return c != nil && (c.Old != c.New || len(c.Lost) > 0 || len(c.Gained) > 0)
}

// mostNamed bounds the errors that are named of coverage.
const mostNamed = 12

func coverageWords(c *CoverageChange) string {
	words := fmt.Sprintf("%s (%d of %d) → %s (%d of %d)", percent(c.Old.Share), c.Old.Covered, c.Old.Of, percent(c.New.Share), c.New.Covered, c.New.Of)
	if len(c.Lost) > 0 {
		words += "; not covered any more: " + list(allLegible(c.Lost), mostNamed)
	}
	if len(c.Gained) > 0 {
		words += "; newly covered: " + list(allLegible(c.Gained), mostNamed)
	}
	return words
}

// CompareMarkdown writes c in GitHub's Markdown.
func CompareMarkdown(w io.Writer, c Comparison) error {
	var m markdown
	m.line("## %s groovechaos: compared\n\n**%s**; the verdict: %s\n", emoji[known(c.Result)], c.tally(), step(c.Old, c.New))
	for _, g := range c.groups() {
		m.line("### %s\n", strings.ToUpper(g.title[:1])+g.title[1:])
		for i := range g.changes[:min(markdownFindings, len(g.changes))] {
			m.change(&g.changes[i], g.result)
		}
		m.more(len(g.changes)-markdownFindings, "findings")
		m.line("")
	}
	for i := range c.Laws[:min(markdownRows, len(c.Laws))] {
		l := &c.Laws[i]
		m.line("- law of %s: %s → %s", escapeMarkdown(l.Client), escapeMarkdown(l.Old), escapeMarkdown(l.New))
	}
	if c.Coverage.changed() {
		m.line("- coverage: %s", escapeMarkdown(coverageWords(c.Coverage)))
	}
	_, err := io.WriteString(w, strings.TrimRight(m.String(), "\n")+"\n")
	return err
}

func (m *markdown) change(c *Change, r verdict.Result) {
	m.line("- %s **%s** (%s): %s. %s", emoji[r], escapeMarkdown(c.name()), escapeMarkdown(c.who()), step(c.Old, c.New), escapeMarkdown(c.Summary))
	if r == verdict.Fail && c.Advice != "" {
		m.line("  <br>What to change: %s", escapeMarkdown(c.Advice))
	}
	if c.Missing != "" {
		m.line("  <br>Missing: %s", escapeMarkdown(c.Missing))
	}
}

// CompareJSON writes c as an indented document whose lists are never null.
func CompareJSON(w io.Writer, c Comparison) error { return encodeVisibly(w, c) }
