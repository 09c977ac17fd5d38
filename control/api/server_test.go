package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// strange adds a field that no version knows.
func strange[M proto.Message](m M) M {
	raw := protowire.AppendTag(nil, 999, protowire.VarintType)
	m.ProtoReflect().SetUnknown(protowire.AppendVarint(raw, 1))
	return m
}

func TestUnknownFieldsAreRefused(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for name, tt := range map[string]struct {
		call    func(ctx context.Context) error
		where   string
		applies bool
	}{
		"at the top": {where: "999", call: func(ctx context.Context) error {
			_, err := s.faults.CreateFault(ctx, strange(&pb.CreateFaultRequest{Fault: answering("x", 1)}))
			return err
		}},
		"in the fault": {where: "fault.999", call: func(ctx context.Context) error {
			_, err := s.faults.CreateFault(ctx, &pb.CreateFaultRequest{Fault: strange(answering("x", 1))})
			return err
		}},
		"deep in the fault": {where: "fault.answer.retry_after.999", call: func(ctx context.Context) error {
			f := answering("x", 1)
			f.Answer.RetryAfter = strange(&pb.RetryAfter{Seconds: new(uint64(1))})
			_, err := s.faults.UpdateFault(ctx, &pb.UpdateFaultRequest{Fault: f})
			return err
		}},
		"in one of several faults": {where: "faults[1].match.999", call: func(ctx context.Context) error {
			f := answering("x", 1)
			f.Match = strange(&pb.Match{Methods: []string{"GET"}, Query: map[string]string{"a": "b"}})
			_, err := s.faults.ApplyFaults(ctx, &pb.ApplyFaultsRequest{Faults: []*pb.Fault{answering("y", 0), f}})
			return err
		}},
		"in a duration": {where: "fault.ttl.999", call: func(ctx context.Context) error {
			f := answering("x", 1)
			f.Ttl = strange(durationpb.New(1e9))
			_, err := s.faults.CreateFault(ctx, &pb.CreateFaultRequest{Fault: f})
			return err
		}},
		"in a mask": {where: "update_mask.999", call: func(ctx context.Context) error {
			_, err := s.faults.UpdateFault(ctx, &pb.UpdateFaultRequest{Fault: answering("x", 1), UpdateMask: strange(&fieldmaskpb.FieldMask{})})
			return err
		}},
		"in a request without fields": {where: "999", call: func(ctx context.Context) error {
			_, err := s.brake.GetBrake(ctx, strange(&pb.GetBrakeRequest{}))
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantInvalid(t, tt.call(t.Context()), tt.where)
		})
	}
}

func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	s := serve(t)
	f := answering("large", 1)
	for range 2 {
		f.Answer.Body = new(strings.Repeat("a", MaxRequest))
		_, err := s.faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: f})
		if status.Code(err) != codes.ResourceExhausted {
			t.Errorf("over the limit: got %v, want %v", err, codes.ResourceExhausted)
		}
	}
	f.Answer.Body = new(strings.Repeat("a", faults.MaxBody))
	if _, err := s.faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: f}); err != nil {
		t.Errorf("below the limit: %v", err)
	}
}

// TestErrorsAreBounded holds that an error fits a trailer, however long what it
// is about.
func TestErrorsAreBounded(t *testing.T) {
	t.Parallel()
	s := serve(t)
	long := strings.Repeat("ä", 400_000)
	var crowd, same []*pb.Fault
	for i := range 5000 {
		crowd = append(crowd, answering(fmt.Sprint("f", i), 7))
		same = append(same, answering("same", 0))
	}
	for name, call := range map[string]func() error{
		"get": func() error {
			_, err := s.faults.GetFault(t.Context(), &pb.GetFaultRequest{Name: long})
			return err
		},
		"delete": func() error {
			_, err := s.faults.DeleteFault(t.Context(), &pb.DeleteFaultRequest{Name: long})
			return err
		},
		"create": func() error {
			_, err := s.faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: answering(long, 1)})
			return err
		},
		"mask": func() error {
			_, err := s.faults.UpdateFault(t.Context(), &pb.UpdateFaultRequest{Fault: answering("x", 1), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{long}}})
			return err
		},
		"checks": func() error {
			_, err := s.observation.GetVerdict(t.Context(), &pb.GetVerdictRequest{Checks: []string{long}})
			return err
		},
		"many problems": func() error {
			_, err := s.faults.ApplyFaults(t.Context(), &pb.ApplyFaultsRequest{Faults: crowd})
			return err
		},
		"many of one name": func() error {
			_, err := s.faults.ApplyFaults(t.Context(), &pb.ApplyFaultsRequest{Faults: same})
			return err
		},
	} {
		st := status.Convert(call())
		if size := proto.Size(st.Proto()); st.Code() == codes.OK || size > 8<<10 {
			t.Errorf("%s: got %v with %d bytes, want an error of at most 8 kB", name, st.Code(), size)
		}
	}
	_, err := s.faults.ApplyFaults(t.Context(), &pb.ApplyFaultsRequest{Faults: crowd})
	if got := status.Convert(err).Message(); !strings.HasSuffix(got, "; and 4980 more") || len(fieldsOf(err)) != mostProblems {
		t.Errorf("got %d fields and %q, want %d and how many more there are", len(fieldsOf(err)), got, mostProblems)
	}
	_, err = s.faults.ApplyFaults(t.Context(), &pb.ApplyFaultsRequest{Faults: make([]*pb.Fault, faults.MaxFaults+1)})
	wantInvalid(t, err, "faults")
}

func TestPanicsAreContained(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := serve(t, func(o *Options) {
		uses := o.Uses
		var calls int
		o.Uses = func() []faults.Use {
			if calls++; calls <= 2 {
				panic("out of cheese")
			}
			return uses()
		}
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	for range 2 {
		_, err := s.faults.ListFaults(t.Context(), &pb.ListFaultsRequest{})
		if st := status.Convert(err); st.Code() != codes.Internal || strings.Contains(st.Message(), "cheese") {
			t.Errorf("got %v, want %v without the cause", err, codes.Internal)
		}
	}
	if _, err := s.faults.ListFaults(t.Context(), &pb.ListFaultsRequest{}); err != nil {
		t.Errorf("after the panics: %v", err)
	}
	for _, want := range []string{"out of cheese", "method=/groovechaos.v1.FaultService/ListFaults", "server_test.go"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not hold %q:\n%s", want, log.String())
		}
	}
}

// clumsy is a brake that panics when it is first set.
type clumsy struct {
	*store.Memory
	tries int
}

func (c *clumsy) SetBrake(ctx context.Context, pulled bool, reason string) (store.Brake, error) {
	if c.tries++; c.tries == 1 {
		panic("out of cheese")
	}
	return c.Memory.SetBrake(ctx, pulled, reason)
}

// A request whose handler panicked is written down, and does its work when it comes again.
func TestAPanicLeavesNoRequestOpen(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *Options) { o.Brake = &clumsy{Memory: store.NewMemory(faults.NewEngine(1), o.Now)} })
	request := &pb.PullBrakeRequest{Reason: "smoke", RequestId: "r1"}
	if _, err := s.brake.PullBrake(t.Context(), request); status.Code(err) != codes.Internal {
		t.Fatalf("got %v, want %v", err, codes.Internal)
	}
	limit, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if brake, err := s.brake.PullBrake(limit, request); err != nil || !brake.GetPulled() {
		t.Errorf("again: got %v, %v, want the brake pulled", brake, err)
	}
	entries, err := s.audit.List(t.Context(), 0, 10)
	if err != nil || len(entries) != 2 || entries[0].Result != "INTERNAL" || entries[1].Result != "OK" {
		t.Errorf("the audit has %+v, %v, want both tries and how they ended", entries, err)
	}
}

// broken is a store that cannot be reached.
type broken struct {
	*store.Memory
	err error
}

func (b broken) Faults(context.Context) ([]store.Fault, error)               { return nil, b.err }
func (b broken) Brake(context.Context) (store.Brake, error)                  { return store.Brake{}, b.err }
func (b broken) Delete(context.Context, string, uint64) error                { return b.err }
func (b broken) Write(context.Context, []store.Write) ([]store.Fault, error) { return nil, b.err }
func (b broken) SetBrake(context.Context, bool, string) (store.Brake, error) {
	return store.Brake{}, b.err
}

func TestStoreThatFails(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		want codes.Code
	}{
		"for a reason of its own":   {err: errors.New("disk on fire"), want: codes.Internal},
		"for the caller gave up":    {err: fmt.Errorf("write: %w", context.Canceled), want: codes.Canceled},
		"for it took too long":      {err: context.DeadlineExceeded, want: codes.DeadlineExceeded},
		"with a status of its own":  {err: status.Error(codes.Unavailable, "away"), want: codes.Unavailable},
		"with an error that is one": {err: fmt.Errorf("write: %w", &store.MissingError{Name: "x"}), want: codes.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(o *Options) { o.Faults, o.Brake = broken{err: tt.err}, broken{err: tt.err} })
			ctx := t.Context()
			_, list := s.faults.ListFaults(ctx, &pb.ListFaultsRequest{})
			_, get := s.faults.GetFault(ctx, &pb.GetFaultRequest{Name: "x"})
			_, create := s.faults.CreateFault(ctx, &pb.CreateFaultRequest{Fault: answering("x", 1)})
			_, update := s.faults.UpdateFault(ctx, &pb.UpdateFaultRequest{Fault: answering("x", 1)})
			_, apply := s.faults.ApplyFaults(ctx, &pb.ApplyFaultsRequest{})
			_, remove := s.faults.DeleteFault(ctx, &pb.DeleteFaultRequest{Name: "x"})
			_, brake := s.brake.GetBrake(ctx, &pb.GetBrakeRequest{})
			_, pull := s.brake.PullBrake(ctx, &pb.PullBrakeRequest{})
			_, system := s.system.GetStatus(ctx, &pb.GetStatusRequest{})
			for i, err := range []error{list, get, create, update, apply, remove, brake, pull, system} {
				if status.Code(err) != tt.want {
					t.Errorf("call %d: got %v, want %v", i, err, tt.want)
				}
			}
		})
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	health := grpc_health_v1.NewHealthClient(serve(t).conn)
	for _, service := range []string{"", pb.FaultService_ServiceDesc.ServiceName, pb.SystemService_ServiceDesc.ServiceName} {
		answer, err := health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: service})
		if err != nil || answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
			t.Errorf("%q: got %v, %v, want SERVING", service, answer.GetStatus(), err)
		}
	}
	if _, err := health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: "nobody"}); status.Code(err) != codes.NotFound {
		t.Errorf("of nobody: got %v, want %v", err, codes.NotFound)
	}
}

func TestReflection(t *testing.T) {
	t.Parallel()
	stream, err := grpc_reflection_v1.NewServerReflectionClient(serve(t).conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := stream.Send(&grpc_reflection_v1.ServerReflectionRequest{
			MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{},
		}); err != nil {
			t.Fatal(err)
		}
		answer, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		names := make(map[string]bool)
		for _, service := range answer.GetListServicesResponse().GetService() {
			names[service.GetName()] = true
		}
		for _, want := range []string{"FaultService", "BrakeService", "ContractService", "ObservationService", "SystemService"} {
			if !names["groovechaos.v1."+want] {
				t.Errorf("%s is not listed among %v", want, names)
			}
		}
	}
}

// TestHealthAsksWhatIsMissing holds that health is that of readiness, for all services, and that a watcher is told of a change.
func TestHealthAsksWhatIsMissing(t *testing.T) {
	t.Parallel()
	var missing atomic.Bool
	missing.Store(true)
	health := grpc_health_v1.NewHealthClient(serve(t, func(o *Options) {
		o.Ready = func(context.Context) error {
			if missing.Load() {
				return errors.New("the store cannot be reached")
			}
			return nil
		}
	}).conn)
	watched, err := health.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []grpc_health_v1.HealthCheckResponse_ServingStatus{grpc_health_v1.HealthCheckResponse_NOT_SERVING, grpc_health_v1.HealthCheckResponse_SERVING} {
		if told, err := watched.Recv(); err != nil || told.GetStatus() != want {
			t.Errorf("a watcher: got %v, %v, want %v", told.GetStatus(), err, want)
		}
		answer, err := health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: pb.FaultService_ServiceDesc.ServiceName})
		if err != nil || answer.GetStatus() != want {
			t.Errorf("asked: got %v, %v, want %v", answer.GetStatus(), err, want)
		}
		all, err := health.List(t.Context(), &grpc_health_v1.HealthListRequest{})
		if err != nil || len(all.GetStatuses()) < 7 || all.GetStatuses()[""].GetStatus() != want {
			t.Errorf("listed: got %v, %v, want %v for each service", all.GetStatuses(), err, want)
		}
		missing.Store(false)
	}
}
