package api

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/groovechaos/groovechaos/control/store"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func TestNodesAreListedByPage(t *testing.T) {
	t.Parallel()
	nodes := []store.Node{
		{
			Name: "a", Role: "all", Version: "1.2.3", Started: epoch, Seen: epoch.Add(time.Minute), Listeners: []string{"127.0.0.1:1"},
			Applied: 1, Braked: true, Attempts: 7, Lost: 2,
		},
		{Name: "b", Role: "control", Applied: 1, Refused: &store.Refused{Revision: 9, Problem: "in format 2"}},
	}
	s := serve(t, func(o *Options) {
		o.Nodes = func(context.Context) ([]store.Node, error) { return slices.Clone(nodes), nil }
	})
	s.create(t, "one", 0.1)
	first, err := s.system.ListNodes(t.Context(), &pb.ListNodesRequest{PageSize: 1})
	if err != nil || len(first.GetNodes()) != 1 || first.GetNextPageToken() == "" {
		t.Fatalf("got %v, %v, want one node and another page", first, err)
	}
	a := first.GetNodes()[0]
	if a.GetName() != "a" || a.GetVersion() != "1.2.3" || !a.GetSeenTime().AsTime().Equal(epoch.Add(time.Minute)) || !a.GetCurrent() ||
		!a.GetBraked() || a.GetAttempts() != 7 || a.GetLostAttempts() != 2 || !slices.Equal(a.GetListeners(), nodes[0].Listeners) ||
		a.GetProblem() != "" {
		t.Errorf("got %v, want it as it told of itself, and current", a)
	}
	second, err := s.system.ListNodes(t.Context(), &pb.ListNodesRequest{PageSize: 1, PageToken: first.GetNextPageToken()})
	if err != nil || len(second.GetNodes()) != 1 || second.GetNodes()[0].GetCurrent() || second.GetNextPageToken() != "" ||
		second.GetNodes()[0].GetRefusedRevision() != 9 || second.GetNodes()[0].GetProblem() != "in format 2" {
		t.Errorf("got %v, %v, want the other node, not current for what it refuses, and the end", second, err)
	}
}

func TestAFaultTellsWhereItIsInForce(t *testing.T) {
	t.Parallel()
	listeners := []string{"127.0.0.1:1"}
	s := serve(t, func(o *Options) {
		o.Nodes = func(context.Context) ([]store.Node, error) {
			return []store.Node{
				{Name: "behind", Listeners: listeners, Applied: 1},
				{Name: "here", Listeners: listeners, Applied: 2},
				{Name: "without-proxy", Applied: 2},
			}, nil
		}
	})
	old, young := s.create(t, "old", 0.1), s.create(t, "young", 0.1)
	if !slices.Equal(old.GetNodes(), []string{"behind", "here"}) || !slices.Equal(young.GetNodes(), []string{"here"}) {
		t.Errorf("in force on %v and %v, want behind and here, and here", old.GetNodes(), young.GetNodes())
	}
}

func TestAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	away := &store.UnavailableError{Doing: "list", Err: errors.New("nobody there")}
	s := serve(t, func(o *Options) {
		o.Nodes = func(context.Context) ([]store.Node, error) { return nil, away }
	})
	if _, err := s.system.ListNodes(t.Context(), &pb.ListNodesRequest{}); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v, want %v", err, codes.Unavailable)
	}
}
