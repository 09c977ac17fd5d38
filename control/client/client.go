package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// MaxAnswer bounds one answer, in bytes: long lists and verdicts fit.
const MaxAnswer = 64 << 20

// Options shape a connection. The zero value is fine.
type Options struct {
	// UserAgent precedes the one of gRPC; "" for nothing.
	UserAgent string
	// Token is the secret of a bearer token, sent with every call; "" for none. No error repeats it.
	Token string
	// TLS secures the connection; nil leaves it in the clear, which leads to this machine only.
	TLS *tls.Config
}

// Client is a connection to one groovechaos. It is safe for concurrent use and
// must be closed.
type Client struct {
	// Faults switches faults.
	Faults groovechaosv1.FaultServiceClient
	// Brake stops everything at once.
	Brake groovechaosv1.BrakeServiceClient
	// Contract tells what can be matched and answered.
	Contract groovechaosv1.ContractServiceClient
	// Observation tells what was seen, and the verdict on it.
	Observation groovechaosv1.ObservationServiceClient
	// System tells about the running process.
	System groovechaosv1.SystemServiceClient
	// Tokens gives out tokens and takes them back.
	Tokens groovechaosv1.TokenServiceClient
	// Experiments plays experiments.
	Experiments groovechaosv1.ExperimentServiceClient

	conn *grpc.ClientConn
}

// Dial returns a client of the groovechaos at address, a host with a port such as "127.0.0.1:7711"; without TLS a loopback
// host. Nothing is connected before the first call, so that nobody answers is told by that call. Answers may have up to
// MaxAnswer bytes.
func Dial(address string, o Options) (*Client, error) {
	if err := checkAddress(address, o.TLS != nil); err != nil {
		return nil, err
	}
	// Passed through as it is, and past any proxy that the environment names.
	conn, err := grpc.NewClient("passthrough:///"+address, append(o.security(),
		grpc.WithNoProxy(),
		grpc.WithUserAgent(o.UserAgent),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(MaxAnswer)),
		grpc.WithUnaryInterceptor(explain(address)),
		grpc.WithStreamInterceptor(explainStream(address)),
	)...)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", address, err)
	}
	return &Client{
		Faults:      groovechaosv1.NewFaultServiceClient(conn),
		Brake:       groovechaosv1.NewBrakeServiceClient(conn),
		Contract:    groovechaosv1.NewContractServiceClient(conn),
		Observation: groovechaosv1.NewObservationServiceClient(conn),
		System:      groovechaosv1.NewSystemServiceClient(conn),
		Tokens:      groovechaosv1.NewTokenServiceClient(conn),
		Experiments: groovechaosv1.NewExperimentServiceClient(conn),
		conn:        conn,
	}, nil
}

// Close ends the connection and the calls that are on it. A second Close is an
// error.
func (c *Client) Close() error { return c.conn.Close() }

// security are the options that say who calls, and how nobody else hears it.
func (o *Options) security() []grpc.DialOption {
	transport := insecure.NewCredentials()
	if o.TLS != nil {
		transport = credentials.NewTLS(o.TLS)
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(transport)}
	if o.Token != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearer{secret: o.Token}))
	}
	return options
}

// bearer sends a token with every call.
type bearer struct{ secret string }

// GetRequestMetadata is the field that carries the token.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + b.secret}, nil
}

// RequireTransportSecurity wants none: off this machine Dial does.
func (bearer) RequireTransportSecurity() bool { return false }

// String keeps the secret out of what is printed.
func (bearer) String() string { return "bearer token" }

// loopback reports whether an address leads to this machine: host:port with localhost or a loopback address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Zone() == "" && ip.IsLoopback()
}

func checkAddress(address string, secured bool) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return fmt.Errorf("dial %q: want a host and a port such as \"127.0.0.1:7711\"", address)
	}
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
		return fmt.Errorf("dial %q: port is %q, want 1 to 65535", address, port)
	}
	if !secured && !loopback(address) {
		return fmt.Errorf("dial %q: host is %q, want TLS or a loopback address (127.0.0.0/8, ::1 or localhost): "+
			"nothing goes in the clear over a network", address, host)
	}
	return nil
}
