//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// notifyBrake has the signals that pull the brake sent on.
func notifyBrake(to chan<- os.Signal) { signal.Notify(to, syscall.SIGUSR1) }
