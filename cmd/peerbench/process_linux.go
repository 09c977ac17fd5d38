package main

import (
	"math"
	"os/exec"
	"syscall"
)

// lead makes a command the leader of a process group, asked to end when its
// context does and when peerbench dies.
func lead(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
}

// killGroup ends what is left of the process group of a leader that is reaped.
// As long as there is a member, the system gives its number to nobody else.
func killGroup(leader int) { _ = syscall.Kill(-leader, syscall.SIGKILL) }

// signalProcess sends a signal to one process.
func signalProcess(pid int, s syscall.Signal) error { return syscall.Kill(pid, s) }

// signalProfile begins a profile and ends it in turn. SIGUSR1 is the brake's.
const signalProfile = syscall.SIGUSR2

// raiseFileLimit lets this process and those it starts open as many files as
// the system allows, and returns how many.
func raiseFileLimit() (int, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	limit.Cur = limit.Max
	// Without this call the programs started from here would get the old limit.
	return int(min(limit.Cur, math.MaxInt32)), syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}
