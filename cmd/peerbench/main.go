package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// Exit statuses.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == reverseCommand {
		os.Exit(serveReverse(os.Args[2:], os.Stderr))
	}
	os.Exit(start(os.Args[1:], os.Stdout, os.Stderr))
}

// start runs the command line and returns its exit status.
func start(args []string, out, errs io.Writer) int {
	o, err := parseOptions(args, errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		fmt.Fprintf(errs, "peerbench: %v\n", err)
		return exitUsage
	case o.list:
		printScenarios(out)
		return exitDone
	case runtime.GOOS != "linux":
		fmt.Fprintf(errs, "peerbench: the accounts of processes are read from /proc, which %s does not have\n", runtime.GOOS)
		return exitFailed
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second interrupt is not caught any more and ends the process at once.
	context.AfterFunc(ctx, stop)
	err = bench(ctx, o, out, newProgress(errs))
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(errs, "peerbench: interrupted")
		return exitInterrupted
	case err != nil:
		fmt.Fprintf(errs, "peerbench: %v\n", err)
		return exitFailed
	}
	return exitDone
}
