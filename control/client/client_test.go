package client

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake answers the status, and whatever err says.
type fake struct {
	groovechaosv1.UnimplementedSystemServiceServer
	groovechaosv1.UnimplementedObservationServiceServer
	groovechaosv1.UnimplementedFaultServiceServer
	groovechaosv1.UnimplementedBrakeServiceServer
	groovechaosv1.UnimplementedContractServiceServer

	err    error
	reason string
	wait   bool
}

func (f *fake) GetStatus(ctx context.Context, _ *groovechaosv1.GetStatusRequest) (*groovechaosv1.Status, error) {
	if f.wait {
		<-ctx.Done()
	}
	if f.err != nil {
		return nil, f.err
	}
	md, _ := metadata.FromIncomingContext(ctx)
	return &groovechaosv1.Status{Version: strings.Join(md.Get("user-agent"), ",")}, nil
}

func (f *fake) GetVerdict(context.Context, *groovechaosv1.GetVerdictRequest) (*groovechaosv1.Verdict, error) {
	return &groovechaosv1.Verdict{Reasons: []string{f.reason}}, nil
}

func (f *fake) ListFaults(context.Context, *groovechaosv1.ListFaultsRequest) (*groovechaosv1.ListFaultsResponse, error) {
	return &groovechaosv1.ListFaultsResponse{NextPageToken: "faults"}, nil
}

func (f *fake) GetBrake(context.Context, *groovechaosv1.GetBrakeRequest) (*groovechaosv1.Brake, error) {
	return &groovechaosv1.Brake{Reason: "brake"}, nil
}

func (f *fake) ListStatusCodes(context.Context, *groovechaosv1.ListStatusCodesRequest) (*groovechaosv1.ListStatusCodesResponse, error) {
	return &groovechaosv1.ListStatusCodesResponse{StatusCodes: []*groovechaosv1.StatusCode{{Code: 429}}}, nil
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	return listener
}

// serve serves the fake on a free port and returns its address.
func serve(t *testing.T, f *fake) (string, *grpc.Server) {
	t.Helper()
	listener := listen(t)
	server := grpc.NewServer()
	groovechaosv1.RegisterSystemServiceServer(server, f)
	groovechaosv1.RegisterObservationServiceServer(server, f)
	groovechaosv1.RegisterFaultServiceServer(server, f)
	groovechaosv1.RegisterBrakeServiceServer(server, f)
	groovechaosv1.RegisterContractServiceServer(server, f)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Errorf("serve: %v", err)
		}
	})
	return listener.Addr().String(), server
}

func dial(t *testing.T, address string) *Client {
	t.Helper()
	c, err := Dial(address, Options{UserAgent: "test/1"})
	if err != nil {
		t.Fatalf("Dial: %v", err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return c
}

func TestEveryServiceIsReached(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, &fake{reason: "verdict"})
	c := dial(t, address)
	for range 2 {
		faults, err := c.Faults.ListFaults(t.Context(), &groovechaosv1.ListFaultsRequest{})
		if err != nil || faults.GetNextPageToken() != "faults" {
			t.Errorf("Faults: got %v, error %v", faults, err)
		}
		brake, err := c.Brake.GetBrake(t.Context(), &groovechaosv1.GetBrakeRequest{})
		if err != nil || brake.GetReason() != "brake" {
			t.Errorf("Brake: got %v, error %v", brake, err)
		}
		statusCodes, err := c.Contract.ListStatusCodes(t.Context(), &groovechaosv1.ListStatusCodesRequest{})
		if err != nil || len(statusCodes.GetStatusCodes()) != 1 {
			t.Errorf("Contract: got %v, error %v", statusCodes, err)
		}
		verdict, err := c.Observation.GetVerdict(t.Context(), &groovechaosv1.GetVerdictRequest{})
		if err != nil || len(verdict.GetReasons()) != 1 {
			t.Errorf("Observation: got %v, error %v", verdict, err)
		}
		status, err := c.System.GetStatus(t.Context(), &groovechaosv1.GetStatusRequest{})
		if err != nil || !strings.HasPrefix(status.GetVersion(), "test/1 ") {
			t.Errorf("System: got %v, error %v, want the user agent test/1", status, err)
		}
	}
}

func TestLongListsFit(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, &fake{reason: strings.Repeat("x", 20<<20)})
	c := dial(t, address)
	got, err := c.Observation.GetVerdict(t.Context(), &groovechaosv1.GetVerdictRequest{})
	if err != nil || len(got.GetReasons()[0]) != 20<<20 {
		t.Errorf("error: got %v, want 20 MiB", err)
	}
}

func TestLoopbackOnly(t *testing.T) {
	t.Parallel()
	for address, fits := range map[string]bool{
		"127.0.0.1:7711":          true,
		"127.3.2.1:1":             true,
		"[::1]:7711":              true,
		"localhost:65535":         true,
		"[::ffff:127.0.0.1]:7711": true,
		"192.168.0.1:7711":        false,
		"0.0.0.0:7711":            false,
		"[::]:7711":               false,
		"[::1%lo]:7711":           false,
		"chaos.example:7711":      false,
		"localhost.example:7711":  false,
		":7711":                   false,
		"127.0.0.1":               false,
		"127.0.0.1:0":             false,
		"127.0.0.1:65536":         false,
		"127.0.0.1:grpc":          false,
		"127.0.0.1:":              false,
		"http://127.0.0.1:7711":   false,
		"unix:///tmp/groovechaos": false,
		"":                        false,
	} {
		c, err := Dial(address, Options{})
		if (err == nil) != fits {
			t.Errorf("Dial(%q): got %v, want it to fit: %v", address, err, fits)
		}
		if err != nil && (c != nil || !strings.Contains(err.Error(), "want") || !strings.Contains(err.Error(), address)) {
			t.Errorf("Dial(%q): got error %q, want one that names the address and what is wanted", address, err)
		}
		if c != nil && c.Close() != nil {
			t.Errorf("Dial(%q): Close failed", address)
		}
	}
}

func TestSecondCloseIsAnError(t *testing.T) {
	t.Parallel()
	c, err := Dial("127.0.0.1:7711", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("first Close: got %v, want none", err)
	}
	if err := c.Close(); err == nil {
		t.Error("second Close: got none, want an error")
	}
}
