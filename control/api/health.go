package api

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// healthPause is how often a watcher of the health looks whether it has changed.
const healthPause = time.Second

// healthService tells whether there is all that is wanted for work, of the whole and of each service alike.
type healthService struct {
	grpc_health_v1.UnimplementedHealthServer

	options Options
	// services are those that may be asked about, "" for the whole.
	services map[string]bool
}

func registerHealth(server *grpc.Server, o Options) {
	h := &healthService{options: o, services: map[string]bool{"": true}}
	for name := range server.GetServiceInfo() {
		h.services[name] = true
	}
	grpc_health_v1.RegisterHealthServer(server, h)
}

func (h *healthService) look(ctx context.Context) grpc_health_v1.HealthCheckResponse_ServingStatus {
	if h.options.Ready(ctx) != nil {
		return grpc_health_v1.HealthCheckResponse_NOT_SERVING
	}
	return grpc_health_v1.HealthCheckResponse_SERVING
}

// Check answers at once. A service that is not here is NOT_FOUND.
func (h *healthService) Check(ctx context.Context, r *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	if !h.services[r.GetService()] {
		return nil, status.Error(codes.NotFound, "unknown service")
	}
	return &grpc_health_v1.HealthCheckResponse{Status: h.look(ctx)}, nil
}

// List answers for all services.
func (h *healthService) List(ctx context.Context, _ *grpc_health_v1.HealthListRequest) (*grpc_health_v1.HealthListResponse, error) {
	now := h.look(ctx)
	all := make(map[string]*grpc_health_v1.HealthCheckResponse, len(h.services))
	for name := range h.services {
		all[name] = &grpc_health_v1.HealthCheckResponse{Status: now}
	}
	return &grpc_health_v1.HealthListResponse{Statuses: all}, nil
}

// Watch answers at once and whenever that changes. A service that is not here is told as such, as it may come.
func (h *healthService) Watch(r *grpc_health_v1.HealthCheckRequest, stream grpc.ServerStreamingServer[grpc_health_v1.HealthCheckResponse]) error {
	ctx, end := h.options.watching(stream)
	defer end()
	pause := time.NewTicker(healthPause)
	defer pause.Stop()
	for told := grpc_health_v1.HealthCheckResponse_UNKNOWN; ; {
		now := grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN
		if h.services[r.GetService()] {
			now = h.look(ctx)
		}
		if now != told {
			if err := stream.Send(&grpc_health_v1.HealthCheckResponse{Status: now}); err != nil {
				return err
			}
			told = now
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return causeOf(ctx, ctx.Err())
		}
	}
}
