package api

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/groovechaos/groovechaos/control/experiment/runner"
	"github.com/groovechaos/groovechaos/control/store"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// stage is a served API whose runs end with the test.
func stage(t *testing.T) pb.ExperimentServiceClient {
	t.Helper()
	return stageOn(t, &runner.Memory{})
}

func stageOn(t *testing.T, records runner.Records) pb.ExperimentServiceClient {
	t.Helper()
	var runs *runner.Runs
	s := serve(t, func(o *Options) {
		runs = runner.NewRuns(runner.Site{Faults: o.Faults, Brake: o.Brake, Attempts: o.Attempts, Outcomes: new(store.Outcomes), Uses: o.Uses}, records)
		o.Runs = runs
	})
	t.Cleanup(func() { runs.Close("the test is over") })
	return pb.NewExperimentServiceClient(s.conn)
}

const (
	briefly  = "name = \"brief\"\n[[phases]]\nname = \"a\"\nduration = \"50ms\"\n[[phases.faults]]\nname = \"f\"\nanswer.status = 503\n"
	endless  = "name = \"long\"\n[[phases]]\nname = \"a\"\nduration = \"1h\"\n[[phases.faults]]\nname = \"f\"\nanswer.status = 503\n"
	commands = "[workload]\ncommand = [\"rm\"]\n" + "[[phases]]\nname = \"a\"\nduration = \"1s\"\n"
)

func TestRuns(t *testing.T) {
	t.Parallel()
	c := stage(t)
	for i, id := range []string{"brief-1", "brief-2"} {
		started, err := c.StartRun(t.Context(), &pb.StartRunRequest{Toml: briefly})
		if err != nil || started.GetId() != id {
			t.Fatalf("started %v, %v; want %s", started, err, id)
		}
		last := watch(t, c, id)
		if last.GetState() != pb.Run_STATE_FINISHED || last.GetResult() != "inconclusive" || last.GetEndTime() == nil || last.GetPhases()[0].GetWhy() != "duration" {
			t.Errorf("it ended as %v, want finished and inconclusive", last)
		}
		report, err := c.GetReport(t.Context(), &pb.GetReportRequest{Id: id})
		if err != nil || report.GetResult() != "inconclusive" || !strings.Contains(strings.Join(report.GetVerdict().GetReasons(), "\n"), "no attempts were seen") {
			t.Errorf("report %v, %v; want that nothing was seen", report, err)
		}
		list, err := c.ListRuns(t.Context(), &pb.ListRunsRequest{})
		if err != nil || len(list.GetRuns()) != i+1 {
			t.Errorf("%d runs, %v; want %d", len(list.GetRuns()), err, i+1)
		}
	}
}

// spoilt is records of which one cannot be read.
type spoilt struct{ runner.Memory }

func (s *spoilt) List(ctx context.Context) ([]runner.Record, error) {
	list, err := s.Memory.List(ctx)
	return append([]runner.Record{{ID: "old-1", Problem: "it is in format 2"}}, list...), err
}

func TestRunsThatCannotBeReadAreListed(t *testing.T) {
	t.Parallel()
	c := stageOn(t, &spoilt{})
	if _, err := c.StartRun(t.Context(), &pb.StartRunRequest{Toml: endless}); err != nil {
		t.Fatal(err)
	}
	list, err := c.ListRuns(t.Context(), &pb.ListRunsRequest{})
	if err != nil || len(list.GetRuns()) != 2 {
		t.Fatalf("got %v, %v, want both runs", list, err)
	}
	bad, good := list.GetRuns()[0], list.GetRuns()[1]
	if bad.GetId() != "old-1" || bad.GetState() != pb.Run_STATE_UNREADABLE || bad.GetReason() != "it is in format 2" {
		t.Errorf("got %v, want it named as one that cannot be read", bad)
	}
	if good.GetId() != "long-2" || good.GetState() != pb.Run_STATE_RUNNING {
		t.Errorf("got %v, want the one that goes on", good)
	}
}

// A start that is sent again begins nothing anew, and is told of the run that it began.
func TestAStartIsRepeated(t *testing.T) {
	t.Parallel()
	c := stage(t)
	request := &pb.StartRunRequest{Toml: endless, RequestId: "r1"}
	for range 3 {
		started, err := c.StartRun(t.Context(), request)
		if err != nil || started.GetId() != "long-1" {
			t.Errorf("got %v, %v, want the one run", started, err)
		}
	}
	request.Toml = briefly
	_, err := c.StartRun(t.Context(), request)
	wantInvalid(t, err, "request_id")
}

// Who starts a run at a groovechaos that is about to end is told so, and may ask another one.
func TestNoRunBeginsAtTheEnd(t *testing.T) {
	t.Parallel()
	var runs *runner.Runs
	s := serve(t, func(o *Options) {
		runs = runner.NewRuns(runner.Site{Faults: o.Faults, Brake: o.Brake, Attempts: o.Attempts, Outcomes: new(store.Outcomes), Uses: o.Uses}, &runner.Memory{})
		o.Runs = runs
	})
	runs.Close("the test wants it")
	_, err := pb.NewExperimentServiceClient(s.conn).StartRun(t.Context(), &pb.StartRunRequest{Toml: briefly})
	if status.Code(err) != codes.Unavailable || status.Convert(err).Message() != "groovechaos is about to end: no run can begin" {
		t.Errorf("got %v, want UNAVAILABLE with the reason", err)
	}
}

// A run has the engine of the groovechaos that plays it: an experiment that asks for another one is refused by name, and not
// played as if it had not asked.
func TestARunHasTheEngineThatIsThere(t *testing.T) {
	t.Parallel()
	c := stage(t) // Its seed is 1, and it fails many calls of a kind at a time.
	for name, test := range map[string]struct{ given, wants string }{
		"another seed":  {"seed = 7\n", "seed is 7, and this groovechaos draws by 1"},
		"single flight": {"single_flight = true\n", "single_flight is true, and this groovechaos runs without"},
		"the same":      {"seed = 1\nsingle_flight = false\n", ""},
	} {
		_, checked := c.CheckExperiment(t.Context(), &pb.CheckExperimentRequest{Toml: test.given + endless})
		run, err := c.StartRun(t.Context(), &pb.StartRunRequest{Toml: test.given + endless})
		if test.wants == "" {
			if err != nil || checked != nil {
				t.Errorf("%s: got %v, %v and %v, want it begun", name, run, err, checked)
			}
			continue
		}
		for _, err := range []error{err, checked} {
			if status.Code(err) != codes.FailedPrecondition || !strings.Contains(status.Convert(err).Message(), test.wants) {
				t.Errorf("%s: got %v, want FAILED_PRECONDITION with %q", name, err, test.wants)
			}
		}
	}
}

// watch returns the last that is told of a run.
func watch(t *testing.T, c pb.ExperimentServiceClient, id string) *pb.Run {
	t.Helper()
	stream, err := c.WatchRun(t.Context(), &pb.WatchRunRequest{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	var last *pb.Run
	for {
		run, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return last
		}
		if err != nil {
			t.Fatal(err)
		}
		last = run
	}
}

func TestRunsAreStopped(t *testing.T) {
	t.Parallel()
	c := stage(t)
	for range 2 {
		started, err := c.StartRun(t.Context(), &pb.StartRunRequest{Toml: endless})
		if err != nil || started.GetState() != pb.Run_STATE_RUNNING {
			t.Fatalf("started %v, %v; want it running", started, err)
		}
		if _, err := c.StartRun(t.Context(), &pb.StartRunRequest{Toml: briefly}); status.Code(err) != codes.FailedPrecondition {
			t.Errorf("a second run at a time: %v, want FAILED_PRECONDITION", err)
		}
		if _, err := c.GetReport(t.Context(), &pb.GetReportRequest{Id: started.GetId()}); status.Code(err) != codes.FailedPrecondition {
			t.Errorf("report of a run that goes on: %v, want FAILED_PRECONDITION", err)
		}
		begun := time.Now()
		if _, err := c.StopRun(t.Context(), &pb.StopRunRequest{Id: started.GetId(), Reason: "enough"}); err != nil {
			t.Fatal(err)
		}
		last := watch(t, c, started.GetId())
		if last.GetState() != pb.Run_STATE_STOPPED || last.GetReason() != "it was asked to stop: enough" || time.Since(begun) > 30*time.Second {
			t.Errorf("it ended as %v, want stopped, with the reason", last)
		}
	}
}

func TestWhatRunsRefuse(t *testing.T) {
	t.Parallel()
	c := stage(t)
	for range 2 {
		checked, err := c.CheckExperiment(t.Context(), &pb.CheckExperimentRequest{Toml: commands})
		if err != nil || !checked.GetCommand() || checked.GetDuration().AsDuration() != time.Second {
			t.Errorf("checked %v, %v; want one with a command that takes 1s", checked, err)
		}
	}
	refusals := map[string]struct {
		err  error
		code codes.Code
		text string
	}{}
	note := func(name string, code codes.Code, text string, err error) {
		refusals[name] = struct {
			err  error
			code codes.Code
			text string
		}{err, code, text}
	}
	_, err := c.CheckExperiment(t.Context(), &pb.CheckExperimentRequest{Toml: "[[phases]]\nname = \"a\"\nduration = \"0s\"\n"})
	note("check", codes.InvalidArgument, "toml line 3: phases[0].duration is 0s", err)
	_, err = c.StartRun(t.Context(), &pb.StartRunRequest{Toml: "name = \"x\"\n"})
	note("start nothing", codes.InvalidArgument, "toml phases are missing", err)
	_, err = c.StartRun(t.Context(), &pb.StartRunRequest{Toml: "x"})
	note("start nonsense", codes.InvalidArgument, "toml line 1", err)
	_, err = c.StartRun(t.Context(), &pb.StartRunRequest{Toml: commands})
	note("start a command", codes.FailedPrecondition, "the experiment has a command", err)
	_, err = c.StopRun(t.Context(), &pb.StopRunRequest{Id: "nothing-1"})
	note("stop", codes.NotFound, "no such run", err)
	_, err = c.GetRun(t.Context(), &pb.GetRunRequest{Id: "nothing-1"})
	note("get", codes.NotFound, "no such run", err)
	_, err = c.GetReport(t.Context(), &pb.GetReportRequest{Id: "nothing-1"})
	note("report", codes.NotFound, "no such run", err)
	_, err = c.ListRuns(t.Context(), &pb.ListRunsRequest{PageToken: "x"})
	note("list", codes.InvalidArgument, "page_token", err)
	stream, err := c.WatchRun(t.Context(), &pb.WatchRunRequest{Id: "nothing-1"})
	if err == nil {
		_, err = stream.Recv()
	}
	note("watch", codes.NotFound, "no such run", err)
	for name, r := range refusals {
		if status.Code(r.err) != r.code || !strings.Contains(status.Convert(r.err).Message(), r.text) {
			t.Errorf("%s: got %v, want %v with %q", name, r.err, r.code, r.text)
		}
	}
}
