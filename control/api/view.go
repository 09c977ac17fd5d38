package api

import (
	"context"
	"slices"
	"time"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// view is what is told of stored faults beside themselves: their output fields.
type view struct {
	now    time.Time
	braked bool
	uses   map[string]faults.Use
	// nodes are those that have a proxy.
	nodes []store.Node
}

// look takes a view.
func (s *faultService) look(ctx context.Context) (*view, error) {
	brake, err := s.options.Brake.Brake(ctx)
	if err != nil {
		return nil, err
	}
	v := &view{now: s.options.Now(), braked: brake.Pulled, uses: make(map[string]faults.Use)}
	for _, use := range s.options.Uses() {
		v.uses[use.Name] = use
	}
	if s.options.Nodes == nil {
		return v, nil
	}
	if v.nodes, err = s.options.Nodes(ctx); err != nil {
		return nil, err
	}
	v.nodes = slices.DeleteFunc(v.nodes, func(n store.Node) bool { return len(n.Listeners) == 0 })
	return v, nil
}

// show writes faults with their output fields.
func (s *faultService) show(ctx context.Context, some ...store.Fault) ([]*pb.Fault, error) {
	v, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	return v.faults(some), nil
}

// showOne is show for a single fault.
func (s *faultService) showOne(ctx context.Context, f store.Fault) (*pb.Fault, error) {
	shown, err := s.show(ctx, f)
	if err != nil {
		return nil, err
	}
	return shown[0], nil
}

func (v *view) faults(some []store.Fault) []*pb.Fault {
	messages := make([]*pb.Fault, len(some))
	for i := range some {
		messages[i] = v.fault(&some[i])
	}
	return messages
}

// storedFault writes a fault as it is kept, without what is only true for now.
func storedFault(f *store.Fault) *pb.Fault {
	fault := Fault(&f.Fault)
	fault.Revision = f.Revision
	fault.CreateTime = timestamp(f.Created)
	fault.UpdateTime = timestamp(f.Updated)
	fault.ExpireTime = timestamp(f.ExpiresAt)
	return fault
}

// fault writes a stored fault with its output fields.
func (v *view) fault(f *store.Fault) *pb.Fault {
	fault := storedFault(f)
	for i := range v.nodes {
		if v.nodes[i].Applied >= f.Revision {
			fault.Nodes = append(fault.Nodes, v.nodes[i].Name)
		}
	}
	fault.State = v.state(f)
	fault.Warnings = f.Warnings
	use := v.uses[f.Name]
	fault.Use = &pb.FaultUse{Name: f.Name, Matched: use.Matched, Fired: use.Fired, Held: use.Held, Overflow: use.Overflow}
	return fault
}

func (v *view) state(f *store.Fault) pb.Fault_State {
	switch {
	case f.Disabled:
		return pb.Fault_STATE_DISABLED
	case f.Expired(v.now):
		return pb.Fault_STATE_EXPIRED
	case v.braked:
		return pb.Fault_STATE_BRAKED
	default:
		return pb.Fault_STATE_ACTIVE
	}
}
