package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/report"
)

// reportPaths say where a verdict goes beside standard output; "" stands for nowhere.
type reportPaths struct {
	junit, report, html, markdown string
}

// pathFlag is one of the flags that name a file.
type pathFlag struct {
	name, form string
	path       *string
}

func (p *reportPaths) list() []pathFlag {
	return []pathFlag{
		{"junit", "JUnit XML", &p.junit},
		{"report", "JSON", &p.report},
		{"html", "a page in HTML", &p.html},
		{"markdown", "Markdown, for the summary of a pull request", &p.markdown},
	}
}

// wanted is the first flag that was given, "" for none.
func (p *reportPaths) wanted() string {
	for _, f := range p.list() {
		if *f.path != "" {
			return "--" + f.name
		}
	}
	return ""
}

// flags adds a flag for each form.
func (p *reportPaths) flags(command *cobra.Command) {
	for _, f := range p.list() {
		command.Flags().StringVar(f.path, f.name, "", "write the verdict as "+f.form+" to this file")
	}
}

// check returns an error about the command line if one is "-", two name the same file, or one names a file that is read.
func (p *reportPaths) check(inputs ...string) error {
	for _, f := range p.list() {
		if *f.path == "-" {
			return usage(`--%s wants the name of a file, and "-" is none: the verdict goes to standard output anyway`, f.name)
		}
	}
	return checkOutputs(p.list(), inputs...)
}

// checkOutputs is the part of it for any flags that name a file to write. "" and "-" are none.
func checkOutputs(outputs []pathFlag, inputs ...string) error {
	for i, f := range outputs {
		for _, input := range inputs {
			if oneFile(*f.path, input) {
				return usage("--%s names %s, which is read: want another file", f.name, *f.path)
			}
		}
		for _, other := range outputs[:i] {
			if oneFile(*f.path, *other.path) {
				return usage("--%s and --%s name the same file, %s", other.name, f.name, *f.path)
			}
		}
	}
	return nil
}

// oneFile reports that two paths lead to one file, which need not be there yet.
func oneFile(a, b string) bool {
	if a == "" || b == "" || a == "-" || b == "-" {
		return false
	}
	there, err := os.Stat(a)
	if err == nil {
		other, err := os.Stat(b)
		return err == nil && os.SameFile(there, other)
	}
	return absolute(a) == absolute(b)
}

// absolute is a path from the root on, as far as that can be told.
func absolute(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return filepath.Clean(path)
	}
	return whole
}

// open creates the files.
func (p *reportPaths) open() (*reports, error) {
	files := &reports{}
	for _, f := range []struct {
		path string
		file **os.File
	}{{p.junit, &files.junit}, {p.report, &files.json}, {p.html, &files.html}, {p.markdown, &files.markdown}} {
		if f.path == "" {
			continue
		}
		file, err := os.Create(f.path)
		if err != nil {
			files.discard()
			return nil, fmt.Errorf("write report: %w", err)
		}
		*f.file = file
	}
	return files, nil
}

// reports are the files that a verdict goes to. They are opened before the run,
// so that a path which cannot be written is found out at once, and so that no
// verdict of an earlier run is left to be taken for this one's.
type reports struct {
	junit, json, html, markdown *os.File
}

// detailed reports that more is wanted than the verdict: see report.Collect.
func (f *reports) detailed() bool { return f.json != nil || f.html != nil || f.markdown != nil }

// printContent writes all that is known to standard output: with --json the same document as --report.
func (r *root) printContent(c report.Content, verbose bool) error {
	if r.json {
		return report.Document(r.Out, c)
	}
	return r.printReport(c.Verdict, verbose)
}

// writeContent writes all that is known to the files and closes them.
func (f *reports) writeContent(c report.Content) error {
	return errors.Join(
		writeReport(&f.junit, func(w io.Writer) error { return report.JUnitContent(w, c) }),
		writeReport(&f.json, func(w io.Writer) error { return report.Document(w, c) }),
		writeReport(&f.html, func(w io.Writer) error { return report.HTML(w, c) }),
		writeReport(&f.markdown, func(w io.Writer) error { return report.Markdown(w, c) }),
	)
}

func writeReport(file **os.File, write func(io.Writer) error) error {
	if *file == nil {
		return nil
	}
	if err := restore(file); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	name := (*file).Name()
	if err := write(*file); err != nil {
		return fmt.Errorf("write report %s: %w", name, err)
	}
	if err := (*file).Close(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	*file = nil
	return nil
}

// restore makes a file anew that was taken away meanwhile: the command that is judged may clean the folder of its reports.
func restore(file **os.File) error {
	held, err := (*file).Stat()
	if err != nil || !held.Mode().IsRegular() {
		return err
	}
	name := (*file).Name()
	if there, err := os.Stat(name); err == nil && os.SameFile(held, there) {
		return nil
	}
	_ = (*file).Close()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return err
	}
	*file, err = os.Create(name)
	return err
}

// discard removes the files that no verdict was written to.
func (f *reports) discard() {
	for _, file := range []*os.File{f.junit, f.json, f.html, f.markdown} {
		if file == nil {
			continue
		}
		info, err := file.Stat()
		_ = file.Close()
		if err == nil && info.Mode().IsRegular() {
			_ = os.Remove(file.Name())
		}
	}
}
