package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Streams are what a command reads from and writes to.
type Streams struct {
	In io.Reader
	// Out takes results, Err everything else.
	Out, Err io.Writer
	// Width is the number of columns of the terminal behind Out, 0 for none.
	Width int
	// Terminal says that Out is a terminal, Color that it takes ANSI sequences.
	Terminal, Color bool
	// Live says that Err is a terminal, whose last line can be written anew.
	Live bool
}

// root is what all commands share.
type root struct {
	Streams
	access
	json bool
	// started reports that a command was found and its line was right.
	started bool
}

// Main runs the command line args on the streams of the process and returns
// the exit status. The first SIGINT or SIGTERM asks the command to end, the
// second ends the process.
func Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return int(Run(ctx, args, processStreams()))
}

// maxWidth bounds the columns of a report: longer lines are hard to read.
const maxWidth = 120

func processStreams() Streams {
	streams := Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Live: terminal(os.Stderr)}
	streams.Terminal = term.IsTerminal(int(os.Stdout.Fd()))
	if terminal(os.Stdout) {
		// See no-color.org.
		streams.Color = os.Getenv("NO_COLOR") == ""
		if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
			streams.Width = min(width, maxWidth)
		}
	}
	return streams
}

// terminal reports whether a file is a terminal that knows ANSI sequences.
func terminal(file *os.File) bool {
	return term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"
}

// Run runs the command line args on the streams. A ctx that ends interrupts it.
func Run(ctx context.Context, args []string, streams Streams) Status {
	r := &root{Streams: streams}
	command := newRoot(r)
	command.SetArgs(args)
	command.SetIn(streams.In)
	command.SetOut(streams.Out)
	command.SetErr(streams.Err)
	found, err := command.ExecuteContextC(ctx)
	if err != nil && !r.started {
		err = usage("%w", err)
	}
	switch status := statusOf(err); {
	case err == nil || errors.Is(err, errSilent):
	case status == StatusUsage:
		fmt.Fprintf(streams.Err, "groovechaos: %v; see %s --help\n", err, found.CommandPath())
	default:
		fmt.Fprintf(streams.Err, "groovechaos: %v\n", err)
	}
	return statusOf(err)
}

func newRoot(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:   "groovechaos",
		Short: "Inject the documented errors of the Groove Music API and judge its callers",
		Long: `groovechaos stands between a caller and the Groove Music API. It injects the
documented errors at exact rates, watches every attempt and gives a verdict on
the caller: does it retry, back off and stop as it should?

Results go to standard output, with --json as JSON; everything else goes to
standard error.

Exit statuses: 0 met, 1 could not do its work, 2 wrong command line,
3 an expectation was not met, 4 too little seen to judge.`,
		Example: `  groovechaos demo
  groovechaos serve --config config.toml
  groovechaos run config.toml -- npm test`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: func(*cobra.Command, []string) error { r.started = true; return nil },
	}
	command.PersistentFlags().BoolVar(&r.json, "json", false, "print results as JSON")
	command.AddCommand(
		newDemo(r), newServe(r), newRun(r), newSweep(r), newStandin(r),
		newFault(r), newBrake(r), newVerdict(r), newCoverage(r), newAttempts(r), newCalls(r),
		newOutcome(r), newOutcomes(r), newJudge(r), newCompare(r), newReport(r), newExplain(r), newStatus(r), newNodes(r),
		newAudit(r), newToken(r), newContract(r), newConfig(r), newCA(r), newEnv(r), newExperiment(r), newRuns(r), newVersion(r),
	)
	polish(command)
	return command
}

// printJSON writes one JSON document.
func (r *root) printJSON(document any) error {
	encoder := json.NewEncoder(r.Out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}
