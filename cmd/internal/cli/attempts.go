package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func newAttempts(r *root) *cobra.Command {
	var only string
	command := &cobra.Command{
		Use:   "attempts",
		Short: "List the attempts that a running groovechaos saw",
		Long: `List the attempts that a running groovechaos saw, in the order they ended: the
newest of them, as many as [observe] attempts keeps. With --json each is one
line of JSON.`,
		Example: "  groovechaos attempts --json | jq .status",
		Args:    wants(),
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error {
			return r.listAttempts(ctx, c, only)
		}),
	}
	r.controlFlag(command)
	r.clientFlag(command, &only, "only those of this client")
	return command
}

func (r *root) listAttempts(ctx context.Context, c *client.Client, only string) error {
	rows := [][]string{{"attempt", "time", "client", "request", "status", "origin", "fault"}}
	request := &pb.ListAttemptsRequest{PageSize: 1000, Client: only}
	for {
		page, err := c.Observation.ListAttempts(ctx, request)
		if err != nil {
			return err
		}
		for _, a := range page.GetAttempts() {
			if !r.json {
				rows = append(rows, attemptRow(a))
			} else if err := r.printLine(a); err != nil {
				return err
			}
		}
		if page.GetNextPageToken() == "" {
			if page.GetDropped() > 0 {
				fmt.Fprintf(r.Err, "warning: %d older attempts were forgotten: see [observe] attempts\n", page.GetDropped())
			}
			break
		}
		request.PageToken = page.GetNextPageToken()
	}
	if r.json {
		return nil
	}
	return r.printTable(rows, "no attempts")
}

// printLine writes an attempt as one line of JSON.
func (r *root) printLine(a *pb.Attempt) error {
	text, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(a)
	if err != nil {
		return err
	}
	// protojson varies the space after a colon on purpose; a line must not.
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		return err
	}
	line.WriteByte('\n')
	_, err = r.Out.Write(line.Bytes())
	return err
}

func attemptRow(a *pb.Attempt) []string {
	return []string{
		fmt.Sprint(a.GetSequence()), a.GetTime().AsTime().Local().Format("15:04:05.000"), printable(a.GetClient()),
		printable(a.GetMethod() + " " + a.GetTarget()), statusWord(a), a.GetOrigin(),
		strings.Join(slices.Concat(a.GetDelayedBy(), strings.Fields(a.GetFault()), a.GetSpoiledBy()), " "),
	}
}

// statusWord is the status that the client got, and how its connection was
// broken; without either, how the attempt ended.
func statusWord(a *pb.Attempt) string {
	word := words(numberWord(uint64(a.GetStatus())), a.GetBreak())
	if word == "" {
		return strings.ReplaceAll(a.GetEnd(), "_", " ")
	}
	return word
}
