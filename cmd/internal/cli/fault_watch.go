package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func newFaultWatch(r *root) *cobra.Command {
	revision := uint64(0)
	command := &cobra.Command{
		Use:   "watch",
		Short: "Show the faults and then every change of them, until interrupted",
		Long: `Show the faults and then every change of them, until interrupted: those that are
switched, expire or are stopped by the brake, too. With --json each response of
the API is one line.

The revision at which it ended goes to standard error: with --revision and that
the faults are shown only if they have changed since.`,
		Example: "  groovechaos fault watch --json | jq '.faults[].state'",
		Args:    wants(),
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error {
			return r.watchFaults(ctx, c, revision)
		}),
	}
	command.Flags().Uint64Var(&revision, "revision", 0, "the last revision that was seen")
	return command
}

// watchFaults prints what comes. To be interrupted is no failure.
func (r *root) watchFaults(ctx context.Context, c *client.Client, revision uint64) error {
	stream, err := c.Faults.WatchFaults(ctx, &pb.WatchFaultsRequest{Revision: revision})
	for err == nil {
		var news *pb.WatchFaultsResponse
		if news, err = stream.Recv(); err != nil {
			break
		}
		revision = news.GetRevision()
		if err := r.printFaultNews(news); err != nil {
			return err
		}
	}
	fmt.Fprintf(r.Err, "to go on: --revision %d\n", revision)
	return unlessInterrupted(ctx, err)
}

func (r *root) printFaultNews(news *pb.WatchFaultsResponse) error {
	if r.json {
		return r.printLine(news)
	}
	var text strings.Builder
	for _, f := range news.GetFaults() {
		fmt.Fprintf(&text, "%d  %s  %s  %s\n", news.GetRevision(), f.GetName(), stateWord(f.GetState()), effectWord(f))
	}
	for _, name := range news.GetRemoved() {
		fmt.Fprintf(&text, "%d  %s  deleted\n", news.GetRevision(), name)
	}
	_, err := fmt.Fprint(r.Out, text.String())
	return err
}
