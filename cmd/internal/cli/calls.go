package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func newCalls(r *root) *cobra.Command {
	var only string
	var from since
	command := &cobra.Command{
		Use:   "calls",
		Short: "List the calls that attempts make up, with the waits between them",
		Long: `List the calls that attempts were brought together into: how, what each attempt
got, how long the caller waited before the next, and what it was asked to wait.

How a call was brought together is explicit (by an id that the caller sent),
single-flight, inferred (by equal requests and time), or ambiguous: such a call
never counts against a caller.`,
		Example: "  groovechaos calls --client importer",
		Args:    wants(),
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error {
			return r.listCalls(ctx, c, &pb.ListCallsRequest{PageSize: 1000, Client: only, StartTime: from.at})
		}),
	}
	r.controlFlag(command)
	r.clientFlag(command, &only, "only those of this client")
	from.flag(command)
	return command
}

func (r *root) listCalls(ctx context.Context, c *client.Client, request *pb.ListCallsRequest) error {
	rows := [][]string{{"call", "client", "request", "grouping", "attempts", "waits", "retry_after", "note"}}
	for {
		page, err := c.Observation.ListCalls(ctx, request)
		if err != nil {
			return err
		}
		for _, call := range page.GetCalls() {
			if !r.json {
				rows = append(rows, callRow(call))
			} else if err := r.printLine(call); err != nil {
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
	return r.printTable(rows, "no calls")
}

func callRow(c *pb.Call) []string {
	var statuses, waits, asked []string
	attempts := c.GetAttempts()
	for i, a := range attempts {
		statuses = append(statuses, statusWord(a))
		if i+1 < len(attempts) {
			waits = append(waits, waitWord(a, attempts[i+1], c.GetTransport()))
		}
		if text := a.GetRetryAfter(); text != "" && !slices.Contains(asked, text) {
			asked = append(asked, text)
		}
	}
	return []string{
		c.GetId(), printable(c.GetClient()), printable(c.GetMethod() + " " + c.GetTarget()), c.GetGrouping(),
		strings.Join(statuses, " "), strings.Join(waits, " "), printable(strings.Join(asked, ", ")), noteOf(c),
	}
}

// waitWord says how long the caller waited between two attempts.
func waitWord(before, after *pb.Attempt, transport []uint64) string {
	wait := after.GetReceived().AsDuration() - before.GetAnswered().AsDuration()
	switch {
	case slices.Contains(transport, after.GetSequence()):
		return "transport"
	case wait < 0:
		return "overlap"
	case wait < time.Second:
		return wait.Round(100 * time.Microsecond).String()
	default:
		return wait.Round(10 * time.Millisecond).String()
	}
}

func noteOf(c *pb.Call) string {
	var notes []string
	if c.GetPolling() {
		notes = append(notes, "polling")
	}
	if c.GetCensored() {
		notes = append(notes, "may go on")
	}
	if confidence := c.GetConfidence(); confidence > 0 && confidence < 1 {
		notes = append(notes, fmt.Sprintf("%.0f %% sure", 100*confidence))
	}
	return strings.Join(notes, ", ")
}
