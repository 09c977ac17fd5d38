//go:build unix

package cli

import (
	"context"
	"io"
	"os/exec"
	"strconv"
	"syscall"
)

// guardScript waits for a line, and kills what it is told to if there is none: whoever was to write it is gone.
const guardScript = `read -r line || kill -KILL "-$1" 2>/dev/null || kill -KILL "$1"`

// guard ends a workload if we are killed ourselves, which nothing of ours can see to: a shell holds the other end of a pipe,
// and finds it closed. Without a shell nobody does.
type guard struct {
	command *exec.Cmd
	line    io.WriteCloser
}

// newGuard watches over a group whose workload has been started.
func newGuard(g group, o *orphans) *guard {
	command := exec.CommandContext(context.Background(), "/bin/sh", "-c", guardScript, "groovechaos-guard", strconv.Itoa(g.command.Process.Pid)) //nolint:gosec // The number is one of a process.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}                                                                                     // What a terminal interrupts is not what is to be cleaned up.
	line, err := command.StdinPipe()
	if err != nil || o.start(command) != nil {
		return nil
	}
	return &guard{command, line}
}

// dismiss ends the guard, and leaves the workload alone.
func (g *guard) dismiss(o *orphans) {
	if g == nil {
		return
	}
	_, _ = io.WriteString(g.line, "it has ended\n")
	_ = g.line.Close()
	_ = g.command.Wait()
	o.forget(g.command)
}
