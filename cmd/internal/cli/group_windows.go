package cli

import (
	"io"
	"os/exec"
)

// group is a workload; Windows has no groups that would end with it.
type group struct{ command *exec.Cmd }

func newGroup(command *exec.Cmd, _ io.Reader) group { return group{command} }

// interrupt ends the workload: Windows has no way to ask.
func (g group) interrupt() error { return g.command.Process.Kill() }

// kill ends the workload, unless it has ended.
func (g group) kill() { _ = g.command.Process.Kill() }
