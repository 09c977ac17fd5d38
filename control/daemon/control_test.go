package daemon

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/grpc"

	"github.com/groovechaos/groovechaos/control/auth"
)

func newDoor(t *testing.T) *grpcDoor {
	t.Helper()
	return &grpcDoor{listener: hold(t, "127.0.0.1:0"), inner: auth.NewInner(), server: grpc.NewServer(), ending: func() {}, left: new(ending).left}
}

// Whether Serve or the end of Run comes first is for the scheduler to say.
func TestAGRPCDoorThatIsStoppedBeforeItServes(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		door := newDoor(t)
		if err := door.run(over); err != nil {
			t.Fatalf("run: %v, want nil", err)
		}
	}
	stopped := newDoor(t)
	stopped.server.Stop()
	if err := stopped.run(t.Context()); !errors.Is(err, grpc.ErrServerStopped) {
		t.Errorf("run without an end: %v, want %v", err, grpc.ErrServerStopped)
	}
}
