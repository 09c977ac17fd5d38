package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/groovechaos/groovechaos/control/client"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// since is the value of --since: from when on attempts are asked for.
type since struct {
	text string
	// at is nil for what the API takes by itself: since the start of a groovechaos that has its store for itself.
	at *timestamppb.Timestamp
}

// sinceStart and sinceAll are the words that --since knows.
const sinceStart, sinceAll = "start", "all"

// flag adds the flag.
func (s *since) flag(command *cobra.Command) {
	s.text = sinceStart
	command.Flags().Var(s, "since", `how far back: "start" of this groovechaos (where several share a store,
all that is kept), "all", a time such as 2026-01-31T12:00:00Z, or 90m ago`)
	complete(command, "since", cobra.FixedCompletions([]string{sinceStart, sinceAll}, cobra.ShellCompDirectiveNoFileComp))
}

// Set reads the value.
func (s *since) Set(text string) error {
	ago, err := time.ParseDuration(text)
	at, wrong := time.Parse(time.RFC3339, text)
	switch {
	case text == sinceStart:
		s.at = nil
	case text == sinceAll:
		s.at = timestamppb.New(time.Unix(0, 0))
	case err == nil && ago > 0:
		s.at = timestamppb.New(time.Now().Add(-ago))
	case wrong == nil && at.Unix() >= 0:
		s.at = timestamppb.New(at)
	default:
		return fmt.Errorf(`is %.40q, want start, all, a time such as 2026-01-31T12:00:00Z or a duration such as 90m`, text)
	}
	s.text = text
	return nil
}

// Type is the word for the value in a help text.
func (*since) Type() string { return "time" }

// String is the value as the flag takes it.
func (s *since) String() string { return s.text }

// of is the time for lists of attempts, which the API gives whole unless it is asked for less; nil for all that is kept.
func (s *since) of(ctx context.Context, c *client.Client) (*timestamppb.Timestamp, error) {
	if s.at != nil {
		return s.at, nil
	}
	journal, err := c.Observation.GetJournal(ctx, &pb.GetJournalRequest{})
	return journal.GetSinceTime(), err
}
