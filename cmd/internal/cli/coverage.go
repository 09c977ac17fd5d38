package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/journal"
	"github.com/groovechaos/groovechaos/control/report"
	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

type coverageOptions struct {
	*root
	client  string
	since   since
	minimum demands
}

func newCoverage(r *root) *cobra.Command {
	o := &coverageOptions{root: r}
	command := &cobra.Command{
		Use:   "coverage [FILE...]",
		Short: "Show which documented errors the callers were exposed to",
		Long: `Show which documented errors the callers were exposed to, on the endpoints that
they used: of a running groovechaos, or of journals that attempts --format
wrote.

The share is of all that the contract lets these endpoints answer (statuses,
error codes, soft errors) and of six kinds of trouble on the way: lost answers,
connections that are reset, closed or silent, late and spoiled answers. What
counts is what reached a caller, whether a fault or the upstream made it.

Exits with 3 if less is covered than --min-coverage wants, and with 4 if no
endpoint was used, or none that has any of what it names.`,
		Example: `  groovechaos coverage --min-coverage status=100%
  groovechaos coverage attempts.ndjson`,
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) > 0 {
				if command.Flags().Changed("since") {
					return usage("--since goes with a running groovechaos, not with files")
				}
				return o.ofJournals(args)
			}
			return r.remote(func(ctx context.Context, c *client.Client, _ []string) error { return o.live(ctx, c) })(command, args)
		},
	}
	r.controlFlag(command)
	r.clientFlag(command, &o.client, "only the attempts of this client")
	o.since.flag(command)
	o.minimum.flag(command)
	return command
}

func (o *coverageOptions) live(ctx context.Context, c *client.Client) error {
	answer, err := c.Observation.GetCoverage(ctx, &pb.GetCoverageRequest{Client: o.client, StartTime: o.since.at})
	if err != nil {
		return err
	}
	return o.show(api.Coverage(answer))
}

func (o *coverageOptions) ofJournals(names []string) (err error) {
	j, err := journal.Open(names, o.In)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	m := coverage.Of(j.Attempts(), coverage.Options{Client: o.client})
	o.complain(j)
	if err := j.Err(); err != nil {
		return err
	}
	return o.show(m)
}

// show prints the matrix, and turns what was demanded of it into the exit status.
func (o *coverageOptions) show(m coverage.Matrix) error {
	if err := o.printCoverage(&m); err != nil {
		return err
	}
	unmet, unknown := m.Unmet(o.minimum)
	for _, text := range append(unmet, unknown...) {
		fmt.Fprintln(o.Err, text)
	}
	switch {
	case len(unmet) > 0:
		return judged(verdict.Fail)
	case m.Of == 0, len(unknown) > 0:
		return judged(verdict.Inconclusive)
	default:
		return nil
	}
}

func (o *coverageOptions) printCoverage(m *coverage.Matrix) error {
	if o.json {
		return o.printJSON(m)
	}
	return report.CoverageText(o.Out, m, report.TextOptions{Color: o.Color, Width: o.Width})
}

// demands are what --min-coverage wants: a flag that can be given several times.
type demands []coverage.Demand

// flag adds the flag.
func (d *demands) flag(command *cobra.Command) {
	command.Flags().Var(d, "min-coverage", `share of the documented errors that must be covered: "40%", or of a kind
(status, error_code, soft_error, transport) "status=100%" (repeatable)`)
	_ = command.RegisterFlagCompletionFunc("min-coverage", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var words []string
		for _, kind := range coverage.Kinds() {
			words = append(words, string(kind)+"=")
		}
		return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
}

// Set adds what one use of the flag says, or several with commas in between.
func (d *demands) Set(text string) error {
	for one := range strings.SplitSeq(text, ",") {
		demand, err := coverage.ParseDemand(one)
		if err != nil {
			return err
		}
		*d = append(*d, demand)
	}
	return nil
}

// Type is the word for the value in a help text.
func (d *demands) Type() string { return "share" }

// String is the value as the flag takes it.
func (d *demands) String() string {
	var words []string
	for _, one := range *d {
		word := fmt.Sprintf("%g", one.Share)
		if one.Kind != "" {
			word = string(one.Kind) + "=" + word
		}
		words = append(words, word)
	}
	return strings.Join(words, ",")
}

// collect puts together all that is known beside a verdict, for judge and run alike, and weighs the demands into it.
func (d *demands) collect(v verdict.Report, attempts iter.Seq[*observe.Attempt], o report.CollectOptions) report.Content {
	c := report.Collect(v, attempts, o)
	c.Failures = d.apply(&c.Verdict, c.Coverage)
	return c
}

// apply weighs coverage into a verdict: what is not met fails it, and is returned, and what cannot be told keeps it from being a pass.
func (d *demands) apply(v *verdict.Report, m *coverage.Matrix) (unmet []string) {
	unmet, unknown := m.Unmet(*d)
	v.Reasons = append(append(v.Reasons, unmet...), unknown...)
	switch {
	case len(unmet) > 0:
		v.Result = verdict.Fail
	case len(unknown) > 0 && v.Result != verdict.Fail:
		v.Result = verdict.Inconclusive
	}
	return unmet
}
