package api

import (
	"context"

	"github.com/groovechaos/groovechaos/faults/observe"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func (s *observationService) ReportOutcome(ctx context.Context, r *pb.ReportOutcomeRequest) (*pb.Outcome, error) {
	o, problems := readOutcome(r.GetOutcome())
	if len(problems) > 0 {
		return nil, invalid(problems.Prefix("outcome.")...)
	}
	o = o.Clean(s.options.Now())
	if err := s.options.Outcomes.Keep(ctx, o); err != nil {
		return nil, err
	}
	return outcomeMessage(&o), nil
}

func (s *observationService) ListOutcomes(_ context.Context, r *pb.ListOutcomesRequest) (*pb.ListOutcomesResponse, error) {
	outcomes, dropped := s.options.Outcomes.All()
	calls := observe.Group(s.options.Attempts.All(), false)
	var told []*pb.Outcome
	for _, tied := range observe.Attribute(outcomes, calls) {
		message := outcomeMessage(&tied.Outcome)
		message.Doubt = tied.Doubt
		client := tied.Outcome.Client
		if tied.Call >= 0 {
			client, message.Call = calls[tied.Call].Client, calls[tied.Call].ID
		}
		if r.GetClient() == "" || client == r.GetClient() {
			told = append(told, message)
		}
	}
	page, next, err := paged(told, r)
	if err != nil {
		return nil, err
	}
	return &pb.ListOutcomesResponse{Outcomes: page, NextPageToken: next, Dropped: dropped}, nil
}

func (s *observationService) GetJournal(context.Context, *pb.GetJournalRequest) (*pb.Journal, error) {
	total, _ := s.options.Attempts.Counts()
	checks, policy := s.options.Verdict()
	journal := &pb.Journal{
		Groovechaos: s.options.System.Version, StartTime: timestamp(s.options.System.Started),
		Attempts: total + s.options.Attempts.Missed(), Dropped: s.options.Attempts.RecentDropped(), Checks: checks, Policies: PolicyMessages(policy),
	}
	if s.options.System.Alone {
		journal.SinceTime = timestamp(s.options.System.Started)
	}
	for _, use := range Uses(s.options.Uses()) {
		journal.Faults = append(journal.Faults, &pb.VerdictFault{Name: use.Name, Matched: use.Matched, Fired: use.Fired})
	}
	return journal, nil
}
