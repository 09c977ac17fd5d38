package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/groovechaos/groovechaos/control/daemon"
)

// workloadGrace is how long an interrupted workload may take to end before it
// is killed.
const workloadGrace = 10 * time.Second

// workload is a command whose traffic is judged.
type workload struct {
	words     []string
	streams   Streams
	addresses daemon.Addresses
	// grace is how long it may take to end after it was asked to.
	grace time.Duration
}

// run runs the workload until it and what it started have ended. When ctx ends
// it is asked to end and killed after the grace. Ended says how it ended, nil
// for exit status 0; err that it could not be run.
func (w *workload) run(ctx context.Context) (ended, err error) {
	command := exec.CommandContext(ctx, w.words[0], w.words[1:]...) //nolint:gosec // Running what the user asks for is the purpose.
	command.Stdin, command.Stdout, command.Stderr = w.streams.In, w.streams.Err, w.streams.Err
	command.Env = w.environment()
	g := newGroup(command, w.streams.In)
	command.Cancel = g.interrupt
	command.WaitDelay = w.grace
	err = command.Run()
	g.kill()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return exit, nil
	case errors.Is(err, exec.ErrWaitDelay):
		return nil, nil // It ended well, but what it left behind kept its output open.
	case err != nil:
		return nil, fmt.Errorf("run the command: %w", err)
	}
	return nil, nil
}

// environment is our own with the addresses added. The proxy must be reached
// directly, which not every caller takes for granted of a loopback address.
func (w *workload) environment() []string {
	environment := append(os.Environ(),
		"GROOVE_BASE_URL=http://"+w.addresses.Proxy,
		controlVariable+"="+w.addresses.GRPC,
		"GROOVECHAOS_REST=http://"+w.addresses.REST,
	)
	lower, upper := os.Getenv("no_proxy"), os.Getenv("NO_PROXY")
	for name, value := range map[string]string{"no_proxy": cmp.Or(lower, upper), "NO_PROXY": cmp.Or(upper, lower)} {
		if value != "" {
			value += ","
		}
		environment = append(environment, name+"="+value+"127.0.0.1")
	}
	return environment
}
