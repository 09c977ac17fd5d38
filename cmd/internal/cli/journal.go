package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/groovechaos/groovechaos/control/api"
	"github.com/groovechaos/groovechaos/control/client"
	"github.com/groovechaos/groovechaos/control/journal"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// journalHeader is the first record of a journal of a running groovechaos.
func journalHeader(m *pb.Journal) (journal.Header, error) {
	h := journal.Header{Groovechaos: m.GetGroovechaos(), Started: m.GetStartTime().AsTime(), Checks: m.GetChecks(), Counts: journalCounts(m)}
	for _, rule := range m.GetPolicies() {
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(rule)
		if err != nil {
			return h, err
		}
		h.Policies = append(h.Policies, json.RawMessage(text))
	}
	return h, nil
}

func journalCounts(m *pb.Journal) journal.Counts {
	counts := journal.Counts{Dropped: m.GetDropped()}
	for _, use := range m.GetFaults() {
		counts.Faults = append(counts.Faults, verdict.FaultUse{Name: use.GetName(), Matched: use.GetMatched(), Fired: use.GetFired()})
	}
	return counts
}

// journalPolicy reads the policy that a journal was recorded under.
func journalPolicy(rules []json.RawMessage) (verdict.Policy, error) {
	messages := make([]*pb.PolicyRule, len(rules))
	for i, text := range rules {
		messages[i] = &pb.PolicyRule{}
		if err := protojson.Unmarshal(text, messages[i]); err != nil {
			return nil, fmt.Errorf("read journal: policies[%d]: %w", i, err)
		}
	}
	policy, problems := api.Policy(messages)
	if len(problems) > 0 {
		return nil, fmt.Errorf("read journal: %w", problems.Prefix("policies"))
	}
	return policy, nil
}

// journalSink writes what comes as a journal.
type journalSink struct {
	client *client.Client
	writer *journal.Writer
	// from is what is exported at all, nil for everything.
	from *timestamppb.Timestamp
}

func (o *attemptsOptions) newJournalSink(ctx context.Context, c *client.Client, format journal.Format) (*journalSink, error) {
	message, err := c.Observation.GetJournal(ctx, &pb.GetJournalRequest{})
	if err != nil {
		return nil, err
	}
	header, err := journalHeader(message)
	if err != nil {
		return nil, err
	}
	writer, err := journal.NewWriter(o.Out, format, header)
	return &journalSink{client: c, writer: writer, from: o.since.at}, err
}

func (s *journalSink) take(attempts []*pb.Attempt) error {
	for _, m := range attempts {
		a := api.AttemptOf(m)
		if err := s.writer.Attempt(&a); err != nil {
			return err
		}
	}
	return s.writer.Flush()
}

// end writes the outcomes and what the faults did meanwhile. The context may have ended, as that is how following ends.
func (s *journalSink) end(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), completionTime)
	defer cancel()
	request := &pb.ListOutcomesRequest{PageSize: 1000}
	for {
		page, err := s.client.Observation.ListOutcomes(ctx, request)
		if err != nil {
			return err
		}
		for _, m := range page.GetOutcomes() {
			if m.GetTime().AsTime().Before(s.from.AsTime()) {
				continue
			}
			o := api.OutcomeOf(m)
			if err := s.writer.Outcome(&o); err != nil {
				return err
			}
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			break
		}
	}
	message, err := s.client.Observation.GetJournal(ctx, &pb.GetJournalRequest{})
	if err != nil {
		return err
	}
	counts := journalCounts(message)
	if since := message.GetSinceTime(); since != nil && s.from.AsTime().Before(since.AsTime()) {
		// Of earlier starts more may be gone.
		page, err := s.client.Observation.ListAttempts(ctx, &pb.ListAttemptsRequest{PageSize: 1, StartTime: s.from})
		if err != nil {
			return err
		}
		counts.Dropped = max(counts.Dropped, page.GetDropped())
	}
	return s.writer.End(counts)
}
