package api

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

var epoch = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// served is the API over gRPC with the real store and engine behind it.
type served struct {
	server   *grpc.Server
	conn     *grpc.ClientConn
	engine   *faults.Engine
	store    *store.Memory
	attempts *store.Attempts
	tokens   store.Tokens
	audit    store.Audit
	now      atomic.Pointer[time.Time]
	// nextPage is the last page token that was given out.
	nextPage string

	faults      pb.FaultServiceClient
	brake       pb.BrakeServiceClient
	observation pb.ObservationServiceClient
	system      pb.SystemServiceClient
}

// readAuthority returns a certificate whose key is lost.
func readAuthority(t *testing.T) func(bool) (*x509.Certificate, error) {
	t.Helper()
	text, err := os.ReadFile("testdata/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return func(bool) (*x509.Certificate, error) { return root, nil }
}

// serve starts the API and stops it at the end of the test. The options can be
// edited before.
func serve(t *testing.T, edits ...func(*Options)) *served {
	t.Helper()
	s := &served{engine: faults.NewEngine(1), attempts: store.NewAttempts(1000)}
	s.now.Store(new(epoch))
	now := func() time.Time { return *s.now.Load() }
	s.store = store.NewMemory(s.engine, now)
	options := Options{
		Faults: s.store, Brake: s.store, Attempts: s.attempts, Outcomes: new(store.Outcomes), Uses: s.engine.Uses, Now: now,
		Tokens: &s.tokens, Audit: &s.audit,
		System: System{
			Version: "1.2.3", Started: epoch, Seed: 1, Proxy: "127.0.0.1:1", Upstream: "http://127.0.0.1:2",
			Standin: "127.0.0.1:2", GRPC: "127.0.0.1:3", REST: "127.0.0.1:4",
			Listeners: []Listener{
				{Address: "127.0.0.1:1", Modes: []string{"reverse", "forward"}},
				{Address: "127.0.0.1:5", Modes: []string{"transparent"}},
			},
		},
		CA: readAuthority(t),
		Reload: func(context.Context) (Reloaded, error) {
			return Reloaded{Written: []string{"new"}, Removed: []string{"old"}, Unchanged: 3, Sections: []string{"verdict"}}, nil
		},
	}
	for _, edit := range edits {
		edit(&options)
	}
	s.server = New(options)
	s.dial(t, s.server)
	return s
}

func (s *served) dial(t *testing.T, server *grpc.Server) {
	t.Helper()
	listener := bufconn.Listen(1 << 16)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///memory",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		server.Stop()
		if err := <-ended; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Errorf("serve: %v", err)
		}
	})
	s.conn = conn
	s.faults = pb.NewFaultServiceClient(conn)
	s.brake = pb.NewBrakeServiceClient(conn)
	s.observation = pb.NewObservationServiceClient(conn)
	s.system = pb.NewSystemServiceClient(conn)
}

// create adds a fault that answers 503.
func (s *served) create(t *testing.T, name string, share float64) *pb.Fault {
	t.Helper()
	created, err := s.faults.CreateFault(t.Context(), &pb.CreateFaultRequest{Fault: answering(name, share)})
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func answering(name string, share float64) *pb.Fault {
	return &pb.Fault{Name: name, Share: new(share), Answer: &pb.Answer{Status: 503}}
}

// fieldsOf returns the fields that an error names.
func fieldsOf(err error) []string {
	var fields []string
	for _, detail := range status.Convert(err).Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			for _, violation := range bad.GetFieldViolations() {
				fields = append(fields, violation.GetField())
			}
		}
	}
	return fields
}

// wantInvalid holds that an error is INVALID_ARGUMENT about these fields.
func wantInvalid(t *testing.T, err error, fields ...string) {
	t.Helper()
	if code := status.Code(err); code != codes.InvalidArgument {
		t.Errorf("got %v (%v), want %v", code, err, codes.InvalidArgument)
	}
	if got := fieldsOf(err); !slices.Equal(got, fields) {
		t.Errorf("fields are %q, want %q, in %v", got, fields, err)
	}
}
