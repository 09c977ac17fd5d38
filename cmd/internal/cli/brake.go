package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func newBrake(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:   "brake",
		Short: "Stop every fault at once, until released",
		Long: `Stop every fault at once, until released. What faults hold back is let go, and
new faults are refused.`,
		Example: `  groovechaos brake pull --reason "game day is over"
  groovechaos brake release`,
	}
	r.controlFlag(command)
	var reason string
	pull := &cobra.Command{
		Use: "pull", Short: "Stop every fault and refuse new ones", Args: wants(),
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error {
			brake, err := c.Brake.PullBrake(ctx, &pb.PullBrakeRequest{Reason: reason})
			return r.printBrake(brake, err)
		}),
	}
	release := &cobra.Command{
		Use: "release", Short: "Let the faults strike again", Args: wants(),
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error {
			brake, err := c.Brake.ReleaseBrake(ctx, &pb.ReleaseBrakeRequest{Reason: reason})
			return r.printBrake(brake, err)
		}),
	}
	for _, sub := range []*cobra.Command{pull, release} {
		sub.Flags().StringVar(&reason, "reason", "", "why, for those who look later")
	}
	command.AddCommand(pull, release, &cobra.Command{
		Use: "status", Short: "Say whether the brake is pulled", Args: wants(),
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error {
			brake, err := c.Brake.GetBrake(ctx, &pb.GetBrakeRequest{})
			return r.printBrake(brake, err)
		}),
	})
	return command
}

func (r *root) printBrake(brake *pb.Brake, err error) error {
	if err != nil {
		return err
	}
	if r.json {
		return r.printMessage(brake)
	}
	state := "released"
	if brake.GetPulled() {
		state = "pulled"
	}
	if brake.GetActor() != "" {
		state += " by " + printable(brake.GetActor())
	}
	if brake.GetReason() != "" {
		state += ": " + printable(brake.GetReason())
	}
	_, err = fmt.Fprintf(r.Out, "the brake is %s\n", state)
	return err
}
