package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Bounds of the Markdown form: a summary is read in a pull request, where a megabyte is refused.
const (
	markdownClients  = 50
	markdownFindings = 100
	markdownRows     = 100
)

// Markdown writes c in GitHub's Markdown, for the summary of a pull request or of a CI job: the verdict first, then a table of clients
// and what to change. What came from the wire is escaped, so that it stays the text it was.
func Markdown(w io.Writer, c Content) error {
	var m markdown
	m.verdict(&c)
	m.clients(c.Verdict.Clients)
	m.findings(&c.Verdict)
	m.assessments("Expectations", c.Expectations)
	m.assessments("Probes", c.Probes)
	if c.Sweep != nil {
		m.sweep(c.Sweep)
	}
	if c.Coverage != nil {
		m.coverage(c.Coverage)
	}
	_, err := io.WriteString(w, strings.TrimRight(m.String(), "\n")+"\n")
	return err
}

// markdown is a document under way.
type markdown struct{ strings.Builder }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

// emoji are the results where a font has no say.
var emoji = map[verdict.Result]string{
	verdict.Fail: "❌", verdict.Inconclusive: "❔", verdict.Warn: "⚠️", verdict.Info: "ℹ️", verdict.Pass: "✅",
}

func badge(r verdict.Result) string { return emoji[known(r)] + " " + string(known(r)) }

func (m *markdown) verdict(c *Content) {
	title := "groovechaos"
	if c.Title != "" {
		title += ": " + escapeMarkdown(c.Title)
	}
	m.line("## %s %s\n", emoji[known(c.Verdict.Result)], title)
	sentence := "**" + string(known(c.Verdict.Result)) + "**, " + c.headline()
	if c.Traffic != nil {
		sentence += fmt.Sprintf("; %s in %s", plural(c.Traffic.Attempts, "attempt"), plural(c.Traffic.Calls, "call"))
	}
	m.line("%s\n", sentence)
	for _, reason := range c.Verdict.Reasons[:min(markdownRows, len(c.Verdict.Reasons))] {
		m.line("- %s", escapeMarkdown(reason))
	}
	m.line("")
}

func (m *markdown) clients(clients []verdict.Verdict) {
	if len(clients) == 0 {
		return
	}
	m.line("| client | result | calls | attempts | law |\n|---|---|--:|--:|---|")
	sorted := worstClients(clients)
	for _, v := range sorted[:min(markdownClients, len(sorted))] {
		law := ""
		if len(v.Laws) > 0 {
			law = escapeMarkdown(v.Laws[0].Sentence)
		}
		m.line("| %s | %s | %d | %d | %s |", escapeMarkdown(v.Client), badge(v.Result), v.Calls, v.Attempts, law)
	}
	m.more(len(sorted)-markdownClients, "clients")
	m.line("")
}

// more says how many there was no room for.
func (m *markdown) more(left int, what string) {
	if left > 0 {
		m.line("\nAnd %d more %s.", left, what)
	}
}

// findings lists what speaks against clients or could not be decided, the worst first over all of them.
func (m *markdown) findings(r *verdict.Report) {
	type against struct {
		client string
		verdict.Finding
	}
	var list []against
	for _, v := range worstClients(r.Clients) {
		for _, f := range v.Findings {
			list = append(list, against{v.Client, f})
		}
	}
	for _, f := range r.Findings {
		list = append(list, against{"all clients together", f})
	}
	list = slices.DeleteFunc(list, func(a against) bool { return !tellsInShort(&a.Finding) })
	slices.SortStableFunc(list, func(a, b against) int {
		return slices.Index(badToGood, known(a.Result)) - slices.Index(badToGood, known(b.Result))
	})
	for _, a := range list[:min(markdownFindings, len(list))] {
		m.line("- %s **%s** (%s): %s", emoji[known(a.Result)], escapeMarkdown(title(a.Finding)), escapeMarkdown(a.client), escapeMarkdown(a.Summary))
		if a.Advice != "" {
			m.line("  <br>What to change: %s", escapeMarkdown(a.Advice))
		}
		if a.Missing != "" {
			m.line("  <br>Missing: %s", escapeMarkdown(a.Missing))
		}
	}
	m.more(len(list)-markdownFindings, "findings")
	m.line("")
}

// tellsInShort reports a finding that stands in a summary: one against the client, or one that keeps its verdict open.
func tellsInShort(f *verdict.Finding) bool {
	switch known(f.Result) {
	case verdict.Fail, verdict.Warn:
		return true
	case verdict.Inconclusive:
		return f.Exposed > 0 && !verdict.Mild(f.Check)
	case verdict.Pass, verdict.Info:
	}
	return false
}

func (m *markdown) assessments(heading string, list []Assessment) {
	if len(list) == 0 {
		return
	}
	m.line("### %s\n", heading)
	for _, a := range list[:min(markdownRows, len(list))] {
		m.line("- %s **%s** %s", emoji[known(a.Result)], escapeMarkdown(a.Name), escapeMarkdown(a.Summary))
	}
	m.more(len(list)-markdownRows, "lines")
	m.line("")
}

func (m *markdown) coverage(c *coverage.Matrix) {
	if c.Of == 0 {
		return
	}
	m.line("### Coverage: %s (%d of %d)\n", percent(c.Share), c.Covered, c.Of)
	head, rule := "| endpoint | attempts |", "|---|--:|"
	for _, kind := range coverage.Kinds() {
		head += " " + strings.ToLower(kindTitles[kind]) + " |"
		rule += "--:|"
	}
	m.line("%s\n%s", head, rule)
	for i := range c.Endpoints {
		e := &c.Endpoints[i]
		fmt.Fprintf(m, "| %s | %d |", escapeMarkdown(e.Endpoint), e.Attempts)
		for _, kind := range coverage.Kinds() {
			fmt.Fprintf(m, " %s |", met(e.Errors, kind))
		}
		m.line("")
	}
	m.line("\n%s\n", escapeMarkdown(c.Basis))
}

// met says how many errors of a kind were met: "3 of 8".
func met(cells []coverage.Cell, kind coverage.Kind) string {
	covered, of := 0, 0
	for i := range cells {
		if cells[i].Kind == kind {
			of++
			if cells[i].Attempts > 0 {
				covered++
			}
		}
	}
	return fmt.Sprintf("%d of %d", covered, of)
}

func (m *markdown) sweep(s *Sweep) {
	grid := newSweepGrid(s)
	head, rule := "| fault |", "|---|"
	for _, column := range grid.Columns {
		head += " " + escapeMarkdown(column) + " |"
		rule += "---|"
	}
	m.line("### Sweep\n\n%s\n%s", head, rule)
	for _, row := range grid.Rows[:min(markdownRows, len(grid.Rows))] {
		fmt.Fprintf(m, "| %s |", escapeMarkdown(row.Name))
		for _, place := range row.Places {
			for _, mark := range place {
				m.WriteString(" " + cmp.Or(sweepEmoji(mark), "–"))
			}
			m.WriteString(" |")
		}
		m.line("")
	}
	m.more(len(grid.Rows)-markdownRows+grid.Left, "faults")
	m.line("\n%s\n", markdownLegend(s, grid))
	m.sweepFindings(s.found())
	for _, note := range s.Notes[:min(markdownRows, len(s.Notes))] {
		m.line("- %s", escapeMarkdown(note))
	}
	m.line("")
}

// sweepEmoji is a mark where a font has no say.
func sweepEmoji(m sweepMark) string {
	if e, ok := emoji[verdict.Result(m.Class)]; ok && m.Word == m.Class {
		return e
	}
	return escapeMarkdown(m.Symbol)
}

// markdownLegend explains the marks.
func markdownLegend(s *Sweep, g *sweepGrid) string {
	var parts []string
	for _, words := range g.Order() {
		parts = append(parts, escapeMarkdown(words))
	}
	for _, one := range s.legend() {
		parts = append(parts, sweepEmoji(sweepMark{mark: one})+" "+one.Word)
	}
	return strings.Join(parts, "; ")
}

func (m *markdown) sweepFindings(list []sweepFinding) {
	for _, f := range list[:min(markdownFindings, len(list))] {
		m.line("- %s **%s** %s", emoji[f.Result], escapeMarkdown(f.title()), escapeMarkdown(f.Summary))
		m.line("  <br>%s", escapeMarkdown(f.where(mostPlaces)))
	}
	m.more(len(list)-markdownFindings, "findings")
	m.line("")
}

// markdownSigns are the characters that mean something within a line of Markdown, or in a table of it.
const markdownSigns = "\\`*_[]|~"

// escapeMarkdown makes a text that came from elsewhere say what it says: no markup, no HTML, no link, nobody called by name.
func escapeMarkdown(from string) string {
	var b strings.Builder
	characters := []rune(legible(from))
	for i, c := range characters {
		switch {
		case strings.ContainsRune("<>&@$", c) || beginsLink(characters, i) || namesIssue(characters, i):
			// An entity is text where the sign would begin an element, a mention, a formula, an emoji or an address.
			fmt.Fprintf(&b, "&#%d;", c)
		case strings.ContainsRune(markdownSigns, c) || i == 0 && strings.ContainsRune("#+-=", c) || leadsList(characters, i):
			b.WriteByte('\\')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// beginsLink reports a colon with something behind it, and the full stop of "www.".
func beginsLink(characters []rune, at int) bool {
	switch characters[at] {
	case ':':
		return following(characters, at) != ' '
	case '.':
		return at > 2 && strings.EqualFold(string(characters[at-3:at]), "www")
	default:
		return false
	}
}

// namesIssue reports the sign before a number by which GitHub finds an issue: "#12", "GH-12".
func namesIssue(characters []rune, at int) bool {
	if next := following(characters, at); next < '0' || next > '9' {
		return false
	}
	return characters[at] == '#' || characters[at] == '-' && at > 1 && strings.EqualFold(string(characters[at-2:at]), "gh")
}

// leadsList reports the sign behind a number that would make a line the item of a list.
func leadsList(characters []rune, at int) bool {
	if at == 0 || at > 9 || characters[at] != '.' && characters[at] != ')' {
		return false
	}
	return !slices.ContainsFunc(characters[:at], func(c rune) bool { return c < '0' || c > '9' })
}

// following is the character behind one, a space at the end.
func following(characters []rune, at int) rune {
	if at+1 < len(characters) {
		return characters[at+1]
	}
	return ' '
}
