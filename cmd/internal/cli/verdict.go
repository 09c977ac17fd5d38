package cli

import (
	"context"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/report"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

type verdictOptions struct {
	*root
	reportPaths

	client  string
	checks  []string
	policy  string
	since   since
	ended   bool
	verbose bool
}

func newVerdict(r *root) *cobra.Command {
	o := &verdictOptions{root: r}
	command := &cobra.Command{
		Use:   "verdict",
		Short: "Judge the callers of a running groovechaos by what it saw so far",
		Long: `Judge the callers of a running groovechaos by what it saw so far. Exits with 0
for pass, 3 for fail and 4 if too little was seen, for instance no attempt at
all.

A call that failed may still be repeated: while the callers run, silence proves
nothing. Say --ended once they have ended.

What an earlier start of this groovechaos saw is left out, unless --since asks
for it: a caller that was mended is not judged by what it did before.`,
		Example: "  groovechaos verdict --ended --check backs-off,attempts-capped",
		Args:    wants(),
		RunE:    r.remote(func(ctx context.Context, c *client.Client, _ []string) error { return o.run(ctx, c) }),
	}
	r.controlFlag(command)
	flags := command.Flags()
	flags.BoolVar(&o.ended, "ended", false, "the callers have ended: what has not come will not come")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "show every finding")
	r.clientFlag(command, &o.client, "judge only this client")
	o.flags(command)
	o.since.flag(command)
	policyFlag(command, &o.policy)
	checkFlag(command, &o.checks, "ask for this check; overrides [verdict] checks (repeatable)")
	return command
}

func (o *verdictOptions) run(ctx context.Context, c *client.Client) error {
	if err := o.reportPaths.check(o.policy); err != nil {
		return err
	}
	request, err := o.request()
	if err != nil {
		return err
	}
	files, err := o.open()
	if err != nil {
		return err
	}
	defer files.discard()
	answer, err := c.Observation.JudgeAttempts(ctx, request)
	if err != nil {
		return err
	}
	v := api.Report(answer)
	if o.client == "" {
		suspect(&v, "do the callers use the proxy's address?")
	}
	content, err := o.content(ctx, c, v, files)
	if err != nil {
		return err
	}
	if err := o.printContent(content, o.verbose); err != nil {
		return err
	}
	if err := files.writeContent(content); err != nil {
		return err
	}
	return judged(v.Result)
}

// request puts together what the flags ask.
func (o *verdictOptions) request() (*pb.JudgeAttemptsRequest, error) {
	if err := knownChecks(o.checks); err != nil {
		return nil, usage("--check %w", err)
	}
	request := &pb.JudgeAttemptsRequest{Client: o.client, Checks: o.checks, Ended: o.ended, StartTime: o.since.at}
	if o.policy != "" {
		policy, err := loadPolicy(o.policy)
		if err != nil {
			return nil, err
		}
		request.Policies = api.PolicyMessages(policy)
	}
	return request, nil
}

// content puts together what the files say. What was seen is fetched where it is wanted.
func (o *verdictOptions) content(ctx context.Context, c *client.Client, v verdict.Report, files *reports) (report.Content, error) {
	if !o.root.json && !files.detailed() {
		return report.Content{Verdict: v}, nil
	}
	from, err := o.since.of(ctx, c)
	if err != nil {
		return report.Content{}, err
	}
	attempts, err := fetchAttempts(ctx, c, from)
	if err != nil {
		return report.Content{}, err
	}
	return report.Collect(v, verdict.Of(attempts), report.CollectOptions{Ended: o.ended, Client: o.client}), nil
}

// fetchAttempts gets all that is kept since a time, nil for ever, of all clients: what others do tells how a client's calls are to be brought together.
func fetchAttempts(ctx context.Context, c *client.Client, from *timestamppb.Timestamp) ([]observe.Attempt, error) {
	var attempts []observe.Attempt
	request := &pb.ListAttemptsRequest{PageSize: 1000, StartTime: from}
	for {
		page, err := c.Observation.ListAttempts(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, m := range page.GetAttempts() {
			attempts = append(attempts, api.AttemptOf(m))
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			return attempts, nil
		}
	}
}
