package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/report"
)

func newReport(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:   "report",
		Short: "Tell about reports",
	}
	command.AddCommand(newReportSchema(r))
	return command
}

func newReportSchema(r *root) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [NAME]",
		Short: "Print the JSON Schema of a report, of coverage or of a comparison",
		Long: `Print the JSON Schema (draft 2020-12) of what groovechaos writes in JSON: report
(judge, run and verdict; without NAME), coverage or comparison. Members may be
added; the version changes when one changes its meaning or goes.`,
		Example: "  groovechaos report schema comparison",
		Args: func(command *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%s wants one NAME at most, got %d arguments", name(command), len(args))
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions(report.Schemas(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			asked := strings.Join(append(args, "report")[:1], "")
			text, ok := report.Schema(asked)
			if !ok {
				return usage("unknown document %q, want %s", asked, strings.Join(report.Schemas(), ", "))
			}
			_, err := r.Out.Write(text)
			return err
		},
	}
}
