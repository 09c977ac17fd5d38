package api

import (
	"strings"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

//nolint:funlen // A straight table.
func attemptMessage(a *observe.Attempt) *pb.Attempt {
	attempt := &pb.Attempt{
		Sequence:       a.Sequence,
		Time:           timestamp(a.Time),
		Received:       durationpb.New(a.Received),
		Answered:       durationpb.New(a.Answered),
		Conn:           a.Conn,
		ConnUse:        a.ConnUse,
		Client:         validText(a.Client),
		Credential:     a.Credential,
		UserAgent:      validText(a.UserAgent),
		Endpoint:       a.Endpoint,
		Method:         validText(a.Method),
		Host:           validText(a.Host),
		Target:         validText(a.Target),
		BodyLength:     a.BodyLength,
		BodyDigest:     a.BodyDigest,
		BodyComplete:   a.BodyComplete,
		CallId:         validText(a.CallID),
		CallIdHeader:   a.CallIDHeader,
		IdempotencyKey: a.IdempotencyKey,
		RequestId:      validText(a.RequestID),
		Status:         uint32(a.Status), //nolint:gosec // A status code.
		Class:          string(a.Class),
		ErrorCode:      validText(string(a.ErrorCode)),
		Origin:         string(a.Origin),
		End:            string(a.End),
		RetryAfter:     validText(a.RetryAfter),
		Fault:          a.Fault,
		DelayedBy:      a.DelayedBy,
		Delay:          duration(a.Delay),
		SpoiledBy:      a.SpoiledBy,
		Break:          string(a.Break),
		BreakAt:        string(a.BreakAt),
		Forwarded:      a.Forwarded,
		UpstreamStatus: uint32(a.UpstreamStatus), //nolint:gosec // A status code.
		Reason:         validText(a.Reason),
		Address:        validText(a.Address),
		Node:           a.Node,
		Trace:          a.Trace,
		TraceParent:    a.TraceParent,
		Headers:        validText(a.Headers),
		SingleFlight:   a.SingleFlight,
		Multiplexed:    a.Multiplexed,
		Marker:         a.Marker,
	}
	if a.Counter != observe.NoCounter {
		attempt.Counter = new(int32(a.Counter)) //nolint:gosec // Bounded where it is read.
	}
	return attempt
}

func callMessage(c *observe.Call) *pb.Call {
	call := &pb.Call{
		Id: c.ID, Client: validText(c.Client), Endpoint: c.Endpoint, Method: validText(c.Method), Target: validText(c.Target),
		Grouping: string(c.Grouping), Censored: c.Censored, Transport: c.Transport, Polling: c.Polling,
		Hedges: c.Hedges, Confidence: c.Confidence(),
	}
	for i := range c.Attempts {
		call.Attempts = append(call.Attempts, attemptMessage(c.Attempts[i]))
	}
	return call
}

func verdictMessage(r verdict.Report) *pb.Verdict {
	message := &pb.Verdict{Version: int32(r.Version), Result: string(r.Result), Reasons: r.Reasons, Notes: validTexts(r.Notes)} //nolint:gosec // A small number of ours.
	for i := range r.Clients {
		message.Clients = append(message.Clients, clientMessage(&r.Clients[i]))
	}
	message.Findings = findingMessages(r.Findings)
	for _, use := range r.Faults {
		message.Faults = append(message.Faults, &pb.VerdictFault{Name: use.Name, Matched: use.Matched, Fired: use.Fired})
	}
	return message
}

//nolint:gosec // Counts of what fits in memory, and status codes.
func clientMessage(v *verdict.Verdict) *pb.ClientVerdict {
	return &pb.ClientVerdict{
		Client: validText(v.Client), Result: string(v.Result), Calls: int32(v.Calls), Attempts: int32(v.Attempts),
		Laws: lawMessages(v.Laws), Findings: findingMessages(v.Findings), Endpoints: partMessages(v.Endpoints), Statuses: partMessages(v.Statuses),
	}
}

//nolint:gosec // As above.
func partMessages(parts []verdict.Part) []*pb.VerdictPart {
	var messages []*pb.VerdictPart
	for _, p := range parts {
		messages = append(messages, &pb.VerdictPart{
			Endpoint: p.Endpoint, Status: int32(p.Status), Result: string(p.Result), Calls: int32(p.Calls), Attempts: int32(p.Attempts),
			Findings: findingMessages(p.Findings),
		})
	}
	return messages
}

//nolint:gosec // As above.
func findingMessages(findings []verdict.Finding) []*pb.Finding {
	var messages []*pb.Finding
	for i := range findings {
		f := &findings[i]
		messages = append(messages, &pb.Finding{
			Check: f.Check, Status: int32(f.Status), Endpoints: f.Endpoints, Result: string(f.Result), Summary: validText(f.Summary),
			Missing: f.Missing, Advice: f.Advice, Calls: f.Calls, Attempts: f.Attempts,
			Grouping: string(f.Grouping), Exposed: int32(f.Exposed), Norm: f.Norm,
		})
	}
	return messages
}

// Report reads a verdict back into the type that reports are written from.
func Report(m *pb.Verdict) verdict.Report {
	r := verdict.Report{
		Version: int(m.GetVersion()), Result: verdict.Result(m.GetResult()), Reasons: m.GetReasons(), Notes: m.GetNotes(),
		// Not nil, as the judge has it: in JSON a list stays a list.
		Clients: make([]verdict.Verdict, 0, len(m.GetClients())),
	}
	for _, c := range m.GetClients() {
		r.Clients = append(r.Clients, verdict.Verdict{
			Client: c.GetClient(), Result: verdict.Result(c.GetResult()), Calls: int(c.GetCalls()), Attempts: int(c.GetAttempts()),
			Laws: laws(c.GetLaws()), Findings: findings(c.GetFindings()), Endpoints: parts(c.GetEndpoints()), Statuses: parts(c.GetStatuses()),
		})
	}
	if found := m.GetFindings(); len(found) > 0 {
		r.Findings = findings(found)
	}
	for _, f := range m.GetFaults() {
		r.Faults = append(r.Faults, verdict.FaultUse{Name: f.GetName(), Matched: f.GetMatched(), Fired: f.GetFired()})
	}
	return r
}

func parts(messages []*pb.VerdictPart) []verdict.Part {
	var all []verdict.Part
	for _, p := range messages {
		all = append(all, verdict.Part{
			Endpoint: p.GetEndpoint(), Status: int(p.GetStatus()), Result: verdict.Result(p.GetResult()), Calls: int(p.GetCalls()), Attempts: int(p.GetAttempts()),
			Findings: findings(p.GetFindings()),
		})
	}
	return all
}

func findings(messages []*pb.Finding) []verdict.Finding {
	all := make([]verdict.Finding, len(messages))
	for i, f := range messages {
		all[i] = verdict.Finding{
			Check: f.GetCheck(), Status: int(f.GetStatus()), Endpoints: f.GetEndpoints(), Result: verdict.Result(f.GetResult()), Summary: f.GetSummary(),
			Missing: f.GetMissing(), Advice: f.GetAdvice(), Calls: f.GetCalls(), Attempts: f.GetAttempts(),
			Grouping: observe.Grouping(f.GetGrouping()), Exposed: int(f.GetExposed()), Norm: f.GetNorm(),
		}
	}
	return all
}

func validTexts(texts []string) []string {
	var valid []string
	for _, text := range texts {
		valid = append(valid, validText(text))
	}
	return valid
}

// validText makes a text from outside fit for a message: one stray byte of one
// client would cost everybody the answer.
func validText(text string) string { return strings.ToValidUTF8(text, "?") }
