package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

type auditOptions struct {
	*root
	request pb.ListAuditEntriesRequest
	since   time.Duration
}

func newAudit(r *root) *cobra.Command {
	o := &auditOptions{root: r}
	command := &cobra.Command{
		Use:   "audit",
		Short: "List who changed what in a running groovechaos, and when",
		Long: `List who changed what in a running groovechaos, and when, the oldest change
first: what was refused to somebody known is there, too. With --json each is one
line of JSON with what it is about before and after the change, by its number: a
change that waited on a node which was cut off comes behind newer ones. Secrets
are in neither.`,
		Example: "  groovechaos audit --since 1h\n  groovechaos audit --resource faults/overloaded --json",
		Args:    wants(),
		RunE:    r.remote(func(ctx context.Context, c *client.Client, _ []string) error { return o.run(ctx, c) }),
	}
	r.controlFlag(command)
	flags := command.Flags()
	flags.StringVar(&o.request.Actor, "actor", "", "only what this one did: the name of a token, or a subject")
	flags.StringVar(&o.request.Resource, "resource", "", "only what is about this, such as brake or faults/NAME")
	flags.Uint64Var(&o.request.After, "after", 0, "leave out those up to this number")
	flags.DurationVar(&o.since, "since", 0, "only what is no older; 0 for all")
	return command
}

func (o *auditOptions) run(ctx context.Context, c *client.Client) error {
	if o.since < 0 {
		return usage("--since is %v, want 0s or more", o.since)
	}
	if o.since > 0 {
		o.request.StartTime = timestamppb.New(time.Now().Add(-o.since))
	}
	o.request.PageSize = 1000
	var entries []*pb.AuditEntry
	for {
		page, err := c.System.ListAuditEntries(ctx, &o.request)
		if err != nil {
			return err
		}
		for _, e := range page.GetEntries() {
			if o.json {
				err = o.printLine(e)
			}
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		o.request.After, o.request.PageToken = 0, page.GetNextPageToken()
		if o.request.GetPageToken() == "" {
			break
		}
	}
	if o.json {
		return nil
	}
	return o.printTable(auditRows(entries), "no changes")
}

// auditRows are entries in the order of their times: their numbers say when the store got them.
func auditRows(entries []*pb.AuditEntry) [][]string {
	slices.SortStableFunc(entries, func(a, b *pb.AuditEntry) int { return a.GetTime().AsTime().Compare(b.GetTime().AsTime()) })
	rows := [][]string{{"sequence", "time", "actor", "change", "resource", "result"}}
	for _, e := range entries {
		rows = append(rows, auditRow(e))
	}
	return rows
}

func auditRow(e *pb.AuditEntry) []string {
	return []string{
		fmt.Sprint(e.GetSequence()), timeWord(e.GetTime(), "-"), printable(words(e.GetActor(), e.GetRemote())),
		e.GetMethod()[strings.LastIndex(e.GetMethod(), "/")+1:], printable(e.GetResource()), e.GetResult(),
	}
}
