package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// TextOptions steers Text. The zero value writes 80 columns without colours.
type TextOptions struct {
	// Color paints with ANSI sequences. Whether the reader's terminal wants
	// them is for the caller to find out.
	Color bool
	// Width is the number of columns to wrap at; 0 stands for 80, and less than
	// 40 for 40. The table of faults does not wrap.
	Width int
	// Verbose gives every finding its own line and its evidence, those that
	// pass too.
	Verbose bool
}

// clientLength bounds the name of a client, in characters: a user agent can be a
// page long.
const clientLength = 120

// Text writes r for people, worst findings first.
func Text(w io.Writer, r verdict.Report, o TextOptions) error {
	p := newPage(o)
	p.overall(r)
	for _, client := range r.Clients {
		p.WriteString("\n")
		p.client(client, o.Verbose)
	}
	if len(r.Findings) > 0 {
		p.WriteString("\n")
		p.item(bold, "all clients together", 4, "")
		p.findings(r.Findings, o.Verbose)
	}
	if len(r.Faults) > 0 {
		p.WriteString("\n")
		p.faults(r.Faults)
	}
	if len(r.Notes) > 0 {
		p.WriteString("\n")
		for _, note := range r.Notes {
			p.item(dim, "note:", 6, clean(note))
		}
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// resultColumn is where text begins beside the word of a result.
const resultColumn = len("INCONCLUSIVE") + 2

func (p *page) overall(r verdict.Report) {
	p.result(r.Result, tally(r.Clients))
	for _, reason := range r.Reasons {
		p.item(plain, "  -", 4, clean(reason))
	}
}

func (p *page) result(r verdict.Result, text string) {
	r = known(r)
	p.item(styles[r], strings.ToUpper(string(r)), resultColumn, text)
}

func (p *page) client(v verdict.Verdict, verbose bool) {
	p.result(v.Result, clip(v.Client, clientLength)+": "+plural(v.Calls, "call")+", "+plural(v.Attempts, "attempt"))
	for _, l := range v.Laws {
		label := "retries:"
		if l.Status != 0 {
			label = fmt.Sprintf("after %d:", l.Status)
		}
		p.item(plain, "  "+label, 3+len(label), clean(l.Sentence))
	}
	p.findings(v.Findings, verbose)
}

func (p *page) findings(findings []verdict.Finding, verbose bool) {
	parts := part(findings, verbose)
	column := p.findingColumn(parts.shown)
	for _, f := range parts.shown {
		p.finding(f, column, verbose)
	}
	p.together(styles[verdict.Pass], verdict.Pass, "%d passed: %s", parts.passed)
	p.together(dim, verdict.Inconclusive, "%d that too little was seen for, and that weigh nothing: %s", parts.slight)
	if len(parts.unmet) == len(findings) {
		p.item(dim, "  nothing happened that a check is about", 4, "")
		return
	}
	p.together(dim, verdict.Inconclusive, "%d that nothing happened for: %s", parts.unmet)
}

// together names findings in one item, if there are any.
func (p *page) together(s style, r verdict.Result, format string, findings []verdict.Finding) {
	if len(findings) > 0 {
		p.item(s, "  "+symbols[r], 4, fmt.Sprintf(format, len(findings), names(findings)))
	}
}

// parts are findings that have lines of their own, worst first, and those that are named together: what was passed, what only a
// warning could have come of and too little was seen for, and what nothing happened for.
type parts struct{ shown, passed, slight, unmet []verdict.Finding }

// part sorts findings; with verbose all have lines of their own.
func part(findings []verdict.Finding, verbose bool) parts {
	var p parts
	for _, f := range worstFirst(findings) {
		switch {
		case verbose:
			p.shown = append(p.shown, f)
		case f.Result == verdict.Pass:
			p.passed = append(p.passed, f)
		case idle(f):
			p.unmet = append(p.unmet, f)
		case known(f.Result) == verdict.Inconclusive && verdict.Mild(f.Check):
			p.slight = append(p.slight, f)
		default:
			p.shown = append(p.shown, f)
		}
	}
	return p
}

var symbols = map[verdict.Result]string{
	verdict.Fail: "✗", verdict.Inconclusive: "?", verdict.Warn: "!", verdict.Info: "i", verdict.Pass: "✓",
}

var styles = map[verdict.Result]style{
	verdict.Fail: red, verdict.Inconclusive: yellow, verdict.Warn: yellow, verdict.Info: cyan, verdict.Pass: green,
}

// findingColumn is where the sentences of a client's findings begin.
func (p *page) findingColumn(findings []verdict.Finding) int {
	longest := 0
	for _, f := range findings {
		longest = max(longest, cells(title(f)))
	}
	return min(4+longest+2, 36, p.width-leastWidth)
}

// title names a finding: "backs-off 503", "backs-off on search, lookup".
func title(f verdict.Finding) string {
	name := clean(f.Check)
	if f.Status != 0 {
		name += " " + strconv.Itoa(f.Status)
	}
	if len(f.Endpoints) > 0 {
		name += " on " + clean(strings.Join(f.Endpoints, ", "))
	}
	return name
}

func (p *page) finding(f verdict.Finding, column int, verbose bool) {
	result := known(f.Result)
	p.item(styles[result], "  "+symbols[result]+" "+title(f), column, clean(f.Summary))
	if !verbose && result == verdict.Info {
		return
	}
	p.detail("missing", clean(f.Missing))
	most := briefly
	if verbose {
		most = entirely
	}
	if verbose || result == verdict.Fail {
		p.detail("seen", evidence(f, most))
		p.detail("norm", clean(f.Norm))
	}
	p.detail("advice", clean(f.Advice))
}

// detail writes one line under a finding, or nothing for nothing.
func (p *page) detail(label, text string) {
	if text != "" {
		p.item(dim, "      "+label, 15, text)
	}
}

// names lists findings, those of one check together: "body-kept 429 503, grows".
func names(findings []verdict.Finding) string {
	var list []string
	last := ""
	for _, f := range findings {
		if f.Check == last && f.Status != 0 && len(f.Endpoints) == 0 {
			list[len(list)-1] += " " + strconv.Itoa(f.Status)
			continue
		}
		list = append(list, title(f))
		if last = f.Check; len(f.Endpoints) > 0 {
			last = ""
		}
	}
	return strings.Join(list, ", ")
}

// faults writes the table of faults, in which one that never fired stands out.
func (p *page) faults(uses []verdict.FaultUse) {
	column := cells("fault")
	for _, use := range uses {
		column = max(column, cells(faultName(use)))
	}
	row := func(s style, name, matched, fired, note string) {
		pad := strings.Repeat(" ", column-cells(name))
		p.WriteString(p.paint(s, strings.TrimRight(fmt.Sprintf("%s%s  %9s %9s  %s", name, pad, matched, fired, note), " ")) + "\n")
	}
	row(bold, "fault", "matched", "fired", "")
	for _, use := range uses {
		s, note := plain, ""
		switch {
		case use.Matched == 0:
			s, note = yellow, "never matched"
		case use.Fired == 0:
			s, note = yellow, "never fired"
		}
		row(s, faultName(use), strconv.FormatUint(use.Matched, 10), strconv.FormatUint(use.Fired, 10), note)
	}
}

func faultName(use verdict.FaultUse) string { return clip(use.Name, 63) }
