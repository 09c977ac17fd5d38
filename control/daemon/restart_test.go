package daemon

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/groovechaos/groovechaos/control/store"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// dial connects to the control API of a daemon until the end of the test.
func dial(t *testing.T, d *Daemon) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(d.Addresses().GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// A fault that was made over the API and does not go with a changed file gives way; nothing is lost.
func TestTheFileWinsAtTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, end := run(t, free(t, keptIn(dir, "")))
	mine := pb.Fault{Name: "mine", Match: &pb.Match{Endpoints: []string{"genres"}}, Answer: &pb.Answer{Status: 500}}
	if _, err := pb.NewFaultServiceClient(dial(t, first)).CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: &mine}); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, first.Addresses().Proxy, genres); status != http.StatusInternalServerError {
		t.Errorf("at first: status is %d, want 500", status)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	again, _ := run(t, free(t, keptIn(dir, down)))
	set, err := again.faults.Faults(t.Context())
	if err != nil || len(set) != 2 || set[0].Name != "mine" || !set[0].Disabled || set[1].Name != "down" || set[1].Disabled {
		t.Errorf("there are %+v, %v, want mine switched off and down in force", set, err)
	}
	if status, _ := get(t, again.Addresses().Proxy, genres); status != http.StatusServiceUnavailable {
		t.Errorf("again: status is %d, want the file's 503", status)
	}
	entries, err := again.audit.List(t.Context(), 0, 100)
	if err != nil || !slices.ContainsFunc(entries, func(e store.AuditEntry) bool {
		return e.Method == "DisableFault" && e.Resource == "faults/mine" && strings.HasPrefix(e.Actor, "configuration of ")
	}) {
		t.Errorf("the audit has %+v, %v, want who switched mine off", entries, err)
	}
}

// A host that was given another name, or a container that has one of its own at each start, goes on with its directory where it was:
// a fault of the file that was deleted since does not come back, and one that the file says no more goes.
func TestAnotherNameLoadsNothingAnew(t *testing.T) {
	t.Parallel()
	const up = "[[faults]]\nname = \"up\"\nmatch.endpoints = [\"search\"]\nanswer.status = 500\n"
	dir := t.TempDir()
	first, end := run(t, free(t, keptIn(dir, up+down+"[node]\nname = \"first\"\n")))
	if err := first.faults.Delete(t.Context(), "down", 0); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	second, end := run(t, free(t, keptIn(dir, up+down+"[node]\nname = \"second\"\n")))
	if set, err := second.faults.Faults(t.Context()); err != nil || len(set) != 1 || set[0].Name != "up" {
		t.Errorf("under another name there are %+v, %v, want up alone", set, err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	third, _ := run(t, free(t, keptIn(dir, "[node]\nname = \"third\"\n")))
	if set, err := third.faults.Faults(t.Context()); err != nil || len(set) != 0 {
		t.Errorf("without faults in the file there are %+v, %v, want none", set, err)
	}
}

// What the file says anew waits for the brake, and comes into force with its release.
func TestFaultsOfTheFileWaitForTheBrake(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, end := run(t, free(t, keptIn(dir, "")))
	if err := first.PullBrake(t.Context(), "smoke"); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	again, end := run(t, free(t, keptIn(dir, down)))
	if status, _ := get(t, again.Addresses().Proxy, genres); status != http.StatusOK {
		t.Errorf("braked: status is %d, want 200", status)
	}
	if _, err := again.brake.SetBrake(t.Context(), false, ""); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool {
		status, _ := get(t, again.Addresses().Proxy, genres)
		return status == http.StatusServiceUnavailable
	})
	if err := end(); err != nil {
		t.Fatal(err)
	}
}

// After a restart a verdict is on what came since, unless it is asked for more; what callers told their users is there
// with the attempts.
func TestAVerdictBeginsWithTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, end := run(t, free(t, keptIn(dir, down)))
	observation := pb.NewObservationServiceClient(dial(t, first))
	for range 5 {
		get(t, first.Addresses().Proxy, genres)
	}
	await(t, func() bool { return len(first.attempts.All()) == 5 }) // The caller may have its answer before.
	tell := &pb.ReportOutcomeRequest{Outcome: &pb.Outcome{Attempt: 5, Kind: "success"}, RequestId: "told-1"}
	told, err := observation.ReportOutcome(t.Context(), tell)
	if err != nil {
		t.Fatal(err)
	}
	before, err := observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{Ended: true})
	if err != nil || before.GetResult() != "fail" || surfaced(before) != "fail" {
		t.Errorf("at first: %s, error-surfaced is %q, %v, want it failed", before.GetResult(), surfaced(before), err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}

	again, _ := run(t, free(t, keptIn(dir, "")))
	observation = pb.NewObservationServiceClient(dial(t, again))
	await(t, func() bool { return len(again.attempts.All()) == 5 })
	await(t, func() bool { kept, _ := again.outcomes.All(); return len(kept) == 1 })
	now, err := observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{Ended: true})
	if err != nil || now.GetResult() != "inconclusive" || len(now.GetClients()) != 0 {
		t.Errorf("after a restart: %v, %v, want that nothing was seen", now, err)
	}
	all, err := observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{Ended: true, StartTime: timestamppb.New(time.Unix(0, 0))})
	if err != nil || surfaced(all) != "fail" {
		t.Errorf("of all that is kept: error-surfaced is %q, %v, want it failed as before", surfaced(all), err)
	}
	calls, err := observation.ListCalls(t.Context(), &pb.ListCallsRequest{})
	if err != nil || len(calls.GetCalls()) != 0 {
		t.Errorf("calls since the start: %d, %v, want none", len(calls.GetCalls()), err)
	}
	// The same request again, after a restart, is the one outcome that it was.
	repeated, err := observation.ReportOutcome(t.Context(), tell)
	if err != nil || !repeated.GetTime().AsTime().Equal(told.GetTime().AsTime()) {
		t.Errorf("told again: %v, %v, want the answer of the first time, %v", repeated, err, told)
	}
	if kept, _ := again.outcomes.All(); len(kept) != 1 {
		t.Errorf("%d outcomes are kept, want the one", len(kept))
	}
}

// surfaced is the result of error-surfaced for the only client.
func surfaced(v *pb.Verdict) string {
	for _, client := range v.GetClients() {
		for _, f := range client.GetFindings() {
			if f.GetCheck() == "error-surfaced" {
				return f.GetResult()
			}
		}
	}
	return ""
}
