package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/control/experiment/document"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

type experimentService struct {
	pb.UnimplementedExperimentServiceServer
	options Options
}

// runs are the runs of this groovechaos.
func (s *experimentService) runs() (*runner.Runs, error) {
	if s.options.Runs == nil {
		return nil, status.Error(codes.FailedPrecondition, "experiments cannot be run here")
	}
	return s.options.Runs, nil
}

// readExperiment reads an experiment that came as text.
func readExperiment(text string) (*experiment.Experiment, error) {
	e, err := document.Parse("toml", []byte(text))
	wrong, ok := errors.AsType[*config.Error](err)
	if !ok {
		return e, err
	}
	problems := make([]faults.Problem, len(wrong.Problems))
	for i, p := range wrong.Problems {
		text := p.String()
		if p.Line > 0 { // What is missing is on no line.
			text = fmt.Sprintf("line %d: %s", p.Line, text)
		}
		problems[i] = faults.Problem{Field: "toml", Text: text}
	}
	return nil, invalid(problems...)
}

// playable reads an experiment that can be played with the engine that is there.
func (s *experimentService) playable(text string) (*experiment.Experiment, error) {
	e, err := readExperiment(text)
	if err != nil {
		return nil, err
	}
	switch system := &s.options.System; {
	case e.Seeded && e.Seed != system.Seed:
		err = fmt.Errorf("seed is %d, and this groovechaos draws by %d: leave it out, or play the experiment with groovechaos run", e.Seed, system.Seed)
	case e.SingleFlight && !system.SingleFlight:
		err = errors.New("single_flight is true, and this groovechaos runs without: set it in its configuration, or play the experiment with groovechaos run")
	default:
		return e, nil
	}
	return nil, because(codes.FailedPrecondition, "ENGINE_DIFFERS", err, nil)
}

func (s *experimentService) CheckExperiment(_ context.Context, r *pb.CheckExperimentRequest) (*pb.CheckedExperiment, error) {
	e, err := s.playable(r.GetToml())
	if err != nil {
		return nil, err
	}
	checked := &pb.CheckedExperiment{Name: e.Name, Command: e.Workload.Command != nil}
	var longest time.Duration
	for i := range e.Phases {
		checked.Phases = append(checked.Phases, e.Phases[i].Name)
		longest += e.Phases[i].Duration
	}
	checked.Duration = duration(min(longest, e.TimeLimit))
	return checked, nil
}

func (s *experimentService) StartRun(ctx context.Context, r *pb.StartRunRequest) (*pb.Run, error) {
	runs, err := s.runs()
	if err != nil {
		return nil, err
	}
	e, err := s.playable(r.GetToml())
	if err != nil {
		return nil, err
	}
	record, err := runs.Start(ctx, e)
	return runMessage(&record), runError(err)
}

func (s *experimentService) StopRun(ctx context.Context, r *pb.StopRunRequest) (*pb.Run, error) {
	runs, err := s.runs()
	if err != nil {
		return nil, err
	}
	record, err := runs.Stop(ctx, r.GetId(), validText(r.GetReason()))
	return runMessage(&record), runError(err)
}

func (s *experimentService) GetRun(ctx context.Context, r *pb.GetRunRequest) (*pb.Run, error) {
	record, err := s.record(ctx, r.GetId())
	return runMessage(&record), err
}

func (s *experimentService) record(ctx context.Context, id string) (runner.Record, error) {
	runs, err := s.runs()
	if err != nil {
		return runner.Record{}, err
	}
	record, err := runs.Get(ctx, id)
	return record, runError(err)
}

func (s *experimentService) ListRuns(ctx context.Context, r *pb.ListRunsRequest) (*pb.ListRunsResponse, error) {
	runs, err := s.runs()
	if err != nil {
		return nil, err
	}
	records, err := runs.List(ctx)
	if err != nil {
		return nil, err
	}
	page, next, err := paged(records, r)
	if err != nil {
		return nil, err
	}
	answer := &pb.ListRunsResponse{NextPageToken: next}
	for i := range page {
		answer.Runs = append(answer.Runs, listedMessage(&page[i]))
	}
	return answer, nil
}

func (s *experimentService) WatchRun(r *pb.WatchRunRequest, stream grpc.ServerStreamingServer[pb.Run]) error {
	runs, err := s.runs()
	if err != nil {
		return err
	}
	ctx, end := s.options.watching(stream)
	defer end()
	err = runs.Watch(ctx, r.GetId(), func(record runner.Record) error { return stream.Send(runMessage(&record)) })
	return causeOf(ctx, runError(err))
}

func (s *experimentService) GetReport(ctx context.Context, r *pb.GetReportRequest) (*pb.RunReport, error) {
	record, err := s.record(ctx, r.GetId())
	if err != nil {
		return nil, err
	}
	if !record.Over() {
		return nil, because(codes.FailedPrecondition, "RUN_GOES_ON", fmt.Errorf("the run %.80s goes on: watch it until it has ended", record.ID), nil)
	}
	c, err := s.options.Runs.Conclusion(ctx, r.GetId())
	if err != nil {
		return nil, runError(err)
	}
	report := &pb.RunReport{Run: runMessage(&record), Result: string(c.Result), Reasons: validTexts(c.Reasons), Verdict: verdictMessage(c.Verdict)}
	for _, m := range c.Met {
		report.Expectations = append(report.Expectations, &pb.MetExpectation{
			Expectation: validText(m.Expectation), Result: string(m.Result), Figure: validText(m.Figure),
		})
	}
	return report, nil
}

// runError maps what goes wrong with runs.
func runError(err error) error {
	var busy *runner.BusyError
	switch {
	case errors.Is(err, runner.ErrNoRun):
		return because(codes.NotFound, "RUN_MISSING", err, nil)
	case errors.Is(err, runner.ErrEnding):
		return because(codes.Unavailable, "STOPPING", err, nil)
	case errors.Is(err, runner.ErrNoCommand):
		return because(codes.FailedPrecondition, "EXPERIMENT_HAS_COMMAND", err, nil)
	case errors.As(err, &busy):
		return because(codes.FailedPrecondition, "RUN_GOES_ON", err, map[string]string{"id": busy.ID})
	}
	return err
}

// states are the words of the API for those of the machine.
var states = map[experiment.State]pb.Run_State{
	experiment.StateRunning:  pb.Run_STATE_RUNNING,
	experiment.StateFinished: pb.Run_STATE_FINISHED,
	experiment.StateStopped:  pb.Run_STATE_STOPPED,
	experiment.StateFailed:   pb.Run_STATE_FAILED,
}

// listedMessage writes a run for a list, which has those that cannot be read too.
func listedMessage(r *runner.Record) *pb.Run {
	if r.Problem == "" {
		return runMessage(r)
	}
	return &pb.Run{Id: validText(r.ID), State: pb.Run_STATE_UNREADABLE, Reason: validText(r.Problem), StartTime: timestamp(r.Status.Started)}
}

func runMessage(r *runner.Record) *pb.Run {
	s := &r.Status
	run := &pb.Run{
		Id: r.ID, Experiment: r.Experiment, State: states[s.State], Reason: validText(s.Reason), Phase: s.Phase,
		StartTime: timestamp(s.Started), EndTime: timestamp(s.Ended),
		Attempts: count32(s.Attempts), Calls: count32(s.Calls), Answers: count32(s.Answers), RightAnswers: count32(s.Right),
		Load: count32(s.Load), FailedLoad: count32(s.LoadFailed), Result: string(r.Result),
	}
	for _, p := range s.Phases {
		run.Phases = append(run.Phases, &pb.RunPhase{
			Name: p.Name, Reached: p.Reached, Begin: duration(p.Begin), End: duration(p.End), Calls: count32(p.Calls), Why: p.Why,
		})
	}
	return run
}

// count32 writes a count that is never near the end of its type.
func count32(n int) int32 { return int32(min(n, 1<<31-1)) } //nolint:gosec // It is bounded.
