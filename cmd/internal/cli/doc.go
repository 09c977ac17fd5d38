// Package cli is the command line: one file per command, each a cobra command
// over an options struct and a run function.
//
// Exit statuses are part of the interface and never renumbered; see Status.
// What a command prints for people may change, what it prints with --json
// does not without notice. Results go to standard output, everything else to
// standard error.
package cli
