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
	"google.golang.org/protobuf/proto"

	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/journal"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

type attemptsOptions struct {
	*root
	client string
	format string
	follow bool
	from   uint64
	since  since
}

// formatTable is the form for people.
const formatTable = "table"

func newAttempts(r *root) *cobra.Command {
	o := &attemptsOptions{root: r}
	command := &cobra.Command{
		Use:   "attempts",
		Short: "List or export the attempts that a running groovechaos saw",
		Long: `List or export the attempts that a running groovechaos saw, in the order they
ended: the newest of them, as many as [observe] attempts keeps. With --json each
is one line of JSON, as the API has it. With --format ndjson or binary they are
a journal, with all that groovechaos judge needs; binary is the faster one.

With --follow it goes on until it is interrupted. The position at which it ended
goes to standard error: --from that position goes on there.`,
		Example: `  groovechaos attempts --json | jq .status
  groovechaos attempts --format ndjson > attempts.ndjson`,
		Args: wants(),
		RunE: r.remote(func(ctx context.Context, c *client.Client, _ []string) error { return o.run(ctx, c) }),
	}
	r.controlFlag(command)
	r.clientFlag(command, &o.client, "only those of this client")
	flags := command.Flags()
	flags.StringVar(&o.format, "format", formatTable, "table, or a journal as ndjson or binary")
	flags.BoolVarP(&o.follow, "follow", "f", false, "go on with what comes, until interrupted")
	flags.Uint64Var(&o.from, "from", 0, "leave out those before this position")
	o.since.flag(command)
	_ = command.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(
		[]string{formatTable, string(journal.NDJSON), string(journal.Binary)}, cobra.ShellCompDirectiveNoFileComp))
	return command
}

// sink is where attempts go.
type sink interface {
	take(attempts []*pb.Attempt) error
	end(ctx context.Context) error
}

func (o *attemptsOptions) run(ctx context.Context, c *client.Client) (err error) {
	if o.since.at, err = o.since.of(ctx, c); err != nil {
		return err
	}
	to, err := o.sink(ctx, c)
	if err != nil {
		return err
	}
	if err := o.pour(ctx, c, to); err != nil {
		return err
	}
	return to.end(ctx)
}

// sink makes what the flags ask for.
func (o *attemptsOptions) sink(ctx context.Context, c *client.Client) (sink, error) {
	format := journal.Format(o.format)
	switch {
	case o.format == formatTable && o.json:
		return lineSink{o.root}, nil
	case o.format == formatTable:
		return &tableSink{root: o.root, follow: o.follow}, nil
	case format != journal.NDJSON && format != journal.Binary:
		return nil, usage("--format is %q, want table, ndjson or binary", o.format)
	case o.json:
		return nil, usage("--json and --format %s are two forms, want one", o.format)
	case format == journal.Binary && o.Terminal:
		return nil, usage("--format binary is not for a terminal: send it to a file")
	}
	return o.newJournalSink(ctx, c, format)
}

// pour hands over page by page what there is, or what comes if it is to follow.
func (o *attemptsOptions) pour(ctx context.Context, c *client.Client, to sink) error {
	if o.follow {
		return o.pourStream(ctx, c, to)
	}
	request := &pb.ListAttemptsRequest{PageSize: 1000, Client: o.client, From: o.from, StartTime: o.since.at}
	for {
		page, err := c.Observation.ListAttempts(ctx, request)
		if err != nil {
			return err
		}
		if err := to.take(page.GetAttempts()); err != nil {
			return err
		}
		request.From = page.GetNext()
		if page.GetNextPageToken() == "" {
			o.warnForgotten(page.GetDropped())
			return nil
		}
	}
}

// warnForgotten tells of attempts that cannot be given any more.
func (o *attemptsOptions) warnForgotten(dropped uint64) {
	if dropped > o.from {
		fmt.Fprintf(o.Err, "warning: %d older attempts were forgotten: see [observe] attempts\n", dropped)
	}
}

// pourStream hands over what there is and what comes. To be interrupted is no failure.
func (o *attemptsOptions) pourStream(ctx context.Context, c *client.Client, to sink) error {
	at, missed := o.from, uint64(0)
	stream, err := c.Observation.WatchAttempts(ctx, &pb.WatchAttemptsRequest{Client: o.client, From: o.from, StartTime: o.since.at})
	for err == nil {
		var news *pb.WatchAttemptsResponse
		if news, err = stream.Recv(); err != nil {
			break
		}
		if news.GetMissed() > missed {
			fmt.Fprintf(o.Err, "warning: %d attempts were forgotten before they could be read: see [observe] attempts\n", news.GetMissed()-missed)
		}
		at, missed = news.GetNext(), news.GetMissed()
		if err := to.take(news.GetAttempts()); err != nil {
			return err
		}
	}
	fmt.Fprintf(o.Err, "to go on: --from %d\n", at)
	return unlessInterrupted(ctx, err)
}

// tableSink prints a table. Following, it prints each part as it comes.
type tableSink struct {
	*root
	follow bool
	rows   [][]string
	headed bool
}

var attemptHead = []string{"attempt", "time", "client", "request", "status", "origin", "fault"}

func (s *tableSink) take(attempts []*pb.Attempt) error {
	for _, a := range attempts {
		s.rows = append(s.rows, attemptRow(a))
	}
	if !s.follow || len(s.rows) == 0 {
		return nil
	}
	return s.print()
}

func (s *tableSink) end(context.Context) error {
	if s.follow {
		return nil
	}
	return s.print()
}

func (s *tableSink) print() error {
	rows := s.rows
	if !s.headed {
		rows = append([][]string{attemptHead}, rows...)
	}
	s.rows = nil
	if s.headed {
		return s.printRows(rows)
	}
	s.headed = true
	return s.printTable(rows, "no attempts")
}

// lineSink prints each attempt as one line of JSON.
type lineSink struct{ *root }

func (s lineSink) take(attempts []*pb.Attempt) error {
	for _, a := range attempts {
		if err := s.printLine(a); err != nil {
			return err
		}
	}
	return nil
}

func (s lineSink) end(context.Context) error { return nil }

// printLine writes a message as one line of JSON.
func (r *root) printLine(m proto.Message) error {
	text, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(m)
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
