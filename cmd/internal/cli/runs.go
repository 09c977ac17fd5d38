package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func newRuns(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:   "runs",
		Short: "See and stop the runs of a running groovechaos",
		Long: `See and stop the runs of experiments of a running groovechaos. One goes on at a
time; groovechaos experiment run begins one.`,
	}
	r.controlFlag(command)
	var reason string
	var verbose bool
	stop := &cobra.Command{
		Use: "stop ID", Short: "Stop a run: its faults end with it", Args: wants("ID"),
		Example: `  groovechaos runs stop gameday-1 --reason "seen enough"`,
		RunE: r.remote(func(ctx context.Context, c *client.Client, args []string) error {
			run, err := c.Experiments.StopRun(ctx, &pb.StopRunRequest{Id: args[0], Reason: reason})
			if err != nil {
				return err
			}
			return r.printRuns(run)
		}),
	}
	stop.Flags().StringVar(&reason, "reason", "", "why, for those who look later")
	show := &cobra.Command{
		Use: "show ID", Short: "Print what a run came to", Args: wants("ID"),
		Long: `Print what a run came to, with the verdict on its callers. Exits with 0 for
pass, 3 for fail and 4 if too little was seen.`,
		Example: "  groovechaos runs show gameday-1 --verbose",
		RunE: r.remote(func(ctx context.Context, c *client.Client, args []string) error {
			return r.concludeRun(ctx, c, args[0], verbose)
		}),
	}
	show.Flags().BoolVarP(&verbose, "verbose", "v", false, "show every finding")
	command.AddCommand(stop, show, newRunsList(r), newRunsWatch(r))
	for _, sub := range []*cobra.Command{stop, show} {
		sub.ValidArgsFunction = firstArgument(r.completer(runIDs))
	}
	return command
}

func newRunsList(r *root) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the runs, the oldest first", Args: wants(),
		Example: "  groovechaos runs list",
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error {
			runs, err := listRuns(ctx, c)
			if err != nil {
				return err
			}
			return r.printRuns(runs...)
		}),
	}
}

func newRunsWatch(r *root) *cobra.Command {
	return &cobra.Command{
		Use: "watch ID", Short: "Show how far a run is until it has ended", Args: wants("ID"),
		Example:           "  groovechaos runs watch gameday-1",
		ValidArgsFunction: firstArgument(r.completer(runIDs)),
		RunE: r.remote(func(ctx context.Context, c *client.Client, args []string) error {
			if err := r.follow(ctx, c, args[0], r.json); err != nil {
				return err
			}
			if r.json {
				return nil
			}
			run, err := c.Experiments.GetRun(ctx, &pb.GetRunRequest{Id: args[0]})
			if err != nil {
				return err
			}
			return r.printRuns(run)
		}),
	}
}

func listRuns(ctx context.Context, c *client.Client) ([]*pb.Run, error) {
	var runs []*pb.Run
	for request := (&pb.ListRunsRequest{PageSize: 1000}); ; {
		page, err := c.Experiments.ListRuns(ctx, request)
		if err != nil {
			return nil, err
		}
		runs = append(runs, page.GetRuns()...)
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			return runs, nil
		}
	}
}

func runIDs(ctx context.Context, c *client.Client) ([]string, error) {
	runs, err := listRuns(ctx, c)
	ids := make([]string, len(runs))
	for i, run := range runs {
		ids[i] = run.GetId()
	}
	return ids, err
}

func (r *root) printRuns(runs ...*pb.Run) error {
	rows := [][]string{{"run", "state", "phase", "attempts", "probes", "result", "why"}}
	for _, run := range runs {
		if r.json {
			if err := r.printLine(run); err != nil {
				return err
			}
			continue
		}
		probes := ""
		if run.GetAnswers() > 0 {
			probes = fmt.Sprintf("%d of %d right", run.GetRightAnswers(), run.GetAnswers())
		}
		rows = append(rows, []string{
			run.GetId(), runStateWord(run), run.GetPhase(), fmt.Sprint(run.GetAttempts()), probes, run.GetResult(), brief(printable(run.GetReason())),
		})
	}
	if r.json {
		return nil
	}
	return r.printTable(rows, "no runs")
}

// longestReason is how much of a reason a table shows, in characters: runs show has the whole of it.
const longestReason = 60

func brief(text string) string {
	if runes := []rune(text); len(runes) > longestReason {
		return string(runes[:longestReason-1]) + "…"
	}
	return text
}

func runStateWord(run *pb.Run) string {
	return strings.ToLower(strings.TrimPrefix(run.GetState().String(), "STATE_"))
}

// follow shows how far a run is until it has ended: each phase as it begins, or all that is told, as JSON.
func (r *root) follow(ctx context.Context, c *client.Client, id string, lines bool) error {
	stream, err := c.Experiments.WatchRun(ctx, &pb.WatchRunRequest{Id: id})
	if err != nil {
		return err
	}
	p := r.newProgress()
	defer p.end()
	shown := ""
	for {
		run, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case lines:
			if err := r.printLine(run); err != nil {
				return err
			}
		case run.GetPhase() != shown && run.GetPhase() != "":
			shown = run.GetPhase()
			p.step("phase " + shown)
		}
	}
}

// concludeRun prints what a run came to, and turns it into the exit status.
func (r *root) concludeRun(ctx context.Context, c *client.Client, id string, verbose bool) error {
	report, err := c.Experiments.GetReport(ctx, &pb.GetReportRequest{Id: id})
	if err != nil {
		return err
	}
	if run := report.GetRun(); run.GetState() == pb.Run_STATE_FAILED {
		return fmt.Errorf("run %s: %s", printable(run.GetId()), printable(run.GetReason()))
	}
	v := api.Report(report.GetVerdict())
	suspect(&v, "do the callers use the proxy's address?")
	v.Result = verdict.Result(report.GetResult())
	v.Reasons = append(v.Reasons, report.GetReasons()...)
	for _, m := range report.GetExpectations() {
		v.Reasons = append(v.Reasons, unmet([]experiment.Met{{Expectation: m.GetExpectation(), Figure: m.GetFigure(), Result: verdict.Result(m.GetResult())}}, verdict.Fail, verdict.Inconclusive)...)
	}
	if err := r.printReport(v, verbose); err != nil {
		return err
	}
	return judged(v.Result)
}
