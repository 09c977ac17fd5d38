package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// faultPage is how many faults are asked for at a time.
const faultPage = 1000

func allFaults(ctx context.Context, c *client.Client) ([]*pb.Fault, error) {
	var all []*pb.Fault
	request := &pb.ListFaultsRequest{PageSize: faultPage}
	for {
		page, err := c.Faults.ListFaults(ctx, request)
		if err != nil {
			return nil, err
		}
		all = append(all, page.GetFaults()...)
		if page.GetNextPageToken() == "" {
			return all, nil
		}
		request.PageToken = page.GetNextPageToken()
	}
}

func (r *root) listFaults(ctx context.Context, c *client.Client) error {
	all, err := allFaults(ctx, c)
	if err != nil {
		return err
	}
	if r.json {
		return r.printMessage(&pb.ListFaultsResponse{Faults: all})
	}
	rows := [][]string{{"name", "state", "matched", "fired", "effect"}}
	for _, f := range all {
		rows = append(rows, []string{
			f.GetName(), stateWord(f.GetState()), fmt.Sprint(f.GetUse().GetMatched()), fmt.Sprint(f.GetUse().GetFired()), effectWord(f),
		})
	}
	return r.printTable(rows, "no faults")
}

func newFaultApply(r *root) *cobra.Command {
	return &cobra.Command{
		Use:   "apply FILE",
		Short: "Create or replace all faults of a configuration file at once",
		Long: `Create or replace all faults of a configuration file at once: all of them or, if
one is refused, none. Other faults stay as they are, and so does what else the
file configures.`,
		Example:           "  groovechaos fault apply config.toml",
		Args:              wants("FILE"),
		ValidArgsFunction: firstArgument(completeTOML),
		RunE: r.remote(func(ctx context.Context, c *client.Client, args []string) error {
			return r.applyFaults(ctx, c, args[0])
		}),
	}
}

func (r *root) applyFaults(ctx context.Context, c *client.Client, file string) error {
	loaded, err := loadConfig(file)
	if err != nil {
		return err
	}
	if len(loaded.Faults) == 0 {
		return fmt.Errorf("apply %s: it has no fault, want [[faults]]", file)
	}
	request := &pb.ApplyFaultsRequest{}
	for i := range loaded.Faults {
		request.Faults = append(request.Faults, api.Fault(&loaded.Faults[i]))
	}
	answer, err := c.Faults.ApplyFaults(ctx, request)
	if err != nil {
		return err
	}
	if !r.json {
		return r.printApplied(answer.GetFaults())
	}
	for _, f := range answer.GetFaults() {
		doubts(r.Err, f)
	}
	return r.printMessage(answer)
}

func (r *root) printApplied(applied []*pb.Fault) error {
	for _, f := range applied {
		if err := r.printSwitched(f, nil); err != nil {
			return err
		}
	}
	return nil
}
