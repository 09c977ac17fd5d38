package api

import (
	"context"

	"github.com/groovechaos/groovechaos/control/store"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// ListNodes tells what the nodes told of themselves.
func (s *systemService) ListNodes(ctx context.Context, r *pb.ListNodesRequest) (*pb.ListNodesResponse, error) {
	var nodes []store.Node
	var err error
	if s.options.Nodes != nil {
		if nodes, err = s.options.Nodes(ctx); err != nil {
			return nil, err
		}
	}
	page, next, err := paged(nodes, r)
	if err != nil {
		return nil, err
	}
	newest, err := s.options.Faults.Revision(ctx)
	if err != nil {
		return nil, err
	}
	answer := &pb.ListNodesResponse{NextPageToken: next}
	for i := range page {
		answer.Nodes = append(answer.Nodes, nodeMessage(&page[i], newest))
	}
	return answer, nil
}

// nodeMessage writes a node, where a revision is the newest.
func nodeMessage(n *store.Node, newest uint64) *pb.Node {
	node := &pb.Node{
		Name: n.Name, Role: n.Role, Version: n.Version, StartTime: timestamp(n.Started), SeenTime: timestamp(n.Seen),
		Listeners: n.Listeners, AppliedRevision: n.Applied, Current: n.Applied >= newest, Braked: n.Braked,
		Attempts: n.Attempts, LostAttempts: n.Lost,
	}
	if n.Refused != nil {
		node.Current, node.RefusedRevision, node.Problem = false, n.Refused.Revision, validText(n.Refused.Problem)
	}
	return node
}
