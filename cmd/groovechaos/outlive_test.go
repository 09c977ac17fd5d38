//go:build e2e && unix

package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

const (
	brief   = "name = \"brief\"\n[[phases]]\nname = \"a\"\nduration = \"50ms\"\n"
	endless = "name = \"endless\"\n[[phases]]\nname = \"a\"\nduration = \"1h\"\n[[phases.faults]]\nname = \"f\"\nmatch.endpoints = [\"genres\"]\nanswer.status = 503\n"
)

// play runs an experiment to its end.
func (p *process) play(t *testing.T, toml string) string {
	t.Helper()
	run, err := p.Experiments.StartRun(t.Context(), &pb.StartRunRequest{Toml: toml})
	if err != nil {
		t.Fatal(err)
	}
	p.watched(t, run.GetId())
	return run.GetId()
}

// watched returns the last that is told of a run.
func (p *process) watched(t *testing.T, id string) (last *pb.Run) {
	t.Helper()
	stream, err := p.Experiments.WatchRun(t.Context(), &pb.WatchRunRequest{Id: id})
	for err == nil {
		var run *pb.Run
		if run, err = stream.Recv(); err == nil {
			last = run
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatalf("watch %s: %v", id, err)
	}
	return last
}

// cutOff holds that a run was ended by others than those who ran it, and that its faults are gone.
func (p *process) cutOff(t *testing.T, id string) {
	t.Helper()
	last := p.watched(t, id)
	if last.GetState() != pb.Run_STATE_STOPPED || last.GetResult() != "inconclusive" || !strings.Contains(last.GetReason(), "cut off") {
		t.Errorf("the run that went on is %v, want it stopped as one that was cut off", last)
	}
	report, err := p.Experiments.GetReport(t.Context(), &pb.GetReportRequest{Id: id})
	if err != nil || report.GetResult() != "inconclusive" || !strings.Contains(strings.Join(report.GetReasons(), "\n"), "cut off") {
		t.Errorf("its report is %v, %v, want inconclusive, and why", report, err)
	}
	if set := listed(t, p.Client); len(set) != 0 {
		t.Errorf("faults are %v, want those of the run gone", set)
	}
}

// Killed while a run goes on, it knows of all runs afterwards, and what users were told.
func TestRunsOutliveTheProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := "[proxy]\nlisten = \"127.0.0.1:0\"" + freePorts
	p := launch(t, config, "--data-dir", dir)
	done := p.play(t, brief)
	run, err := p.Experiments.StartRun(t.Context(), &pb.StartRunRequest{Toml: endless})
	if err != nil {
		t.Fatal(err)
	}
	caller := p.caller(t, 1)
	until(t, "the fault of the run", func() bool { return caller.get(t, genres) == 503 })
	outcome := &pb.ReportOutcomeRequest{Outcome: &pb.Outcome{CallId: "c", Kind: "success"}, RequestId: "r1"}
	if _, err := p.Observation.ReportOutcome(t.Context(), outcome); err != nil {
		t.Fatal(err)
	}
	p.kill()
	again := launch(t, config, "--data-dir", dir)
	again.cutOff(t, run.GetId())
	report, err := again.Experiments.GetReport(t.Context(), &pb.GetReportRequest{Id: done})
	if err != nil || report.GetRun().GetState() != pb.Run_STATE_FINISHED || report.GetVerdict().GetResult() != "inconclusive" {
		t.Errorf("the report of the run that had ended: %v, %v", report, err)
	}
	if _, err := again.Observation.ReportOutcome(t.Context(), outcome); err != nil {
		t.Error(err)
	}
	until(t, "the outcome", func() bool {
		list, err := again.Observation.ListOutcomes(t.Context(), &pb.ListOutcomesRequest{})
		return err == nil && len(list.GetOutcomes()) == 1
	})
	if next := again.play(t, brief); next != "brief-3" {
		t.Errorf("the next run is %s, want it numbered after those before", next)
	}
	again.end(t)
}

// What one control node runs another one shows, stops, and ends once the first is dead.
func TestRunsOutliveTheirNode(t *testing.T) {
	t.Parallel()
	nats := startNATS(t, 3)
	one, two := launch(t, nodeConfig(nats, "all", "one")), launch(t, nodeConfig(nats, "control", "two"))
	start := func() string {
		t.Helper()
		run, err := one.Experiments.StartRun(t.Context(), &pb.StartRunRequest{Toml: endless})
		if err != nil {
			t.Fatal(err)
		}
		until(t, "the run on the other node", func() bool {
			got, err := two.Experiments.GetRun(t.Context(), &pb.GetRunRequest{Id: run.GetId()})
			return err == nil && got.GetPhase() == "a"
		})
		return run.GetId()
	}
	id := start()
	if _, err := two.Experiments.StartRun(t.Context(), &pb.StartRunRequest{Toml: brief}); err == nil || !strings.Contains(err.Error(), id) {
		t.Errorf("a second run at a time, on another node: got %v, want that %s goes on", err, id)
	}
	if _, err := two.Experiments.StopRun(t.Context(), &pb.StopRunRequest{Id: id, Reason: "enough"}); err != nil {
		t.Fatal(err)
	}
	if last := two.watched(t, id); last.GetState() != pb.Run_STATE_STOPPED || !strings.Contains(last.GetReason(), "enough") {
		t.Errorf("it ended as %v, want it stopped, with the reason", last)
	}
	id = start()
	one.kill()
	two.cutOff(t, id)
	if got := two.play(t, brief); got == "" {
		t.Error("nothing can be run after it")
	}
	two.end(t)
}
