package api

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// Policy reads the rules of a policy. Problems are what is wrong with them, by fields such as "[1].limits.quick".
func Policy(messages []*pb.PolicyRule) (verdict.Policy, faults.Problems) {
	var policy verdict.Policy
	var problems faults.Problems
	for i, m := range messages {
		var r reader
		l := m.GetLimits()
		policy = append(policy, verdict.Rule{
			Checks: m.GetChecks(), Clients: m.GetClients(), Endpoints: m.GetEndpoints(), Severity: verdict.Severity(m.GetSeverity()),
			Limits: verdict.Limits{
				Transient: statuses(l.GetTransient()), Final: statuses(l.GetFinal()),
				Attempts: int(l.GetAttempts()), Amplification: l.GetAmplification(),
				Quick: r.duration("quick", l.GetQuick()), Early: r.duration("early", l.GetEarly()),
				Delay: r.duration("delay", l.GetDelay()), Call: r.duration("call", l.GetCall()),
				Answer: r.duration("answer", l.GetAnswer()), Recovery: r.duration("recovery", l.GetRecovery()),
			},
		})
		problems = append(problems, r.problems.Prefix(fmt.Sprintf("[%d].limits.", i))...)
	}
	return policy, append(problems, problemsOf(policy.Validate())...)
}

// problemsOf takes problems out of the error that they were returned as.
func problemsOf(err error) faults.Problems {
	problems, _ := err.(faults.Problems) //nolint:errorlint // As Policy.Validate returns it.
	return problems
}

func statuses(list []int32) []int {
	var all []int
	for _, status := range list {
		all = append(all, int(status))
	}
	return all
}

// PolicyMessages writes the rules of a policy.
func PolicyMessages(policy verdict.Policy) []*pb.PolicyRule {
	var messages []*pb.PolicyRule
	for i := range policy {
		r := &policy[i]
		l := &r.Limits
		limits := &pb.PolicyLimits{
			Transient: numbers(l.Transient), Final: numbers(l.Final),
			Attempts: int32(l.Attempts), Amplification: l.Amplification, //nolint:gosec // Bounded where it was validated.
			Quick: duration(l.Quick), Early: duration(l.Early), Delay: duration(l.Delay), Call: duration(l.Call),
			Answer: duration(l.Answer), Recovery: duration(l.Recovery),
		}
		messages = append(messages, &pb.PolicyRule{
			Checks: r.Checks, Clients: r.Clients, Endpoints: r.Endpoints, Severity: string(r.Severity), Limits: limits,
		})
	}
	return messages
}

func numbers(list []int) []int32 {
	var all []int32
	for _, number := range list {
		all = append(all, int32(number)) //nolint:gosec // A status code.
	}
	return all
}
