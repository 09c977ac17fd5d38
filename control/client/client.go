package client

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// MaxAnswer bounds one answer, in bytes: long lists and verdicts fit.
const MaxAnswer = 64 << 20

// Options shape a connection. The zero value is fine.
type Options struct {
	// UserAgent precedes the one of gRPC; "" for nothing.
	UserAgent string
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

	conn *grpc.ClientConn
}

// Dial returns a client of the groovechaos at address, a loopback host with a
// port such as "127.0.0.1:7711". Nothing is connected before the first call, so
// that nobody answers is told by that call. Answers may have up to MaxAnswer bytes.
func Dial(address string, o Options) (*Client, error) {
	if err := checkAddress(address); err != nil {
		return nil, err
	}
	// Passed through as it is, and past any proxy that the environment names.
	conn, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithNoProxy(),
		grpc.WithUserAgent(o.UserAgent),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(MaxAnswer)),
		grpc.WithUnaryInterceptor(explain(address)),
	)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", address, err)
	}
	return &Client{
		Faults:      groovechaosv1.NewFaultServiceClient(conn),
		Brake:       groovechaosv1.NewBrakeServiceClient(conn),
		Contract:    groovechaosv1.NewContractServiceClient(conn),
		Observation: groovechaosv1.NewObservationServiceClient(conn),
		System:      groovechaosv1.NewSystemServiceClient(conn),
		conn:        conn,
	}, nil
}

// Close ends the connection and the calls that are on it. A second Close is an
// error.
func (c *Client) Close() error { return c.conn.Close() }

func checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("dial %q: want a host and a port such as \"127.0.0.1:7711\"", address)
	}
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
		return fmt.Errorf("dial %q: port is %q, want 1 to 65535", address, port)
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || ip.Zone() != "" || !ip.IsLoopback()) {
		return fmt.Errorf("dial %q: host is %q, want a loopback address (127.0.0.0/8, ::1 or localhost): "+
			"the connection is not encrypted and nobody is authenticated", address, host)
	}
	return nil
}
