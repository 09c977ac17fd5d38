package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/report"
)

func newCompare(r *root) *cobra.Command {
	var markdown string
	command := &cobra.Command{
		Use:   "compare OLD.json NEW.json",
		Short: "Compare two reports: what got better, what got worse, what is new",
		Long: `Compare two reports that --report wrote, of judge or run. "-" is standard input,
for one of them.

Worse is what fails or warns and did not, or fails and warned. What was known
and is not any more is told apart: a failure that was not seen this time is not
mended by that. Coverage and the law of the waits are told and weigh nothing.

Exits with 3 if something got worse, with 4 if nothing did but something is not
known any more that can fail a caller, and with 0 otherwise.`,
		Example: "  groovechaos compare main.json branch.json --markdown summary.md",
		Args: func(command *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("%s wants two files, OLD.json and NEW.json, got %d", name(command), len(args))
			}
			if args[0] == "-" && args[1] == "-" {
				return fmt.Errorf("%s wants standard input for one of the files at most", name(command))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 2 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []string{"json"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(_ *cobra.Command, args []string) error { return r.compare(args[0], args[1], markdown) },
	}
	command.Flags().StringVar(&markdown, "markdown", "", "write the comparison as Markdown to this file")
	return command
}

func (r *root) compare(before, after, markdown string) error {
	if err := checkOutputs([]pathFlag{{name: "markdown", path: &markdown}}, before, after); err != nil {
		return err
	}
	old, err := r.readReport(before)
	if err != nil {
		return err
	}
	now, err := r.readReport(after)
	if err != nil {
		return err
	}
	c := report.Compare(old, now)
	if markdown != "" {
		file, err := os.Create(markdown)
		if err != nil {
			return fmt.Errorf("write comparison: %w", err)
		}
		if err := errors.Join(report.CompareMarkdown(file, c), file.Close()); err != nil {
			return fmt.Errorf("write comparison: %w", err)
		}
	}
	if r.json {
		err = report.CompareJSON(r.Out, c)
	} else {
		err = report.CompareText(r.Out, c, report.TextOptions{Color: r.Color, Width: r.Width})
	}
	return errors.Join(err, judged(c.Result))
}

// readReport reads a report by its name, or standard input for "-".
func (r *root) readReport(path string) (report.Content, error) {
	from, shown := r.In, "standard input"
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return report.Content{}, fmt.Errorf("read report: %w", err)
		}
		defer file.Close()
		from, shown = file, path
	}
	c, err := report.ReadDocument(from)
	if err != nil {
		return c, fmt.Errorf("read report %s: %w", shown, err)
	}
	return c, nil
}
