package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/journal"
	"github.com/groovechaos/groovechaos/control/report"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

type judgeOptions struct {
	*root
	reportPaths

	client  string
	checks  []string
	policy  string
	ended   bool
	verbose bool
	minimum demands
}

func newJudge(r *root) *cobra.Command {
	o := &judgeOptions{root: r}
	command := &cobra.Command{
		Use:   "judge FILE...",
		Short: "Judge callers by journals: what groovechaos attempts --format wrote",
		Long: `Judge callers by journals: what groovechaos attempts --format ndjson or binary
wrote. Of the same attempts the verdict is that of groovechaos verdict, by the
checks and policies that the journal was recorded under. "-" is standard input.

A journal may be cut off or damaged: whatever is sound is judged, and all else
is named on standard error and makes the verdict inconclusive at best.

Exits with 0 for pass, 3 for fail or less coverage than --min-coverage wants,
and 4 if too little was seen.`,
		Example: `  groovechaos judge attempts.ndjson --ended
  groovechaos judge monday.bin tuesday.bin --check backs-off --junit verdict.xml`,
		Args: func(command *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("%s wants one FILE or more", name(command))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return o.run(args) },
	}
	flags := command.Flags()
	flags.StringVar(&o.client, "client", "", "judge only this client")
	flags.BoolVar(&o.ended, "ended", false, "the callers ended with the journal: what has not come will not come")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "show every finding")
	o.flags(command)
	o.minimum.flag(command)
	policyFlag(command, &o.policy)
	checkFlag(command, &o.checks, "ask for this check; overrides those of the journal (repeatable)")
	return command
}

// policyFlag adds the flag that names a file with a policy.
func policyFlag(command *cobra.Command, path *string) {
	command.Flags().StringVar(path, "policy", "", "judge by the [[verdict.policies]] of this configuration too; they have the last word")
	_ = command.MarkFlagFilename("policy", "toml")
}

// loadPolicy reads the policy of a configuration.
func loadPolicy(path string) (verdict.Policy, error) {
	c, err := loadConfig(path)
	if err != nil {
		return nil, err
	}
	return c.Verdict.Policy(), nil
}

func (o *judgeOptions) run(names []string) (err error) {
	if err := o.reportPaths.check(append(slices.Clone(names), o.policy)...); err != nil {
		return err
	}
	if err := knownChecks(o.checks); err != nil {
		return usage("--check %w", err)
	}
	j, err := journal.Open(names, o.In)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	q, err := o.question(j)
	if err != nil {
		return err
	}
	files, err := o.open()
	if err != nil {
		return err
	}
	defer files.discard()
	v, err := j.Judge(q)
	if err != nil {
		return err
	}
	c := o.content(v, j, files)
	o.complain(j)
	if err := j.Err(); err != nil {
		return err
	}
	return o.conclude(c, files)
}

// question puts together what the journal and the flags ask.
func (o *judgeOptions) question(j *journal.Journal) (journal.Question, error) {
	q := journal.Question{Checks: o.checks, Ended: o.ended}
	if len(q.Checks) == 0 {
		q.Checks = j.Header.Checks
	}
	policy, err := journalPolicy(j.Header.Policies)
	if err != nil || o.policy == "" {
		q.Policy = policy
		return q, err
	}
	own, err := loadPolicy(o.policy)
	q.Policy = slices.Concat(policy, own)
	return q, err
}

// mostComplaints bounds the problems that are printed.
const mostComplaints = 20

// complain tells what is not as it should be.
func (r *root) complain(j *journal.Journal) {
	problems, count := j.Problems()
	problems = problems[:min(len(problems), mostComplaints)]
	for _, p := range problems {
		fmt.Fprintf(r.Err, "warning: %s\n", printable(p.String()))
	}
	if more := count - len(problems); more > 0 {
		fmt.Fprintf(r.Err, "warning: and %d more\n", more)
	}
	if len(problems) > 0 && strings.Contains(problems[0].String(), "sequence is a JSON string") {
		fmt.Fprintln(r.Err, "hint: what attempts --json prints is no journal: attempts --format ndjson writes one")
	}
}

// content puts together what the files say. Going through the attempts again takes about as long as to judge them, and is only
// done where it is wanted.
func (o *judgeOptions) content(v verdict.Report, j *journal.Journal, files *reports) report.Content {
	if o.client != "" {
		api.Narrow(&v, o.client)
	} else {
		suspect(&v, "do the callers use the proxy's address?")
	}
	if !o.root.json && !files.detailed() && len(o.minimum) == 0 {
		return report.Content{Verdict: v}
	}
	return o.minimum.collect(v, j.Attempts(), report.CollectOptions{Ended: o.ended && !j.Losses().Cut, Client: o.client})
}

// conclude prints and writes the verdict, and turns it into the exit status.
func (o *judgeOptions) conclude(c report.Content, files *reports) error {
	if err := o.printContent(c, o.verbose); err != nil {
		return err
	}
	if err := files.writeContent(c); err != nil {
		return err
	}
	return judged(c.Verdict.Result)
}
