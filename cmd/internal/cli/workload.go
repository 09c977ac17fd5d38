package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
)

// workloadGrace is how long an interrupted workload may take to end before it
// is killed.
const workloadGrace = 10 * time.Second

// workload is a command whose traffic is judged.
type workload struct {
	words []string
	in    io.Reader
	// out gets all that it prints. A file is handed to it as it is, so that nothing of its output passes through us.
	out         io.Writer
	environment []string
	// grace is how long it may take to end after it was asked to.
	grace time.Duration
	// orphans are ended with it; nil for those that leave its group to be nobody's.
	orphans *orphans
}

// workloadVariable marks a workload and all that it starts: by the marks of the groovechaos in which this one runs, and its own.
const workloadVariable = "GROOVECHAOS_WORKLOAD"

// workloads counts those of this process.
var workloads atomic.Uint64

// errLeft says that a workload has not ended whole.
var errLeft = errors.New("end what the command has left behind: a process of it does not end")

// run runs the workload until it and what it started have ended. When ctx ends
// it is asked to end and killed after the grace, or by a second signal to us. Ended says how it ended, nil
// for exit status 0; err that it could not be run.
func (w *workload) run(ctx context.Context) (ended, err error) {
	command := exec.CommandContext(ctx, w.words[0], w.words[1:]...) //nolint:gosec // Running what the user asks for is the purpose.
	command.Stdin, command.Stdout, command.Stderr = w.in, w.out, w.out
	mark := fmt.Sprintf("%d.%d", os.Getpid(), workloads.Add(1))
	command.Env = append(slices.Clone(w.environment), workloadVariable+"="+os.Getenv(workloadVariable)+"/"+mark)
	g := newGroup(command, w.in)
	command.Cancel = g.interrupt
	command.WaitDelay = w.grace
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM) // Before it can send us one.
	defer signal.Stop(signals)
	if err := w.orphans.start(command); err != nil {
		return nil, fmt.Errorf("run the command: %w", err)
	}
	watch := newGuard(g, w.orphans)
	calm := killBySecondSignal(g, signals)
	err = command.Wait()
	calm()
	g.kill()
	watch.dismiss(w.orphans)
	w.orphans.forget(command)
	if !w.orphans.endOf(mark) {
		return nil, errLeft
	}
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

// killBySecondSignal kills a workload that does not end when it is asked to, and asked again. Without it the second
// signal would end us, and leave the workload behind.
func killBySecondSignal(g group, signals <-chan os.Signal) (calm func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for range 2 {
			select {
			case <-signals:
			case <-quit:
				return
			}
		}
		g.kill()
	}()
	return func() {
		close(quit)
		<-ended
	}
}

// command runs the workload for an experiment.
func (w *workload) command(ctx context.Context) experiment.Ended {
	ended, err := w.run(ctx)
	switch exit := (*exec.ExitError)(nil); {
	case err != nil:
		return experiment.Ended{Err: err}
	case errors.As(ended, &exit):
		return experiment.Ended{Status: exit.ExitCode(), Text: exit.Error()}
	}
	return experiment.Ended{}
}
