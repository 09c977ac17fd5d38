package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// JSON writes r as an indented document, the form that is kept stable: its
// version member changes when a member changes its meaning or goes. Lists are
// never null. The document decodes into a verdict.Report. Schema describes it.
func JSON(w io.Writer, r verdict.Report) error { return Document(w, Content{Verdict: r}) }

// document is a report with what is known beside the verdict.
type document struct {
	verdict.Report

	Coverage *coverage.Matrix `json:"coverage,omitempty"`
	Sweep    *Sweep           `json:"sweep,omitempty"`
}

// Document writes c as JSON does, with its coverage and its sweep if they are known.
func Document(w io.Writer, c Content) error {
	return encodeVisibly(w, document{whole(c.Verdict), c.Coverage, wholeSweep(c.Sweep)})
}

// wholeSweep returns a copy of s with states and results that are known, nil for nil.
func wholeSweep(s *Sweep) *Sweep {
	if s == nil {
		return nil
	}
	whole := *s
	whole.Cells = append([]SweepCell{}, s.Cells...)
	for i := range whole.Cells {
		whole.Cells[i].State, whole.Cells[i].Result = whole.Cells[i].State.known(), known(whole.Cells[i].Result)
	}
	return &whole
}

// encodeVisibly writes value as an indented document in which everything can be seen.
func encodeVisibly(w io.Writer, value any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write report as JSON: %w", err)
	}
	_, err := io.WriteString(w, visible(b.String()))
	return err
}

// whole returns a copy of r with empty lists for absent ones and results that are
// known.
func whole(r verdict.Report) verdict.Report {
	r.Result = known(r.Result)
	clients := make([]verdict.Verdict, len(r.Clients))
	for i, client := range r.Clients {
		client.Result = known(client.Result)
		client.Findings = knownFindings(client.Findings)
		clients[i] = client
	}
	r.Clients = clients
	r.Findings = knownFindings(r.Findings)
	return r
}

func knownFindings(findings []verdict.Finding) []verdict.Finding {
	list := append([]verdict.Finding{}, findings...)
	for i := range list {
		list[i].Result = known(list[i].Result)
	}
	return list
}

// visible escapes what is not printable in a JSON document. That can only stand
// inside its strings, where \u means the same.
func visible(document string) string {
	var b strings.Builder
	for _, c := range document {
		switch {
		case c == '\n' || unicode.IsPrint(c):
			b.WriteRune(c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String()
}
