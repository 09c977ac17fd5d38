package api

import (
	"context"
	"crypto/x509"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/reflection"

	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/experiment/runner"
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
	// Revision returns what moves with every change, of the brake too.
	Revision(ctx context.Context) (uint64, error)
	// Wait returns nil once the revision is above the given one.
	Wait(ctx context.Context, revision uint64) error
}

// Tokens is the store of bearer tokens.
type Tokens interface {
	// Put keeps a token.
	Put(ctx context.Context, t store.Token) error
	// Delete removes a token; *store.TokenMissingError.
	Delete(ctx context.Context, id string) error
	// List returns them in the order of their creation.
	List(ctx context.Context) ([]store.Token, error)
}

// Audit is the store of changes.
type Audit interface {
	// Append keeps an entry and numbers it.
	Append(ctx context.Context, entry store.AuditEntry) error
	// List returns at most limit entries above a number, the oldest first.
	List(ctx context.Context, after uint64, limit int) ([]store.AuditEntry, error)
}

// Reloaded is what a reload changed.
type Reloaded struct {
	// Written and Removed are names of faults.
	Written, Removed []string
	// Unchanged is how many faults the file left as they were.
	Unchanged int
	// Sections are the other sections that changed.
	Sections []string
}

// Brake is the store of the brake.
type Brake interface {
	// Brake returns its state.
	Brake(ctx context.Context) (store.Brake, error)
	// SetBrake pulls or releases it and returns its state.
	SetBrake(ctx context.Context, pulled bool, reason string) (store.Brake, error)
}

// Attempts is the journal.
type Attempts interface { //nolint:interfacebloat // It is one thing, read in seven ways.
	// All returns what is kept. The caller owns the slice.
	All() []observe.Attempt
	// Recent returns those since the start of this process, where it is the only one of its time, else All; and how many
	// were forgotten before them. The caller owns the slice.
	Recent() (recent []observe.Attempt, dropped uint64)
	// Page returns at most limit attempts from a position on, 0 for the first
	// ever, and the position after them.
	Page(position uint64, limit int) (page []observe.Attempt, next uint64)
	// Counts returns how many there were and how many of them were forgotten.
	Counts() (total, dropped uint64)
	// RecentDropped returns how many Recent lacks: forgotten, or lost on other nodes.
	RecentDropped() uint64
	// Wait returns nil once there is something at a position, and the error of ctx if that ends first.
	Wait(ctx context.Context, position uint64) error
	// Missed returns how many there were beside, on other nodes, of which nobody here will ever know more.
	Missed() uint64
}

// Outcomes is what callers told their users.
type Outcomes interface {
	// Keep keeps an outcome, which is valid and clean; *store.UnavailableError.
	Keep(ctx context.Context, o observe.Outcome) error
	// All returns what is kept, in the order in which it was reported, and how many older ones were forgotten. The
	// caller owns the slice.
	All() (kept []observe.Outcome, dropped uint64)
}

// Options is what the services stand on. All of it is mandatory but Logger,
// Verdict, CA, Reload, Answers, Runs, Guard, TokenFile, Credentials, Ready and Ending.
type Options struct {
	Faults   Faults
	Brake    Brake
	Attempts Attempts
	Outcomes Outcomes
	// Uses says what each fault did so far.
	Uses func() []faults.Use
	// Nodes says who is there; nil for nobody.
	Nodes  func(ctx context.Context) ([]store.Node, error)
	Tokens Tokens
	Audit  Audit
	// Answers keeps answers beyond this process; nil for not at all.
	Answers Answers
	// Runs are the runs of experiments; nil where none can be run.
	Runs *runner.Runs
	// Guard says who may call; nil lets everybody do everything.
	Guard *auth.Guard
	// TokenFile is the token of the token file, nil for none.
	TokenFile *store.Token
	// Credentials secure the connections; nil for none.
	Credentials credentials.TransportCredentials
	// Ready says what is missing for work, nil for nothing; nil stands for always ready.
	Ready func(ctx context.Context) error
	// Ending ends when streams are to end; nil for never.
	Ending context.Context //nolint:containedctx // It is a signal, and no call's context.
	// Reload puts the configuration file in force anew; nil where there is none.
	Reload func(ctx context.Context) (Reloaded, error)
	// Verdict returns the checks that a verdict asks for when the request names none, and how severe the checks
	// are; nil for none.
	Verdict func() (checks []string, policy verdict.Policy)
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
	// Seed and SingleFlight are those of the engine.
	Seed         uint64
	SingleFlight bool
	// Alone says that no other process keeps anything in the same store meanwhile: judged is what was seen since Started.
	Alone bool
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

// mostStreams bounds the calls in progress on one connection.
const mostStreams = 1000

// New makes a gRPC server with all services, health and reflection. The
// caller serves and stops it.
func New(o Options) *grpc.Server {
	o.complete()
	c := chain{options: &o, answers: &answers{now: o.Now}}
	catch := recovered(o.Logger)
	around := []grpc.UnaryServerInterceptor{catch, c.admit, withKnownFields, c.repeat, c.audit, withStatus}
	server := grpc.NewServer(
		grpc.Creds(o.Credentials),
		grpc.MaxRecvMsgSize(MaxRequest),
		grpc.MaxConcurrentStreams(mostStreams),
		// A handler's panic is an error to those around it too: it is written down, and its request_id is let go.
		grpc.ChainUnaryInterceptor(append(around, catch)...),
		grpc.ChainStreamInterceptor(recoveredStream(o.Logger), c.admitStream, withKnownFieldsStream, withStatusStream),
	)
	pb.RegisterFaultServiceServer(server, &faultService{options: o})
	pb.RegisterBrakeServiceServer(server, &brakeService{options: o})
	pb.RegisterContractServiceServer(server, &contractService{})
	pb.RegisterObservationServiceServer(server, &observationService{options: o})
	pb.RegisterSystemServiceServer(server, &systemService{options: o})
	pb.RegisterTokenServiceServer(server, &tokenService{options: o})
	pb.RegisterExperimentServiceServer(server, &experimentService{options: o})
	registerHealth(server, o)
	reflection.Register(server)
	return server
}

// complete fills what may be left out.
func (o *Options) complete() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Guard == nil {
		o.Guard = auth.NewGuard(auth.Options{})
	}
	if o.Credentials == nil {
		o.Credentials = insecure.NewCredentials()
	}
	if o.Ending == nil {
		o.Ending = context.Background()
	}
	if o.Ready == nil {
		o.Ready = func(context.Context) error { return nil }
	}
	if o.Verdict == nil {
		o.Verdict = func() ([]string, verdict.Policy) { return nil, nil }
	}
}

// chain is the interceptors that need the options.
type chain struct {
	options *Options
	answers *answers
}
