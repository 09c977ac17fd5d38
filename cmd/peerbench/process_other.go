//go:build !linux

package main

import (
	"errors"
	"os/exec"
	"syscall"
)

var errNotLinux = errors.New("wants Linux")

func lead(*exec.Cmd) {}

func killGroup(int) {}

func signalProcess(int, syscall.Signal) error { return errNotLinux }

const signalProfile = syscall.Signal(0)

func raiseFileLimit() (int, error) { return 0, errNotLinux }
