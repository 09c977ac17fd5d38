package daemon

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/grpc"
)

// Whether Serve or the end of Run comes first is for the scheduler to say.
func TestAGRPCDoorThatIsStoppedBeforeItServes(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		door := &grpcDoor{listener: hold(t, "127.0.0.1:0"), server: grpc.NewServer()}
		if err := door.run(over); err != nil {
			t.Fatalf("run: %v, want nil", err)
		}
	}
	stopped := &grpcDoor{listener: hold(t, "127.0.0.1:0"), server: grpc.NewServer()}
	stopped.server.Stop()
	if err := stopped.run(t.Context()); !errors.Is(err, grpc.ErrServerStopped) {
		t.Errorf("run without an end: %v, want %v", err, grpc.ErrServerStopped)
	}
}
