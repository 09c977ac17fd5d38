package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

type runOptions struct {
	*root
	junit      string
	report     string
	checks     []string
	policy     string
	verbose    bool
	ignoreExit bool
}

func newRun(r *root) *cobra.Command {
	o := &runOptions{root: r}
	command := &cobra.Command{
		Use:   "run FILE -- COMMAND [ARG...]",
		Short: "Run a command through faults and judge how it took them",
		Long: `Start the proxy and a stand-in for Groove on free ports, run COMMAND, and judge
it once it has ended. FILE is a configuration with faults; where it listens is
not used. COMMAND finds in its environment:

  GROOVE_BASE_URL      the proxy: point your caller at it
  GROOVECHAOS_CONTROL  the control API over gRPC, which groovechaos fault uses
  GROOVECHAOS_REST     the control API over REST

Its output goes to standard error, the verdict to standard output. If it ends
with another status than 0, it has not met what was expected of it, unless
--ignore-exit is given. Processes that it leaves behind are ended (on Unix).

Exits with 0 for pass, 3 for fail and 4 if too little was seen, for instance no
attempt at all.`,
		Example: `  groovechaos run config.toml -- npm test
  groovechaos run config.toml --junit chaos.xml --check backs-off -- go test ./client`,
		Args:              checkRunArgs,
		ValidArgsFunction: completeRun,
		RunE:              func(command *cobra.Command, args []string) error { return o.run(command.Context(), args[0], args[1:]) },
	}
	flags := command.Flags()
	flags.StringVar(&o.junit, "junit", "", "write the verdict as JUnit XML to this file")
	flags.StringVar(&o.report, "report", "", "write the verdict as JSON to this file")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "show every finding")
	flags.BoolVar(&o.ignoreExit, "ignore-exit", false, "do not expect the command to exit with 0")
	checkFlag(command, &o.checks, "ask for this check; overrides [verdict] checks (repeatable)")
	policyFlag(command, &o.policy)
	return command
}

func checkRunArgs(command *cobra.Command, args []string) error {
	switch dash := command.ArgsLenAtDash(); {
	case dash != 1:
		return errors.New(`run wants one FILE, then "--", then a command`)
	case len(args) < 2:
		return errors.New(`run wants a command after "--"`)
	default:
		return nil
	}
}

// completeRun offers files first, then what the shell would.
func completeRun(command *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return completeTOML(command, args, word)
}

func (o *runOptions) run(ctx context.Context, file string, words []string) error {
	c, err := o.load(file)
	if err != nil {
		return err
	}
	files, err := openReports(o.junit, o.report)
	if err != nil {
		return err
	}
	defer files.discard()
	d, err := o.startLocal(ctx, c)
	if err != nil {
		return err
	}
	var ended error
	err = during(ctx, d, func(ctx context.Context) error {
		w := workload{words: words, streams: o.Streams, addresses: d.Addresses(), grace: workloadGrace}
		ended, err = w.run(ctx)
		return err
	})
	if err != nil {
		return err
	}
	return o.conclude(d.Judge(true), files, ended)
}

// load reads the configuration and puts the flags over it.
func (o *runOptions) load(file string) (*config.Config, error) {
	if o.junit != "" && o.junit == o.report {
		return nil, usage("--junit and --report name the same file, %s", o.junit)
	}
	if err := verdict.ValidateChecks(o.checks); err != nil {
		return nil, usage("--check: %w", err)
	}
	c, err := config.Load(file)
	if err != nil {
		return nil, err
	}
	o.warn(c)
	if len(o.checks) > 0 {
		c.Verdict.Checks = o.checks
	}
	return c, o.loadPolicy(c)
}

// loadPolicy adds the policy that a flag names.
func (o *runOptions) loadPolicy(c *config.Config) error {
	if o.policy == "" {
		return nil
	}
	own, err := config.Load(o.policy)
	if err == nil {
		c.Verdict.Policies = append(c.Verdict.Policies, own.Verdict.Policies...)
	}
	return err
}

// conclude prints and writes the verdict, and turns it into the exit status.
func (o *runOptions) conclude(v verdict.Report, files *reports, ended error) error {
	suspect(&v, "does the command use the proxy's address, GROOVE_BASE_URL?")
	if ended != nil && !o.ignoreExit {
		v.Result = verdict.Fail
		v.Reasons = append(v.Reasons, fmt.Sprintf("the command ended with %v", ended))
	}
	if err := o.printReport(v, o.verbose); err != nil {
		return err
	}
	if err := files.write(v); err != nil {
		return err
	}
	return judged(v.Result)
}
