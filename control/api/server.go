package api

import (
	"context"
	"crypto/x509"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// MaxRequest bounds a request message, in bytes.
const MaxRequest = 1 << 20

// Faults is the store of faults. Its errors are those of package store.
type Faults interface {
	// Faults returns the set in creation order.
	Faults(ctx context.Context) ([]store.Fault, error)
	// Write makes all changes or none.
	Write(ctx context.Context, writes []store.Write) ([]store.Fault, error)
	// Delete removes a fault, at any revision for 0.
	Delete(ctx context.Context, name string, revision uint64) error
}

// Brake is the store of the brake.
type Brake interface {
	// Brake returns its state.
	Brake(ctx context.Context) (store.Brake, error)
	// SetBrake pulls or releases it and returns its state.
	SetBrake(ctx context.Context, pulled bool, reason string) (store.Brake, error)
}

// Attempts is the journal.
type Attempts interface {
	// All returns what is kept. The caller owns the slice.
	All() []observe.Attempt
	// Page returns at most limit attempts from a position on, 0 for the first
	// ever, and the position after them.
	Page(position uint64, limit int) (page []observe.Attempt, next uint64)
	// Counts returns how many there were and how many of them were forgotten.
	Counts() (total, dropped uint64)
}

// Outcomes is what callers told their users.
type Outcomes interface {
	// Add keeps an outcome, which is valid and clean.
	Add(o observe.Outcome)
	// All returns what is kept, in the order in which it was reported, and how many older ones were forgotten. The
	// caller owns the slice.
	All() (kept []observe.Outcome, dropped uint64)
}

// Options is what the services stand on. All of it is mandatory but Logger,
// Checks, Policy and CA.
type Options struct {
	Faults   Faults
	Brake    Brake
	Attempts Attempts
	Outcomes Outcomes
	// Uses says what each fault did so far.
	Uses func() []faults.Use
	// Checks are those that a verdict asks for when the request names none.
	Checks []string
	// Policy says how severe the checks are, and their limits.
	Policy verdict.Policy
	// System is what GetStatus tells beside the counters.
	System System
	// CA returns the root certificate by which connections are intercepted. If
	// there is none yet, it makes one or, unless create is set, returns nil. CA is
	// nil where nothing is intercepted.
	CA func(create bool) (*x509.Certificate, error)
	// Now reads the wall clock.
	Now func() time.Time
	// Logger gets panics of handlers; nil drops them.
	Logger *slog.Logger
}

// System is what stays the same while the process runs.
type System struct {
	Version  string
	Started  time.Time
	Proxy    string
	Upstream string
	Standin  string
	GRPC     string
	REST     string
	// SingleFlight is that of the engine.
	SingleFlight bool
	// Listeners are all places where callers connect.
	Listeners []Listener
}

// Listener is one place where callers connect.
type Listener struct {
	// Address is host:port.
	Address string
	// Modes are what is served there: reverse, forward or transparent.
	Modes []string
}

// New makes a gRPC server with all services, health and reflection. The
// caller serves and stops it.
func New(o Options) *grpc.Server {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(MaxRequest),
		grpc.ChainUnaryInterceptor(recovered(o.Logger), withKnownFields, withStatus),
	)
	pb.RegisterFaultServiceServer(server, &faultService{options: o})
	pb.RegisterBrakeServiceServer(server, &brakeService{options: o})
	pb.RegisterContractServiceServer(server, &contractService{})
	pb.RegisterObservationServiceServer(server, &observationService{options: o})
	pb.RegisterSystemServiceServer(server, &systemService{options: o})
	ready := health.NewServer()
	for name := range server.GetServiceInfo() {
		ready.SetServingStatus(name, grpc_health_v1.HealthCheckResponse_SERVING)
	}
	grpc_health_v1.RegisterHealthServer(server, ready)
	reflection.Register(server)
	return server
}
