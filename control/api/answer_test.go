package api

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// drawer keeps answers in memory, or not at all.
type drawer struct {
	mu   sync.Mutex
	kept map[string][]byte
	away error
}

func (d *drawer) Answer(_ context.Context, name string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.kept[name], d.away
}

func (d *drawer) Keep(_ context.Context, name string, answer []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away == nil {
		d.kept[name] = answer
	}
	return d.away
}

// slapdash panics at every first look and at every first answer that it is to keep.
type slapdash struct {
	drawer
	looks, keeps int
}

func (d *slapdash) Answer(ctx context.Context, name string) ([]byte, error) {
	if d.looks++; d.looks == 1 {
		panic("out of cheese")
	}
	return d.drawer.Answer(ctx, name)
}

func (d *slapdash) Keep(ctx context.Context, name string, answer []byte) error {
	if d.keeps++; d.keeps == 1 {
		panic("out of cheese")
	}
	return d.drawer.Keep(ctx, name, answer)
}

// A panic beside the handler leaves no request_id open: before it the request is as good as new, behind it the answer is known.
func TestAPanicBesideTheHandlerLeavesNoRequestOpen(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *Options) { o.Answers = &slapdash{drawer: drawer{kept: make(map[string][]byte)}} })
	limit, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	request := &pb.CreateFaultRequest{Fault: answering("one", 0.1), RequestId: "r1"}
	for _, want := range []codes.Code{codes.Internal, codes.Internal, codes.OK, codes.OK} {
		made, err := s.faults.CreateFault(limit, request)
		if status.Code(err) != want || err == nil && made.GetRevision() != 1 {
			t.Errorf("got %v, %v, want %v, and the fault made once", made, err, want)
		}
	}
	if entries, err := s.audit.List(t.Context(), 0, 10); err != nil || len(entries) != 1 || entries[0].Result != "OK" {
		t.Errorf("the audit has %+v, %v, want the one change", entries, err)
	}
}

// What one process has answered another one answers alike, and changes nothing.
func TestAnAnswerOfAnotherProcessIsRepeated(t *testing.T) {
	t.Parallel()
	d := &drawer{kept: make(map[string][]byte)}
	with := func(o *Options) { o.Answers = d }
	first, second := serve(t, with), serve(t, with)
	request := &pb.CreateFaultRequest{Fault: answering("one", 0.1), RequestId: "r1"}
	made, err := first.faults.CreateFault(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		again, err := second.faults.CreateFault(t.Context(), request)
		if err != nil || again.GetRevision() != made.GetRevision() || again.GetName() != "one" {
			t.Errorf("another process answered %v, %v, want %v", again, err, made)
		}
	}
	if list, err := second.faults.ListFaults(t.Context(), &pb.ListFaultsRequest{}); err != nil || len(list.GetFaults()) != 0 {
		t.Errorf("another process made %v, %v, want nothing", list.GetFaults(), err)
	}
	request.Fault = answering("two", 0.1)
	_, err = second.faults.CreateFault(t.Context(), request)
	wantInvalid(t, err, "request_id")
	// What failed is not kept.
	failing := &pb.DeleteFaultRequest{Name: "nothing", RequestId: "r2"}
	if _, err := first.faults.DeleteFault(t.Context(), failing); err == nil || len(d.kept) != 1 {
		t.Errorf("a request that failed: %v, %d answers are kept, want the one", err, len(d.kept))
	}
}

// A brake is pulled whatever becomes of the answers.
func TestRequestsAreAnsweredWithoutEarlierAnswers(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *Options) { o.Answers = &drawer{away: errors.New("away")} })
	for range 2 {
		brake, err := s.brake.PullBrake(t.Context(), &pb.PullBrakeRequest{Reason: "smoke", RequestId: "r1"})
		if err != nil || !brake.GetPulled() {
			t.Errorf("got %v, %v, want it pulled", brake, err)
		}
	}
}

// silent is answers in a store that says nothing for as long as it is asked.
type silent struct{ drawer }

func (*silent) Answer(ctx context.Context, _ string) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A store that says nothing holds no brake up: whoever pulls it with a request_id has no time for an earlier answer.
func TestABrakeDoesNotWaitForEarlierAnswers(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *Options) { o.Answers = &silent{drawer{kept: make(map[string][]byte)}} })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for range 2 {
		brake, err := s.brake.PullBrake(ctx, &pb.PullBrakeRequest{Reason: "smoke", RequestId: "r1"})
		if err != nil || !brake.GetPulled() {
			t.Errorf("got %v, %v, want it pulled", brake, err)
		}
	}
}

// A judgement of a period has calls whole: one that began before it is none of it, whatever came of it later.
func TestCallsAreJudgedWhole(t *testing.T) {
	t.Parallel()
	s := serve(t)
	record := func(sequence uint64, id string, second int) {
		at := time.Duration(second) * time.Second
		s.attempts.Record(&observe.Attempt{
			Sequence: sequence, Time: epoch.Add(at), Received: at, Answered: at + time.Millisecond, Client: "c", Method: "GET", CallID: id,
			Target: "/1/content/music/catalog/genres", Endpoint: "genres", Counter: observe.NoCounter, BodyComplete: true,
			Status: 503, Class: groove.ClassFailure, Origin: observe.OriginInjected, End: observe.EndComplete,
		})
	}
	record(1, "old", 0)
	record(2, "old", 9)
	record(3, "new", 10)
	record(4, "old", 11)
	record(5, "new", 12)
	for name, test := range map[string]struct {
		start, end      *timestamppb.Timestamp
		attempts, calls int32
	}{
		"whole":               {nil, nil, 5, 2},
		"from between":        {timestamppb.New(epoch.Add(8 * time.Second)), nil, 2, 1},
		"until between":       {nil, timestamppb.New(epoch.Add(8 * time.Second)), 3, 1},
		"a time with nothing": {timestamppb.New(epoch.Add(time.Hour)), nil, 0, 0},
	} {
		v, err := s.observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{StartTime: test.start, EndTime: test.end})
		if err != nil {
			t.Fatal(err)
		}
		var attempts, calls int32
		for _, c := range v.GetClients() {
			attempts, calls = attempts+c.GetAttempts(), calls+c.GetCalls()
		}
		if attempts != test.attempts || calls != test.calls {
			t.Errorf("%s: judged were %d attempts of %d calls, want %d of %d", name, attempts, calls, test.attempts, test.calls)
		}
		clients, err := s.observation.ListClients(t.Context(), &pb.ListClientsRequest{StartTime: test.start, EndTime: test.end})
		if err != nil || len(clients.GetClients()) != min(1, int(test.calls)) {
			t.Errorf("%s: clients %v, %v", name, clients, err)
		}
	}
	late := timestamppb.New(epoch.Add(10 * time.Second))
	c, err := s.observation.GetCoverage(t.Context(), &pb.GetCoverageRequest{StartTime: late})
	if err != nil || c.GetAttempts() != 3 {
		t.Errorf("coverage of the later ones is over %d attempts, %v, want 3", c.GetAttempts(), err)
	}
	_, err = s.observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{StartTime: late, EndTime: late})
	wantInvalid(t, err, "end_time")
	_, err = s.observation.GetCoverage(t.Context(), &pb.GetCoverageRequest{StartTime: &timestamppb.Timestamp{Seconds: 1 << 60}})
	wantInvalid(t, err, "start_time")
}
