package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func (s *observationService) GetVerdict(_ context.Context, r *pb.GetVerdictRequest) (*pb.Verdict, error) {
	return s.judge(&pb.JudgeAttemptsRequest{
		Client: r.GetClient(), Checks: r.GetChecks(), Ended: r.GetEnded(), StartTime: r.GetStartTime(), EndTime: r.GetEndTime(),
	})
}

func (s *observationService) JudgeAttempts(_ context.Context, r *pb.JudgeAttemptsRequest) (*pb.Verdict, error) {
	return s.judge(r)
}

func (s *observationService) judge(r *pb.JudgeAttemptsRequest) (*pb.Verdict, error) {
	checks := r.GetChecks()
	if err := verdict.ValidateChecks(checks); err != nil {
		return nil, invalid(faults.Problem{Field: "checks", Text: fmt.Sprintf("name an %.1000s", err)})
	}
	configured, standing := s.options.Verdict()
	if len(checks) == 0 {
		checks = configured
	}
	policy, problems := Policy(r.GetPolicies())
	if len(problems) > 0 {
		return nil, invalid(problems.Prefix("policies")...)
	}
	seen, err := s.seen(r)
	if err != nil {
		return nil, err
	}
	journal := seen.journal(s.options.Uses)
	journal.Ended = r.GetEnded()
	report := verdict.Judge(journal, verdict.Options{Checks: checks, Policy: slices.Concat(standing, policy)})
	if r.GetClient() != "" {
		Narrow(&report, r.GetClient())
	}
	return verdictMessage(report), nil
}

// Narrow leaves one client of a report, or none if it was not seen. What the
// others did stays part of the judgement.
func Narrow(r *verdict.Report, client string) {
	i := slices.IndexFunc(r.Clients, func(v verdict.Verdict) bool { return v.Client == client })
	if i < 0 {
		r.Clients, r.Result = []verdict.Verdict{}, verdict.Inconclusive
		r.Reasons = append(r.Reasons, fmt.Sprintf("no attempt of client %.80q was seen", client))
		return
	}
	r.Clients = r.Clients[i : i+1]
	r.Result = r.Clients[0].Result
	exposed := slices.ContainsFunc(r.Clients[0].Findings, func(f verdict.Finding) bool { return f.Exposed > 0 })
	if len(r.Reasons) == 0 && !exposed {
		r.Reasons = append(r.Reasons, "this client met no failure that a check is about")
	}
	if len(r.Reasons) > 0 && r.Result == verdict.Pass {
		r.Result = verdict.Inconclusive
	}
}

// Uses writes the counters of an engine for the judge: of the faults that were
// ever in force.
func Uses(uses []faults.Use) []verdict.FaultUse {
	var written []verdict.FaultUse
	for _, use := range uses {
		if use.Armed {
			written = append(written, verdict.FaultUse{Name: use.Name, Matched: use.Matched, Fired: use.Fired})
		}
	}
	return written
}
