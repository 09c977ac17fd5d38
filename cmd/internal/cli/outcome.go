package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/faults/observe"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

type outcomeOptions struct {
	*root
	outcome *pb.Outcome
	request string
	last    bool
	// success, empty and partial are kinds, code is that of an error.
	success, empty, partial bool
	code                    string
	status                  uint32
	took                    time.Duration
}

func newOutcome(r *root) *cobra.Command {
	o := &outcomeOptions{root: r, outcome: &pb.Outcome{}}
	command := &cobra.Command{
		Use:   "outcome",
		Short: "Report what a caller told its own user about a call",
		Long: `Report what a caller told its own user about a call, so that the verdict can say
whether that was true. Which call it is about say --call, --trace, --attempt, or
--request, or --last: the newest call of --client, or of all.

--success, --empty and --partial say that the user got a result; --error that it
got an error, by a code of Groove's or of the caller's own.`,
		Example: `  groovechaos outcome --last --error SERVICE_UNAVAILABLE --text "Try again later"
  groovechaos outcome --request "GET /1/content/music/search?q=daft+punk" --success
  groovechaos outcome --call 6f1c --partial`,
		Args: wants(),
		PreRunE: func(command *cobra.Command, _ []string) error {
			return errors.Join(oneOf(command, "success", "empty", "partial", "error"), o.checkPlace(command))
		},
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error { return o.run(ctx, c) }),
	}
	r.controlFlag(command)
	r.clientFlag(command, &o.outcome.Client, "the caller, if others may have made such a call too")
	flags := command.Flags()
	flags.StringVar(&o.outcome.CallId, "call", "", "the id that the caller sent with the call")
	flags.StringVar(&o.outcome.Trace, "trace", "", "the trace id that the caller sent with the call")
	flags.Uint64Var(&o.outcome.Attempt, "attempt", 0, "the number of one of the attempts")
	flags.StringVar(&o.request, "request", "", `method and target, such as "GET /1/content/music/search?q=x"`)
	flags.BoolVar(&o.last, "last", false, "the newest call")
	flags.BoolVar(&o.success, "success", false, "the user got the whole result")
	flags.BoolVar(&o.empty, "empty", false, "the user got a result with nothing in it")
	flags.BoolVar(&o.partial, "partial", false, "the user got a part, and was told so")
	flags.StringVar(&o.code, "error", "", "the user got an error of this code")
	flags.StringVar(&o.outcome.Category, "category", "", "a word for the kind of error")
	flags.Uint32Var(&o.status, "status", 0, "the HTTP status of the caller's own answer")
	flags.StringVar(&o.outcome.Text, "text", "", "the words that the user saw")
	flags.DurationVar(&o.took, "took", 0, "how long the user waited")
	return command
}

// oneOf wants one of some flags.
func oneOf(command *cobra.Command, flags ...string) error {
	given := 0
	for _, flag := range flags {
		if set := command.Flags().Lookup(flag); set.Changed && !(set.Value.Type() == "bool" && set.Value.String() == "false") {
			given++
		}
	}
	if given != 1 {
		return usage("%s wants one of --%s, got %d", name(command), strings.Join(flags, ", --"), given)
	}
	return nil
}

// checkPlace wants to know which call it is.
func (o *outcomeOptions) checkPlace(command *cobra.Command) error {
	places := []string{"call", "trace", "attempt", "request"}
	if !o.last && !slices.ContainsFunc(places, command.Flags().Changed) {
		return usage("%s wants --%s or --last", name(command), strings.Join(places, ", --"))
	}
	if o.last && slices.ContainsFunc(places, command.Flags().Changed) {
		return usage("%s: --last says which call it is, want none of --%s", name(command), strings.Join(places, ", --"))
	}
	return nil
}

func (o *outcomeOptions) run(ctx context.Context, c *client.Client) error {
	m := o.outcome
	m.Kind, m.Code, m.Status = string(o.kind()), o.code, o.status
	if o.took != 0 {
		m.Took = durationpb.New(o.took)
	}
	if o.request != "" {
		method, target, ok := strings.Cut(o.request, " ")
		if !ok {
			return usage(`--request is %q, want a method and a target, such as "GET /1/content/music/search?q=x"`, o.request)
		}
		m.Method, m.Target = method, strings.TrimSpace(target)
	}
	if o.last {
		attempt, err := newest(ctx, c, m.GetClient())
		if err != nil {
			return err
		}
		m.Attempt = attempt
	}
	kept, err := c.Observation.ReportOutcome(ctx, &pb.ReportOutcomeRequest{Outcome: m})
	if err != nil {
		return err
	}
	if o.json {
		return o.printMessage(kept)
	}
	_, err = fmt.Fprintf(o.Out, "noted: %s %s\n", placeWord(kept), toldWord(kept))
	return err
}

func (o *outcomeOptions) kind() observe.OutcomeKind {
	switch {
	case o.success:
		return observe.OutcomeSuccess
	case o.empty:
		return observe.OutcomeEmpty
	case o.partial:
		return observe.OutcomePartial
	default:
		return observe.OutcomeError
	}
}

// newest is the number of the newest attempt of a client, or of all.
func newest(ctx context.Context, c *client.Client, only string) (uint64, error) {
	const page = 1000
	journal, err := c.Observation.GetJournal(ctx, &pb.GetJournalRequest{})
	if err != nil {
		return 0, err
	}
	for end := journal.GetAttempts(); end > journal.GetDropped(); end -= min(end, page) {
		answer, err := c.Observation.ListAttempts(ctx, &pb.ListAttemptsRequest{Client: only, PageSize: page, From: end - min(end, page)})
		if err != nil {
			return 0, err
		}
		if attempts := answer.GetAttempts(); len(attempts) > 0 {
			// They are in the order of their ends.
			last := slices.MaxFunc(attempts, func(a, b *pb.Attempt) int { return cmp.Compare(a.GetSequence(), b.GetSequence()) })
			return last.GetSequence(), nil
		}
	}
	return 0, errors.New("report outcome: there is no attempt to be the last")
}

// placeWord says what an outcome is about.
func placeWord(m *pb.Outcome) string {
	switch {
	case m.GetCallId() != "":
		return "call " + printable(m.GetCallId())
	case m.GetTrace() != "":
		return "trace " + m.GetTrace()
	case m.GetAttempt() != 0:
		return fmt.Sprintf("attempt %d", m.GetAttempt())
	default:
		return printable(m.GetMethod() + " " + m.GetTarget())
	}
}

// toldWord says what the user was told.
func toldWord(m *pb.Outcome) string {
	return words(m.GetKind(), printable(m.GetCode()), printable(m.GetCategory()), numberWord(uint64(m.GetStatus())))
}

func newOutcomes(r *root) *cobra.Command {
	var only string
	command := &cobra.Command{
		Use:     "outcomes",
		Short:   "List what callers told their users, each with the call that it is about",
		Example: "  groovechaos outcomes --json",
		Args:    wants(),
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error {
			return r.listOutcomes(ctx, c, only)
		}),
	}
	r.controlFlag(command)
	r.clientFlag(command, &only, "only those about calls of this client")
	return command
}

func (r *root) listOutcomes(ctx context.Context, c *client.Client, only string) error {
	rows := [][]string{{"time", "about", "told", "call", "text"}}
	request := &pb.ListOutcomesRequest{PageSize: 1000, Client: only}
	for {
		page, err := c.Observation.ListOutcomes(ctx, request)
		if err != nil {
			return err
		}
		for _, m := range page.GetOutcomes() {
			if !r.json {
				rows = append(rows, outcomeRow(m))
			} else if err := r.printLine(m); err != nil {
				return err
			}
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			break
		}
	}
	if r.json {
		return nil
	}
	return r.printTable(rows, "no outcomes")
}

func outcomeRow(m *pb.Outcome) []string {
	call := m.GetCall()
	if call == "" {
		call = m.GetDoubt()
	}
	return []string{m.GetTime().AsTime().Local().Format("15:04:05.000"), placeWord(m), toldWord(m), call, printable(strings.ReplaceAll(m.GetText(), "\n", " "))}
}
