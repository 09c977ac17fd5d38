//go:build unix

package cli

import (
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/term"
)

// group is a workload and the processes that it starts.
type group struct {
	command *exec.Cmd
	// own says that the processes are a group of their own.
	own bool
}

// newGroup puts a command that was not started yet into a process group of its
// own. One that may read from a terminal stays in ours, where it can, and where
// the terminal interrupts it as it interrupts us.
func newGroup(command *exec.Cmd, in io.Reader) group {
	file, ok := in.(*os.File)
	own := !ok || !term.IsTerminal(int(file.Fd()))
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: own}
	return group{command, own}
}

// interrupt asks the processes to end.
func (g group) interrupt() error {
	if !g.own {
		return g.command.Process.Signal(syscall.SIGTERM)
	}
	return syscall.Kill(-g.command.Process.Pid, syscall.SIGTERM)
}

// kill ends the workload, and what is left of its group. There is nothing left
// as a rule, which is the only error. The workload must have been started.
func (g group) kill() {
	if !g.own {
		_ = g.command.Process.Kill()
		return
	}
	_ = syscall.Kill(-g.command.Process.Pid, syscall.SIGKILL)
}
