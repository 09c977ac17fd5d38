package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/daemon"
	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
	"github.com/groovechaos/groovechaos/control/report"
	"github.com/groovechaos/groovechaos/faults/ca"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

type runOptions struct {
	*root
	paths      reportPaths
	checks     []string
	policy     string
	verbose    bool
	ignoreExit bool
	// config is the file with the configuration of an experiment, output the file for what the command prints.
	config, output string
	timeLimit      time.Duration
	baseURLOnly    bool
	minimum        demands
}

const runHelp = `Start the proxy and a stand-in for Groove on free ports, run COMMAND, and judge
it once it has ended. FILE is an experiment (see groovechaos experiment new), or
a configuration with faults that are in force all the time; where it listens is
not used. Without FILE the standard experiment is played, in 90 s at most.

COMMAND finds in its environment:

  GROOVE_BASE_URL      the proxy: point your caller at it
  GROOVECHAOS_CONTROL  the control API over gRPC, which groovechaos fault uses
  GROOVECHAOS_REST     the control API over REST

and, unless --base-url-only is given, HTTP_PROXY, HTTPS_PROXY and their like,
and the certificate authority of this run by every variable that is known to
name one: a caller whose URL cannot be changed is reached by those. See
groovechaos env --help.

Its output goes to standard error, or to a file with --output; the verdict goes
to standard output. If it ends with another status than 0, it has not met what
was expected of it, unless --ignore-exit is given or the experiment says
otherwise. Processes that it leaves behind are ended (on Unix, and there even if
groovechaos itself is killed; of a command that reads from a terminal only its
first process is then). A first SIGINT or SIGTERM stops the run: COMMAND is
asked to end, the faults go, and what was seen until then is judged and
reported, as of a run that a guardrail stops. A second kills COMMAND.

Exits with 0 for pass, 3 for fail, also if less is covered than --min-coverage
wants, and 4 if too little was seen, for instance no attempt at all, or if the
run was stopped and nothing failed until then.`

func newRun(r *root) *cobra.Command {
	o := &runOptions{root: r}
	command := &cobra.Command{
		Use:   "run [FILE] [-- COMMAND [ARG...]]",
		Short: "Run a command through faults and judge how it took them",
		Long:  runHelp,
		Example: `  groovechaos run -- npm test
  groovechaos run experiment.toml -- npm test
  groovechaos run config.toml --junit chaos.xml --check backs-off -- go test ./client`,
		Args:              checkRunArgs,
		ValidArgsFunction: completeRun,
		RunE:              o.take,
	}
	o.addFlags(command)
	return command
}

func (o *runOptions) addFlags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&o.config, "config", "", "configuration to run an experiment with; none means the defaults")
	flags.StringVar(&o.output, "output", "", "write what the command prints to this file")
	flags.DurationVar(&o.timeLimit, "time-limit", 0, "stop the command after this time; overrides time_limit (default 1h, of the standard experiment 90 s)")
	o.paths.flags(command)
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "show every finding")
	flags.BoolVar(&o.ignoreExit, "ignore-exit", false, "do not expect the command to exit with 0")
	flags.BoolVar(&o.baseURLOnly, "base-url-only", false, "set no variables of proxies and certificates")
	checkFlag(command, &o.checks, "ask for this check; overrides [verdict] checks (repeatable)")
	policyFlag(command, &o.policy)
	o.minimum.flag(command)
	complete(command, "config", completeTOML)
	complete(command, "time-limit", cobra.NoFileCompletions)
}

// take runs what the command line says.
func (o *runOptions) take(command *cobra.Command, args []string) error {
	if command.Flags().Changed("time-limit") && o.timeLimit == 0 {
		return usage("--time-limit is 0s, want more than 0, at most %v", experiment.MaxDuration)
	}
	file, words := splitRunArgs(command, args)
	return o.run(command.Context(), file, words)
}

// splitRunArgs tells the file, "" for none, from the command.
func splitRunArgs(command *cobra.Command, args []string) (file string, words []string) {
	dash := command.ArgsLenAtDash()
	if dash < 0 {
		dash = len(args)
	}
	if dash > 0 {
		file = args[0]
	}
	return file, args[dash:]
}

func checkRunArgs(command *cobra.Command, args []string) error {
	switch dash := command.ArgsLenAtDash(); {
	case dash < 0 && len(args) == 1:
		return nil // The experiment may have a command of its own.
	case dash < 0 || dash > 1:
		return errors.New(`run wants one FILE or none, then "--", then a command`)
	case len(args) == dash:
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
	s, err := o.load(file, words)
	if err != nil {
		return err
	}
	files, err := o.paths.open()
	if err != nil {
		return err
	}
	defer files.discard()
	out, closeOutput, err := o.openOutput()
	if err != nil {
		return err
	}
	defer closeOutput()
	if err := findCommand(s.experiment.Workload.Command); err != nil {
		return err
	}
	st, err := o.start(ctx, s)
	if err != nil {
		return err
	}
	defer st.remove()
	left := adoptOrphans()
	defer left.end()
	run, err := o.play(ctx, st.daemon, s.experiment, workload{in: o.In, out: out, environment: environ(st.variables), grace: workloadGrace, orphans: left})
	if err != nil {
		return err
	}
	return o.conclude(run, files)
}

// findCommand tells before anything is started that a command cannot be.
func findCommand(words []string) error {
	if len(words) == 0 {
		return nil
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return fmt.Errorf("run the command: %w", err)
	}
	return nil
}

// script is what is run and where.
type script struct {
	experiment *experiment.Experiment
	config     *config.Config
	// plain reports that the configuration is all that was given.
	plain bool
	// open reports that the configuration says nothing of what becomes of hosts that are not Groove's.
	open bool
	// listen is where the proxy listens, "" for any free port.
	listen string
	// text is the configuration as it was read, nil for none.
	text []byte
}

// load reads the file and puts the flags over it.
func (o *runOptions) load(file string, words []string) (*script, error) {
	if err := o.checkFlags(file); err != nil {
		return nil, err
	}
	s, err := o.read(file)
	if err != nil {
		return nil, err
	}
	e := s.experiment
	if len(words) > 0 {
		e.Workload.Command = words
	}
	if s.plain && len(words) == 0 {
		return nil, usage(`run wants a command after "--": %s is a configuration`, file)
	}
	if file == "" && e.Workload.Command == nil {
		return nil, usage(`run wants a command after "--"`)
	}
	if e.Workload.Command == nil && e.Workload.Load == nil && len(e.Probes) == 0 {
		return nil, fmt.Errorf("run %s: the experiment names no command and no load, want one, or a command after \"--\"", file)
	}
	o.warn(s.config)
	if len(o.checks) > 0 {
		s.config.Verdict.Checks, e.Expect.Checks = o.checks, o.checks
	}
	if o.ignoreExit {
		e.Workload.Exit = experiment.ExitAny
	}
	if o.timeLimit > 0 {
		e.TimeLimit = o.timeLimit
	}
	if s.plain {
		e.Phases[0].Duration = e.TimeLimit
	}
	return s, o.loadPolicy(e)
}

// loadPolicy adds the policy that a flag names.
func (o *runOptions) loadPolicy(e *experiment.Experiment) error {
	if o.policy == "" {
		return nil
	}
	own, err := loadPolicy(o.policy)
	e.Expect.Policy = append(e.Expect.Policy, own...)
	return err
}

func (o *runOptions) checkFlags(file string) error {
	if err := o.paths.check(); err != nil {
		return err
	}
	outputs := append(o.paths.list(), pathFlag{name: "output", path: &o.output})
	if err := checkOutputs(outputs, file, o.config, o.policy); err != nil {
		return err
	}
	if err := knownChecks(o.checks); err != nil {
		return usage("--check %w", err)
	}
	if o.timeLimit < 0 || o.timeLimit > experiment.MaxDuration {
		return usage("--time-limit is %v, want more than 0, at most %v", o.timeLimit, experiment.MaxDuration)
	}
	return nil
}

// openOutput opens the file for what the command prints, by default standard error.
func (o *runOptions) openOutput() (out io.Writer, done func(), err error) {
	if o.output == "" {
		return o.Err, func() {}, nil
	}
	file, err := os.Create(o.output)
	if err != nil {
		return nil, nil, fmt.Errorf("write output: %w", err)
	}
	return file, func() { _ = file.Close() }, nil
}

// stage is everything that a command is brought to.
type stage struct {
	daemon    *daemon.Daemon
	variables []variable
	// remove takes away what lies on the disk.
	remove func()
}

// start makes everything on free ports, and the environment that leads there.
func (o *runOptions) start(ctx context.Context, s *script) (st *stage, err error) {
	dir, remove, err := temporary()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			remove()
		}
	}()
	s.prepare(dir)
	trust := o.trust(&s.config.Intercept, s.config.Proxy.Serves(config.ModeForward), dir)
	d, err := o.startLocal(ctx, s.config, cmp.Or(s.listen, freePort))
	files, wrong := trust()
	switch {
	case err != nil:
		return nil, errors.Join(err, wrong)
	case wrong != nil:
		return nil, errors.Join(wrong, d.Close())
	}
	around := surroundings{addresses: d.Addresses(), webScheme: d.WebScheme(), own: os.Getenv, trust: files}
	if !o.baseURLOnly {
		around.forward = forwardOf(around.addresses.Listeners)
	}
	return &stage{daemon: d, variables: around.variables(), remove: remove}, nil
}

// trust makes the authority of a run and the files by which it is trusted, while everything else is started: to read the
// system's roots takes as long as that. What it returns waits for them; there are none where nothing will be intercepted.
func (o *runOptions) trust(c *config.Intercept, forward bool, dir string) (wait func() (*trustFiles, error)) {
	if o.baseURLOnly || !forward {
		return func() (*trustFiles, error) { return nil, nil } //nolint:nilnil // Nothing is intercepted.
	}
	var files *trustFiles
	made := make(chan error, 1)
	go func() {
		authority, err := ca.Open(ca.Options{Dir: c.CADir, Domains: c.Domains()})
		if err == nil {
			files, err = writeTrust(dir, authority.Root(), os.Getenv, hasJava(os.Getenv))
		}
		made <- err
	}()
	return func() (*trustFiles, error) {
		err := <-made
		return files, err
	}
}

// play runs the experiment while everything is up, and returns when all has ended.
func (o *runOptions) play(ctx context.Context, d *daemon.Daemon, e *experiment.Experiment, w workload) (*runner.Run, error) {
	w.words = e.Workload.Command
	p := o.newPhases(e, stillPause)
	ro := runner.Options{Site: d.Site(), Experiment: e, Standing: true, Watch: p.watch}
	if len(w.words) > 0 {
		ro.Command = w.commands(e.Workload.Repeat)
	}
	run, err := runner.New(ro)
	if err != nil {
		p.end()
		return nil, errors.Join(err, d.Close())
	}
	err = outlast(ctx, []*daemon.Daemon{d}, func(ctx context.Context) error {
		defer p.end()
		if end := run.Do(ctx); end.State == experiment.StateFailed {
			return errors.New(end.Reason)
		}
		return nil // One that was interrupted is judged as far as it came.
	})
	return run, err
}

// commands runs the workload as often as it is asked to. What is repeated reads nothing: the first would take it all.
func (w workload) commands(repeat bool) runner.Command {
	if repeat {
		w.in = strings.NewReader("")
	}
	return w.command
}

// conclude prints and writes the verdict, and turns it into the exit status.
func (o *runOptions) conclude(run *runner.Run, files *reports) error {
	c := run.Judge()
	v := c.Verdict
	if run.Status().State != experiment.StateStopped {
		suspect(&v, unseen)
	}
	v.Result, v.Reasons = c.Result, slices.Concat(v.Reasons, c.Reasons, unmet(c.Met, verdict.Fail, verdict.Inconclusive))
	content := report.Content{Verdict: v}
	if files.detailed() || o.json || len(o.minimum) > 0 {
		attempts, ended := run.Attempts()
		content = o.minimum.collect(v, attempts, report.CollectOptions{Ended: ended})
	}
	content.Failures = slices.Concat(content.Failures, c.Failures, unmet(c.Met, verdict.Fail))
	narrate(&content, run, c.Met)
	if err := o.printContent(content, o.verbose); err != nil {
		return err
	}
	if err := files.writeContent(content); err != nil {
		return err
	}
	return judged(content.Verdict.Result)
}

// unmet says which expectations came out so: were not met, or could not be judged.
func unmet(met []experiment.Met, results ...verdict.Result) []string {
	var list []string
	for _, m := range met {
		if slices.Contains(results, m.Result) {
			list = append(list, fmt.Sprintf("expected: %s; %s", m.Expectation, m.Figure))
		}
	}
	return list
}
