package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Names of the test cases that stand for no check.
const (
	overallSuite = "groovechaos"
	judgedCase   = "enough was seen to judge"
	beyondCase   = "what was expected beyond the findings"
)

// JUnit writes r for CI servers: a suite for each client with a case for each
// finding. JUnit knows no "inconclusive", so that each suite, and the report as a
// whole, has a case that is an error when there was no verdict; a client that met
// nothing to be judged by is skipped. Warnings do not fail a verdict and appear as
// output of a case that passes.
func JUnit(w io.Writer, r verdict.Report) error {
	return JUnitContent(w, Content{Verdict: r})
}

// JUnitContent is JUnit with the sweep of c, if there is one: a suite for each endpoint with a case for each cell that ran. One that
// could not be judged, was not reached or not run is skipped, and only the result that it makes inconclusive is an error.
func JUnitContent(w io.Writer, c Content) error {
	document := suites{Name: overallSuite}
	r := c.Verdict
	document.add(overall(c))
	if c.Sweep != nil {
		for _, s := range sweepSuites(c.Sweep) {
			document.add(s)
		}
	}
	for _, client := range r.Clients {
		document.add(suiteOf(client))
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	encoder := xml.NewEncoder(&b)
	encoder.Indent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write report as JUnit: %w", err)
	}
	b.WriteString("\n")
	_, err := w.Write(b.Bytes())
	return err
}

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Suites   []suite  `xml:"testsuite"`
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Skipped *outcome `xml:"skipped"`
	Error   *outcome `xml:"error"`
	Failure *outcome `xml:"failure"`
	Output  string   `xml:"system-out,omitempty"`
}

type outcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func (d *suites) add(s suite) {
	for _, c := range s.Cases {
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	s.Tests = len(s.Cases)
	d.Tests += s.Tests
	d.Failures += s.Failures
	d.Errors += s.Errors
	d.Suites = append(d.Suites, s)
}

// overall is the suite of the report as a whole, with a case for each finding about all clients together. What keeps it from being a pass
// beyond the findings is an error here, whatever the clients did, and what fails it by itself a case of its own.
func overall(content Content) suite {
	r := content.Verdict
	var reasons []string
	failed := content.Sweep != nil && content.Sweep.fails()
	for _, reason := range r.Reasons {
		if !slices.Contains(content.Failures, reason) {
			reasons = append(reasons, clean(reason))
		}
	}
	failed = failed || slices.ContainsFunc(r.Clients, func(v verdict.Verdict) bool { return known(v.Result) == verdict.Fail })
	var cases []testCase
	for _, f := range worstFirst(r.Findings) {
		failed = failed || f.Result == verdict.Fail
		cases = append(cases, caseOf(f))
	}
	if beyond := content.beyond(); beyond != nil {
		failed = true
		cases = append(cases, testCase{Name: beyondCase, Failure: beyond})
	}
	result := known(r.Result)
	if result == verdict.Fail && failed && len(reasons) > 0 {
		result = verdict.Inconclusive
	}
	c := judged(result, failed, content.headline())
	for _, o := range []*outcome{c.Error, c.Failure} {
		if o != nil {
			o.Text = strings.Join(reasons, "\n")
		}
	}
	for _, note := range r.Notes {
		c.Output += "note: " + clean(note) + "\n"
	}
	cases = append(cases, c)
	for i := range cases {
		cases[i].Class = overallSuite
	}
	return suite{Name: overallSuite, Cases: cases}
}

// beyond is what failed beside the findings, nil for nothing.
func (c *Content) beyond() *outcome {
	if len(c.Failures) == 0 {
		return nil
	}
	lines := make([]string, len(c.Failures))
	for i, failure := range c.Failures {
		lines[i] = clean(failure)
	}
	return &outcome{Message: lines[0], Type: string(verdict.Fail), Text: strings.Join(lines, "\n")}
}

func suiteOf(v verdict.Verdict) suite {
	name := clean(v.Client)
	s := suite{Name: name}
	failed := false
	for _, f := range worstFirst(v.Findings) {
		failed = failed || f.Result == verdict.Fail
		s.Cases = append(s.Cases, caseOf(f))
	}
	last := judged(v.Result, failed, plural(v.Calls, "call")+", "+plural(v.Attempts, "attempt"))
	if untouched(v) {
		last.Error, last.Skipped = nil, &outcome{Message: "the client met nothing that a check is about"}
	}
	s.Cases = append(s.Cases, last)
	for i := range s.Cases {
		s.Cases[i].Class = name
	}
	return s
}

// judged is the case that says whether there was a verdict. A failure is left to
// the cases that failed, and stands here when there are none.
func judged(r verdict.Result, failed bool, seen string) testCase {
	c := testCase{Name: judgedCase}
	switch result := known(r); {
	case result == verdict.Inconclusive:
		c.Error = &outcome{Message: "inconclusive: too little was seen to judge (" + seen + ")", Type: string(result)}
	case result == verdict.Fail && !failed:
		c.Failure = &outcome{Message: "the verdict is fail (" + seen + ")", Type: string(result)}
	}
	return c
}

func caseOf(f verdict.Finding) testCase {
	c := testCase{Name: title(f)}
	summary, result := clean(f.Summary), known(f.Result)
	said := &outcome{Message: summary, Type: string(result), Text: details(f)}
	switch result {
	case verdict.Fail:
		c.Failure = said
	case verdict.Inconclusive:
		said.Message = "inconclusive: " + summary
		// The common schema gives skipped a message and no type.
		c.Skipped = &outcome{Message: said.Message, Text: said.Text}
	case verdict.Warn, verdict.Info:
		c.Output = string(result) + ": " + summary + "\n" + said.Text
	case verdict.Pass:
		c.Output = summary
	}
	return c
}

// details is what stands under a finding, a line each.
func details(f verdict.Finding) string {
	var b strings.Builder
	for _, line := range []struct{ label, text string }{
		{"missing", clean(f.Missing)},
		{"seen", evidence(f, entirely)},
		{"norm", clean(f.Norm)},
		{"advice", clean(f.Advice)},
	} {
		if line.text != "" {
			fmt.Fprintf(&b, "%s: %s\n", line.label, line.text)
		}
	}
	return b.String()
}
