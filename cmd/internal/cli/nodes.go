package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func newNodes(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:   "nodes",
		Short: "List the processes that are steered as one",
		Long: `List the processes that are steered as one: all with the same [store] url and
fleet, or the one that answers. CURRENT says whether every change of faults and
brake is in force there, LOST how many of its attempts the others will never
hear of. A node that cannot put newer faults in force says so below.`,
		Args: wants(),
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error { return r.printNodes(ctx, c) }),
	}
	r.controlFlag(command)
	return command
}

func (r *root) printNodes(ctx context.Context, c *client.Client) error {
	all := &pb.ListNodesResponse{}
	for token := ""; ; {
		page, err := c.System.ListNodes(ctx, &pb.ListNodesRequest{PageSize: 1000, PageToken: token})
		if err != nil {
			return err
		}
		all.Nodes = append(all.Nodes, page.GetNodes()...)
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	if r.json {
		return r.printMessage(all)
	}
	rows := [][]string{{"name", "role", "version", "listeners", "revision", "current", "brake", "attempts", "lost"}}
	for _, n := range all.GetNodes() {
		rows = append(rows, nodeRow(n))
	}
	if err := r.printTable(rows, "no node has told of itself"); err != nil {
		return err
	}
	return r.printRefusals(all.GetNodes())
}

// printRefusals prints which nodes are behind for good, and why.
func (r *root) printRefusals(nodes []*pb.Node) error {
	for _, n := range nodes {
		if n.GetProblem() == "" {
			continue
		}
		if _, err := fmt.Fprintf(r.Out, "%s refuses newer faults: %s\n", printable(n.GetName()), printable(n.GetProblem())); err != nil {
			return err
		}
	}
	return nil
}

func nodeRow(n *pb.Node) []string {
	brake := "released"
	if n.GetBraked() {
		brake = "pulled"
	}
	listeners := strings.Join(n.GetListeners(), ",")
	if listeners == "" {
		listeners = "-"
	}
	return []string{
		printable(n.GetName()), printable(n.GetRole()), printable(n.GetVersion()), printable(listeners), fmt.Sprint(n.GetAppliedRevision()),
		strconv.FormatBool(n.GetCurrent()), brake, fmt.Sprint(n.GetAttempts()), fmt.Sprint(n.GetLostAttempts()),
	}
}
