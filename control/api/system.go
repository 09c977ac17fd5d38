package api

import (
	"context"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

type systemService struct {
	pb.UnimplementedSystemServiceServer
	options Options
}

func (s *systemService) GetStatus(ctx context.Context, _ *pb.GetStatusRequest) (*pb.Status, error) {
	set, err := s.options.Faults.Faults(ctx)
	if err != nil {
		return nil, err
	}
	brake, err := s.options.Brake.Brake(ctx)
	if err != nil {
		return nil, err
	}
	total, dropped := s.options.Attempts.Counts()
	system := s.options.System
	return &pb.Status{
		Version:         system.Version,
		StartTime:       timestamp(system.Started),
		ProxyAddress:    system.Proxy,
		Upstream:        system.Upstream,
		StandinAddress:  system.Standin,
		GrpcAddress:     system.GRPC,
		RestAddress:     system.REST,
		Braked:          brake.Pulled,
		Faults:          int32(len(set)), //nolint:gosec // Bounded by faults.MaxFaults.
		Attempts:        total,
		DroppedAttempts: dropped,
	}, nil
}
