package rest

import (
	"context"

	"google.golang.org/grpc"

	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func (f *fake) CheckExperiment(context.Context, *groovechaosv1.CheckExperimentRequest) (*groovechaosv1.CheckedExperiment, error) {
	return &groovechaosv1.CheckedExperiment{Name: "x", Phases: []string{"a"}}, nil
}

func (f *fake) StartRun(context.Context, *groovechaosv1.StartRunRequest) (*groovechaosv1.Run, error) {
	return &groovechaosv1.Run{Id: "x-1", State: groovechaosv1.Run_STATE_RUNNING}, nil
}

func (f *fake) StopRun(_ context.Context, r *groovechaosv1.StopRunRequest) (*groovechaosv1.Run, error) {
	return &groovechaosv1.Run{Id: r.GetId()}, nil
}

func (f *fake) GetRun(_ context.Context, r *groovechaosv1.GetRunRequest) (*groovechaosv1.Run, error) {
	return &groovechaosv1.Run{Id: r.GetId()}, nil
}

func (f *fake) ListRuns(context.Context, *groovechaosv1.ListRunsRequest) (*groovechaosv1.ListRunsResponse, error) {
	return &groovechaosv1.ListRunsResponse{}, nil
}

func (f *fake) WatchRun(r *groovechaosv1.WatchRunRequest, stream grpc.ServerStreamingServer[groovechaosv1.Run]) error {
	return stream.Send(&groovechaosv1.Run{Id: r.GetId()})
}

func (f *fake) GetReport(context.Context, *groovechaosv1.GetReportRequest) (*groovechaosv1.RunReport, error) {
	return &groovechaosv1.RunReport{Result: "pass"}, nil
}
