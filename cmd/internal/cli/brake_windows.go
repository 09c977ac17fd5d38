package cli

import "os"

// notifyBrake does nothing: the system has no such signal.
func notifyBrake(chan<- os.Signal) {}
