package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/sweep"
	"github.com/groovechaos/groovechaos/control/experiment/sweeper"
	"github.com/groovechaos/groovechaos/faults/coverage"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

type sweepOptions struct {
	*runOptions

	budget, caseLimit, latency time.Duration
	runs, parallel             int
	only, skip                 []string
	everyCode, dryRun          bool
	resume, fresh              bool
	state                      string
	// file is the file with the probes of a service, "" for a command.
	file string
	seed uint64
	// seeded reports that a seed was given.
	seeded bool
}

// Bounds of a sweep.
const (
	defaultLatency, longestLatency = 2 * time.Second, 10 * time.Minute
	mostRuns, mostParallel         = 20, 16
	defaultState                   = "groovechaos-sweep.json"
)

const sweepHelp = `Run COMMAND twice in peace, to learn which endpoints and calls it makes, then
again and again with one fault at a time: every error code that the contract
lets those endpoints answer, soft errors, lost answers, resets, hangs, answers
that are truncated, spoilt, slow or late, each once, twice and always, and 429
and 503 with each form of Retry-After. The result is a matrix of endpoints and
faults. Errors that ask the same of a caller are tried as one, unless
--every-code is given, and what can make no difference is not run.

COMMAND is brought to the proxy as by groovechaos run. It must pass without
faults, and is expected to end with 0 where one repeat mends a fault (a GET that
meets 502 or 503 once); elsewhere it may fail. Before each run the
stand-in forgets what was written. What was done is kept in a file after each
case, so that --resume goes on where a sweep was interrupted or out of time;
what is not finished is overwritten only with --fresh.

With --file COMMAND is a service that stays up, and is driven by the probes of
that file: an experiment without phases, whose [workload] can name it too. It is
started once, and each probe is sent once a case, then again without the fault
until all is well; a case before which it is not is not tried. A service that
runs elsewhere needs no COMMAND: it calls the proxy where [proxy] listen of
--config says, by default at 127.0.0.1:7710. The probes stand for the exit
status and say what users are told. A service that passes traceparent on is
judged best.

The worst comes first: lost answers and failed writes, then overload, then the
rest. A pattern of --only and --skip is one of ENDPOINT/FAULT/MODE, such as
"search/*/once", or of one of the three, such as "503".

Exits with 0 for pass, 3 if a cell fails, and 4 if one could not be judged or
reached, or was left out for want of time. Warnings weigh nothing.`

func newSweep(r *root) *cobra.Command {
	o := &sweepOptions{runOptions: &runOptions{root: r}}
	command := &cobra.Command{
		Use:   "sweep [flags] [--file PROBES] [-- COMMAND [ARG...]]",
		Short: "Try every documented fault on a command or a service, one at a time",
		Long:  sweepHelp,
		Example: `  groovechaos sweep -- npm test
  groovechaos sweep --budget 5m --html sweep.html -- pytest tests/groove
  groovechaos sweep --resume --budget 5m -- npm test
  groovechaos sweep --only 'search/*/once' --dry-run -- npm test
  groovechaos sweep --file sweep.toml -- node service.mjs`,
		Args: o.checkSweepArgs,
		RunE: func(command *cobra.Command, args []string) error {
			o.seeded = command.Flags().Changed("seed")
			return o.sweep(command.Context(), args)
		},
	}
	o.sweepFlags(command)
	return command
}

func (o *sweepOptions) checkSweepArgs(command *cobra.Command, args []string) error {
	switch dash := command.ArgsLenAtDash(); {
	case o.file != "" && dash < 0 && len(args) == 0:
		return nil // The file may name the service, or it runs elsewhere.
	case o.file != "" && (dash != 0 || len(args) == 0):
		return errors.New(`sweep --file wants nothing more, or "--", then a service`)
	case dash != 0 || len(args) == 0:
		return errors.New(`sweep wants "--", then a command, or --file with the probes of a service`)
	}
	return nil
}

func (o *sweepOptions) sweepFlags(command *cobra.Command) {
	flags := command.Flags()
	flags.DurationVar(&o.budget, "budget", 0, "begin no case after this time; 0 for no bound")
	flags.DurationVar(&o.caseLimit, "case-limit", 0, "a run of the command that takes longer fails (default 30s or 10 times its time in peace, then inconclusive)")
	flags.DurationVar(&o.latency, "latency", defaultLatency, "how late a late answer is")
	flags.IntVar(&o.runs, "runs", 3, "how often the command is run in a case that is in doubt, 1 to 20")
	flags.IntVar(&o.parallel, "parallel", 1, "how many cases run side by side, each with a proxy of its own, 1 to 16")
	flags.StringSliceVar(&o.only, "only", nil, "try only the cases that fit this pattern (repeatable)")
	flags.StringSliceVar(&o.skip, "skip", nil, "leave out the cases that fit this pattern (repeatable)")
	flags.BoolVar(&o.everyCode, "every-code", false, "try each error code by itself")
	flags.BoolVar(&o.dryRun, "dry-run", false, "run the command in peace, and list what would be tried")
	flags.BoolVar(&o.resume, "resume", false, "go on with what the file of --state says")
	flags.BoolVar(&o.fresh, "fresh", false, "begin anew, and forget the unfinished sweep of the file of --state")
	flags.StringVar(&o.file, "file", "", "probes that drive a service which stays up: an experiment without phases")
	flags.StringVar(&o.state, "state", defaultState, `file for how far the sweep is, "" for none`)
	flags.Uint64Var(&o.seed, "seed", 0, "seed of the stand-in's data; overrides the configuration (default 1)")
	flags.StringVar(&o.config, "config", "", "configuration to run with, without faults; none means the defaults")
	flags.StringVar(&o.output, "output", "", "write what the command prints to this file")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "show every finding, and all that is kept of the output")
	flags.BoolVar(&o.baseURLOnly, "base-url-only", false, "set no variables of proxies and certificates")
	o.paths.flags(command)
	policyFlag(command, &o.policy)
	complete(command, "config", completeTOML)
	complete(command, "file", completeTOML)
	for _, name := range []string{"only", "skip"} {
		complete(command, name, completeCases)
	}
	for _, name := range []string{"budget", "case-limit", "latency", "runs", "parallel", "seed"} {
		complete(command, name, cobra.NoFileCompletions)
	}
}

// completeCases offers endpoints, faults and modes.
func completeCases(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, e := range groove.Endpoints() {
		words = append(words, e.Name)
		for _, f := range sweep.FaultsOf(e, false) {
			words = append(words, f.Name)
		}
	}
	for _, m := range sweep.Modes() {
		words = append(words, string(m))
	}
	slices.Sort(words)
	return slices.Compact(words), cobra.ShellCompDirectiveNoFileComp
}

// checkSweep refuses flags that make no sense.
func (o *sweepOptions) checkSweep() error {
	for _, one := range []struct {
		flag        string
		value, most time.Duration
	}{{"budget", o.budget, experiment.MaxDuration}, {"case-limit", o.caseLimit, experiment.MaxDuration}, {"latency", o.latency, longestLatency}} {
		if one.value < 0 || one.value > one.most {
			return usage("--%s is %v, want 0s to %v", one.flag, one.value, one.most)
		}
	}
	switch {
	case o.latency == 0:
		return usage("--latency is 0s, want more than 0")
	case o.runs < 1 || o.runs > mostRuns:
		return usage("--runs is %d, want 1 to %d", o.runs, mostRuns)
	case o.parallel < 1 || o.parallel > mostParallel:
		return usage("--parallel is %d, want 1 to %d", o.parallel, mostParallel)
	}
	if unknown := o.plan().Unknown(); len(unknown) > 0 {
		return usage("%w", &sweeper.PatternError{Pattern: unknown[0]})
	}
	if err := cmp.Or(o.checkTogether(), o.paths.check()); err != nil {
		return err
	}
	outputs := append(o.paths.list(), pathFlag{name: "output", path: &o.output}, pathFlag{name: "state", path: &o.state})
	return checkOutputs(outputs, o.config, o.policy, o.file)
}

// plan says which cases are wanted.
func (o *sweepOptions) plan() *sweep.Options {
	return &sweep.Options{EveryCode: o.everyCode, Latency: o.latency, Only: o.only, Skip: o.skip}
}

// checkTogether refuses flags that do not go together.
func (o *sweepOptions) checkTogether() error {
	switch {
	case o.file != "" && o.parallel > 1:
		return usage("--parallel is %d, want 1 with --file: a service has one front door", o.parallel)
	case o.dryRun && o.paths.wanted() != "":
		return usage("--dry-run lists what would be tried, and %s wants what came of it: want one of them", o.paths.wanted())
	case o.resume && o.fresh:
		return usage("--resume goes on and --fresh begins anew: want one of them")
	case o.resume && o.state == "":
		return usage(`--resume wants the file of --state, which is ""`)
	}
	return nil
}

// sweep opens everything, and sweeps.
func (o *sweepOptions) sweep(ctx context.Context, words []string) error {
	if err := o.checkSweep(); err != nil {
		return err
	}
	what, err := o.readSubject(words)
	if err != nil {
		return err
	}
	files, err := o.paths.open()
	if err != nil {
		return err
	}
	defer files.discard()
	out, closeOutput, err := o.openSweepOutput()
	if err != nil {
		return err
	}
	defer closeOutput()
	if err := findCommand(what.words); err != nil {
		return err
	}
	left := adoptOrphans()
	defer left.end()
	st, err := o.openStages(ctx, what, left)
	if err != nil {
		return err
	}
	defer st.remove()
	return o.carryOut(ctx, what, st, files, out)
}

// carryOut sweeps where everything is open, and reports what came of it.
func (o *sweepOptions) carryOut(ctx context.Context, what *subject, st *stages, files *reports, out io.Writer) error {
	covered := coverage.New(coverage.Options{})
	p := o.newSweepProgress()
	o.announce(what, st)
	so := sweeper.Options{
		Places: st.places, Service: what.driven(), Setup: o.setup(what, st), Policy: st.policy, Budget: o.budget, State: o.state, Resume: o.resume, Fresh: o.fresh, DryRun: o.dryRun,
		Plan:   *o.plan(),
		Output: out, Watch: p.watch, Seen: func(a *observe.Attempt) { covered.Add(a) },
	}
	var result *sweeper.Result
	err := st.during(ctx, func(ctx context.Context) (err error) {
		defer p.end()
		result, err = sweeper.Run(ctx, so)
		return err
	})
	if err == nil && result == nil {
		err = errInterrupted
	}
	if err != nil {
		return o.refuse(ctx, err, what, files)
	}
	if o.dryRun {
		return o.printPlan(result)
	}
	matrix := covered.Matrix()
	return o.report(o.sweepContent(what, result, st, &matrix), files)
}

// setup is what must be the same for a sweep to be gone on with.
func (o *sweepOptions) setup(what *subject, st *stages) sweep.Setup {
	return sweep.Setup{
		Command: what.words, Probes: what.digest, Seed: st.seed, Upstream: st.upstream, EveryCode: o.everyCode, Latency: o.latency,
		Limit: o.caseLimit, Strict: o.caseLimit > 0, Runs: o.runs, Config: st.config,
	}
}
