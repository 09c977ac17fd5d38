package api

import (
	"context"
	"fmt"

	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// maxReason bounds the reason of a brake, in bytes.
const maxReason = 1000

type brakeService struct {
	pb.UnimplementedBrakeServiceServer
	options Options
}

func (s *brakeService) GetBrake(ctx context.Context, _ *pb.GetBrakeRequest) (*pb.Brake, error) {
	brake, err := s.options.Brake.Brake(ctx)
	return brakeMessage(brake), err
}

func (s *brakeService) PullBrake(ctx context.Context, r *pb.PullBrakeRequest) (*pb.Brake, error) {
	return s.set(ctx, true, r.GetReason())
}

func (s *brakeService) ReleaseBrake(ctx context.Context, r *pb.ReleaseBrakeRequest) (*pb.Brake, error) {
	return s.set(ctx, false, r.GetReason())
}

func (s *brakeService) set(ctx context.Context, pulled bool, reason string) (*pb.Brake, error) {
	if len(reason) > maxReason {
		return nil, invalid(faults.Problem{Field: "reason", Text: fmt.Sprintf("has %d bytes, want at most %d", len(reason), maxReason)})
	}
	before, err := s.options.Brake.Brake(ctx)
	if err != nil {
		return nil, err
	}
	noteBefore(ctx, brakeMessage(before))
	brake, err := s.options.Brake.SetBrake(store.WithActor(ctx, actorOf(ctx)), pulled, reason)
	return brakeMessage(brake), err
}

func brakeMessage(b store.Brake) *pb.Brake {
	return &pb.Brake{Pulled: b.Pulled, Reason: b.Reason, UpdateTime: timestamp(b.Updated), Actor: validText(b.Actor)}
}

// actorOf is the name of who calls, "" where nobody has to say it.
func actorOf(ctx context.Context) string {
	if name := auth.FromContext(ctx).Name; name != auth.Local {
		return name
	}
	return ""
}
