package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is all services: it notes what reaches them and answers as it is told.
type fake struct {
	groovechaosv1.UnimplementedFaultServiceServer
	groovechaosv1.UnimplementedBrakeServiceServer
	groovechaosv1.UnimplementedContractServiceServer
	groovechaosv1.UnimplementedObservationServiceServer
	groovechaosv1.UnimplementedSystemServiceServer
	groovechaosv1.UnimplementedTokenServiceServer
	groovechaosv1.UnimplementedExperimentServiceServer

	mu       sync.Mutex
	requests []proto.Message
	methods  []string
	metadata metadata.MD
	err      error
	// later is when a watch of faults says something, 0 for at once; watching counts those that wait.
	later    time.Duration
	watching atomic.Int64
}

// note is an interceptor: through it the tests see that interceptors apply.
func (f *fake) note(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	f.mu.Lock()
	f.requests = append(f.requests, request.(proto.Message))
	f.methods = append(f.methods, info.FullMethod[strings.LastIndex(info.FullMethod, "/")+1:])
	f.metadata, _ = metadata.FromIncomingContext(ctx)
	err := f.err
	f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return handle(ctx, request)
}

// noteStream is note for streams, whose only request is read by the method.
func (f *fake) noteStream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	return handle(server, notedStream{stream, f, info})
}

type notedStream struct {
	grpc.ServerStream
	fake *fake
	info *grpc.StreamServerInfo
}

func (s notedStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	_, err := s.fake.note(s.Context(), m, &grpc.UnaryServerInfo{FullMethod: s.info.FullMethod}, func(context.Context, any) (any, error) { return nil, nil }) //nolint:nilnil // A stream has no answer.
	return err
}

func (f *fake) seen() ([]string, []proto.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.methods, f.requests
}

func (f *fake) CreateFault(_ context.Context, r *groovechaosv1.CreateFaultRequest) (*groovechaosv1.Fault, error) {
	return r.GetFault(), nil
}

func (f *fake) GetFault(_ context.Context, r *groovechaosv1.GetFaultRequest) (*groovechaosv1.Fault, error) {
	return &groovechaosv1.Fault{Name: r.GetName(), Revision: 7}, nil
}

func (f *fake) ListFaults(context.Context, *groovechaosv1.ListFaultsRequest) (*groovechaosv1.ListFaultsResponse, error) {
	return &groovechaosv1.ListFaultsResponse{}, nil
}

func (f *fake) UpdateFault(_ context.Context, r *groovechaosv1.UpdateFaultRequest) (*groovechaosv1.Fault, error) {
	return r.GetFault(), nil
}

func (f *fake) ApplyFaults(_ context.Context, r *groovechaosv1.ApplyFaultsRequest) (*groovechaosv1.ApplyFaultsResponse, error) {
	return &groovechaosv1.ApplyFaultsResponse{Faults: r.GetFaults()}, nil
}

func (f *fake) DeleteFault(context.Context, *groovechaosv1.DeleteFaultRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (f *fake) EnableFault(_ context.Context, r *groovechaosv1.EnableFaultRequest) (*groovechaosv1.Fault, error) {
	return &groovechaosv1.Fault{Name: r.GetName()}, nil
}

func (f *fake) DisableFault(_ context.Context, r *groovechaosv1.DisableFaultRequest) (*groovechaosv1.Fault, error) {
	return &groovechaosv1.Fault{Name: r.GetName(), Disabled: true}, nil
}

func (f *fake) GetBrake(context.Context, *groovechaosv1.GetBrakeRequest) (*groovechaosv1.Brake, error) {
	return &groovechaosv1.Brake{}, nil
}

func (f *fake) PullBrake(_ context.Context, r *groovechaosv1.PullBrakeRequest) (*groovechaosv1.Brake, error) {
	return &groovechaosv1.Brake{Pulled: true, Reason: r.GetReason()}, nil
}

func (f *fake) ReleaseBrake(_ context.Context, r *groovechaosv1.ReleaseBrakeRequest) (*groovechaosv1.Brake, error) {
	return &groovechaosv1.Brake{Reason: r.GetReason()}, nil
}

func (f *fake) ListEndpoints(context.Context, *groovechaosv1.ListEndpointsRequest) (*groovechaosv1.ListEndpointsResponse, error) {
	return &groovechaosv1.ListEndpointsResponse{}, nil
}

func (f *fake) ListErrorCodes(context.Context, *groovechaosv1.ListErrorCodesRequest) (*groovechaosv1.ListErrorCodesResponse, error) {
	return &groovechaosv1.ListErrorCodesResponse{}, nil
}

func (f *fake) ListStatusCodes(context.Context, *groovechaosv1.ListStatusCodesRequest) (*groovechaosv1.ListStatusCodesResponse, error) {
	return &groovechaosv1.ListStatusCodesResponse{}, nil
}

func (f *fake) JudgeAttempts(context.Context, *groovechaosv1.JudgeAttemptsRequest) (*groovechaosv1.Verdict, error) {
	return &groovechaosv1.Verdict{Result: "pass"}, nil
}

func (f *fake) GetJournal(context.Context, *groovechaosv1.GetJournalRequest) (*groovechaosv1.Journal, error) {
	return &groovechaosv1.Journal{Groovechaos: "test"}, nil
}

func (f *fake) ReportOutcome(_ context.Context, r *groovechaosv1.ReportOutcomeRequest) (*groovechaosv1.Outcome, error) {
	return r.GetOutcome(), nil
}

func (f *fake) ListOutcomes(context.Context, *groovechaosv1.ListOutcomesRequest) (*groovechaosv1.ListOutcomesResponse, error) {
	return &groovechaosv1.ListOutcomesResponse{}, nil
}

func (f *fake) ListAttempts(context.Context, *groovechaosv1.ListAttemptsRequest) (*groovechaosv1.ListAttemptsResponse, error) {
	return &groovechaosv1.ListAttemptsResponse{}, nil
}

func (f *fake) ListCalls(context.Context, *groovechaosv1.ListCallsRequest) (*groovechaosv1.ListCallsResponse, error) {
	return &groovechaosv1.ListCallsResponse{}, nil
}

func (f *fake) ListClients(context.Context, *groovechaosv1.ListClientsRequest) (*groovechaosv1.ListClientsResponse, error) {
	return &groovechaosv1.ListClientsResponse{}, nil
}

func (f *fake) GetCoverage(context.Context, *groovechaosv1.GetCoverageRequest) (*groovechaosv1.Coverage, error) {
	return &groovechaosv1.Coverage{Version: 1, Basis: "nothing"}, nil
}

func (f *fake) GetVerdict(context.Context, *groovechaosv1.GetVerdictRequest) (*groovechaosv1.Verdict, error) {
	return &groovechaosv1.Verdict{Result: "pass"}, nil
}

func (f *fake) WatchFaults(_ *groovechaosv1.WatchFaultsRequest, stream grpc.ServerStreamingServer[groovechaosv1.WatchFaultsResponse]) error {
	if f.later > 0 {
		f.watching.Add(1)
		defer f.watching.Add(-1)
		select {
		case <-stream.Context().Done():
			return stream.Context().Err()
		case <-time.After(f.later):
		}
	}
	return stream.Send(&groovechaosv1.WatchFaultsResponse{Revision: 4})
}

func (f *fake) WatchAttempts(_ *groovechaosv1.WatchAttemptsRequest, stream grpc.ServerStreamingServer[groovechaosv1.WatchAttemptsResponse]) error {
	return stream.Send(&groovechaosv1.WatchAttemptsResponse{Next: 9})
}

func (f *fake) ListAuditEntries(context.Context, *groovechaosv1.ListAuditEntriesRequest) (*groovechaosv1.ListAuditEntriesResponse, error) {
	return &groovechaosv1.ListAuditEntriesResponse{}, nil
}

func (f *fake) Reload(context.Context, *groovechaosv1.ReloadRequest) (*groovechaosv1.ReloadResponse, error) {
	return &groovechaosv1.ReloadResponse{UnchangedFaults: 2}, nil
}

func (f *fake) CreateToken(_ context.Context, r *groovechaosv1.CreateTokenRequest) (*groovechaosv1.CreateTokenResponse, error) {
	return &groovechaosv1.CreateTokenResponse{Token: &groovechaosv1.Token{Id: "t1", Name: r.GetName(), Role: r.GetRole()}, Secret: "s"}, nil
}

func (f *fake) ListTokens(context.Context, *groovechaosv1.ListTokensRequest) (*groovechaosv1.ListTokensResponse, error) {
	return &groovechaosv1.ListTokensResponse{}, nil
}

func (f *fake) DeleteToken(context.Context, *groovechaosv1.DeleteTokenRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (f *fake) GetStatus(context.Context, *groovechaosv1.GetStatusRequest) (*groovechaosv1.Status, error) {
	return &groovechaosv1.Status{Version: "test"}, nil
}

func (f *fake) GetCACertificate(context.Context, *groovechaosv1.GetCACertificateRequest) (*groovechaosv1.CACertificate, error) {
	return &groovechaosv1.CACertificate{Pem: "-----BEGIN", Fingerprint: "AB:CD", Subject: "CN=us"}, nil
}

func (f *fake) ListNodes(context.Context, *groovechaosv1.ListNodesRequest) (*groovechaosv1.ListNodesResponse, error) {
	return &groovechaosv1.ListNodesResponse{}, nil
}

// connect serves the fake in memory and returns a connection to it.
func connect(t *testing.T, f *fake) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.UnaryInterceptor(f.note), grpc.StreamInterceptor(f.noteStream))
	groovechaosv1.RegisterFaultServiceServer(server, f)
	groovechaosv1.RegisterBrakeServiceServer(server, f)
	groovechaosv1.RegisterContractServiceServer(server, f)
	groovechaosv1.RegisterObservationServiceServer(server, f)
	groovechaosv1.RegisterSystemServiceServer(server, f)
	groovechaosv1.RegisterTokenServiceServer(server, f)
	groovechaosv1.RegisterExperimentServiceServer(server, f)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///fake",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatalf("connect to the fake: %v", err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Errorf("close the connection: %v", err)
		}
		server.Stop()
		if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Errorf("serve the fake: %v", err)
		}
	})
	return conn
}

// handler is the handler under test, in front of the fake.
func handler(t *testing.T, f *fake) http.Handler {
	t.Helper()
	h, err := New(Options{Conn: connect(t, f), Hosts: []string{"Chaos.example"}})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return h
}

// request makes a request as curl --json would.
func request(method, target, body string) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	r.Host = "127.0.0.1:7712"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func play(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// errorBody is the one shape of an error, read strictly.
type errorBody struct {
	Error struct {
		Code    int                        `json:"code"`
		Status  string                     `json:"status"`
		Message string                     `json:"message"`
		Fields  []field                    `json:"fields"`
		Details map[string]json.RawMessage `json:"details"`
	} `json:"error"`
}

// wantError holds an answer against the one shape.
func wantError(t *testing.T, w *httptest.ResponseRecorder, code int, status string) errorBody {
	t.Helper()
	if w.Code != code {
		t.Errorf("code: got %d, want %d; body %s", w.Code, code, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("content type: got %q, want application/json", got)
	}
	var body errorBody
	decoder := json.NewDecoder(w.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		t.Fatalf("decode the error: %v", err)
	}
	if body.Error.Code != code || body.Error.Status != status || body.Error.Message == "" {
		t.Errorf("error: got %+v, want code %d, status %s and a message", body.Error, code, status)
	}
	return body
}
