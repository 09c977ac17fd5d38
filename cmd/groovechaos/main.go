// Groovechaos stands between a caller and the Groove Music API, injects the
// documented errors, and gives a verdict on how the caller took them.
package main

import (
	"os"

	"github.com/groovechaos/groovechaos/cmd/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
