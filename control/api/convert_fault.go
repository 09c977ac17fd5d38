package api

import (
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// FaultOf reads a fault that this API gave out, without its output fields. A
// number that the domain cannot hold becomes the nearest one. Lists and maps
// are shared with the message.
func FaultOf(f *pb.Fault) faults.Fault {
	fault, _ := readFault(f)
	return fault
}

// readFault reads a fault as it is, without its output fields. Problems are
// what the domain cannot hold, by fields from the fault on.
func readFault(f *pb.Fault) (faults.Fault, faults.Problems) {
	var r reader
	fault := faults.Fault{
		Name:     f.GetName(),
		Disabled: f.GetDisabled(),
		Match: faults.Match{
			Endpoints: f.GetMatch().GetEndpoints(),
			Methods:   f.GetMatch().GetMethods(),
			Hosts:     f.GetMatch().GetHosts(),
			Path:      f.GetMatch().GetPath(),
			Query:     f.GetMatch().GetQuery(),
			Headers:   f.GetMatch().GetHeaders(),
			Clients:   f.GetMatch().GetClients(),
		},
		Trigger: faults.Trigger{
			First: f.GetFirst(), Every: f.GetEvery(), Attempts: f.GetAttempts(), Limit: f.GetLimit(),
		},
		TTL: r.duration("ttl", f.GetTtl()),
	}
	if f != nil && f.Share != nil {
		fault.Trigger.Share = new(f.GetShare())
	}
	if f.GetAnswer() != nil {
		fault.Answer = r.answer(f.GetAnswer())
	}
	if f.GetDelay() != nil {
		fault.Delay = r.delay(f.GetDelay())
	}
	return fault, r.problems
}

// reader reads parts of a fault and collects what the domain cannot hold.
type reader struct{ problems faults.Problems }

func (r *reader) answer(a *pb.Answer) *faults.Answer {
	answer := &faults.Answer{
		Status:    r.status(a.GetStatus()),
		ErrorCode: groove.ErrorCode(a.GetErrorCode()),
		Message:   a.GetMessage(),
		Headers:   a.GetHeaders(),
	}
	if a.Body != nil {
		answer.Body = new(a.GetBody())
	}
	if a.GetRetryAfter() == nil {
		return answer
	}
	after := a.GetRetryAfter()
	answer.RetryAfter = &faults.RetryAfter{
		Seconds: copied(after.Seconds),
		DateIn:  r.optional("answer.retry_after.date_in", after.GetDateIn()),
		Raw:     copied(after.Raw),
	}
	return answer
}

func (r *reader) delay(d *pb.Delay) *faults.Delay {
	delay := &faults.Delay{
		Fixed: r.optional("delay.fixed", d.GetFixed()),
		Max:   r.duration("delay.max", d.GetMax()),
	}
	if of := d.GetUniform(); of != nil {
		delay.Uniform = &faults.Uniform{
			Min: r.duration("delay.uniform.min", of.GetMin()),
			Max: r.duration("delay.uniform.max", of.GetMax()),
		}
	}
	if of := d.GetNormal(); of != nil {
		delay.Normal = &faults.Normal{
			Mean:   r.duration("delay.normal.mean", of.GetMean()),
			Stddev: r.duration("delay.normal.stddev", of.GetStddev()),
		}
	}
	if of := d.GetLogNormal(); of != nil {
		delay.LogNormal = &faults.LogNormal{
			P50: r.duration("delay.log_normal.p50", of.GetP50()),
			P99: r.duration("delay.log_normal.p99", of.GetP99()),
		}
	}
	if of := d.GetExponential(); of != nil {
		delay.Exponential = &faults.Exponential{Mean: r.duration("delay.exponential.mean", of.GetMean())}
	}
	if of := d.GetPareto(); of != nil {
		delay.Pareto = &faults.Pareto{Min: r.duration("delay.pareto.min", of.GetMin()), Shape: of.GetShape()}
	}
	return delay
}

// status reads a status, of which an int may have no room for all.
func (r *reader) status(status uint32) int {
	if status > math.MaxInt32 {
		r.problems = append(r.problems, faults.Problem{Field: "answer.status", Text: fmt.Sprintf("is %d, want one that the API documents", status)})
		return math.MaxInt32
	}
	return int(status)
}

// optional reads a duration that may be absent.
func (r *reader) optional(field string, d *durationpb.Duration) *time.Duration {
	if d == nil {
		return nil
	}
	return new(r.duration(field, d))
}

// duration reads a duration, 0 for an absent one.
func (r *reader) duration(field string, d *durationpb.Duration) time.Duration {
	span := d.AsDuration()
	// AsDuration takes whatever it gets to the nearest that it can hold.
	if kept := durationpb.New(span); kept.GetSeconds() != d.GetSeconds() || kept.GetNanos() != d.GetNanos() {
		r.problems = append(r.problems, faults.Problem{Field: field, Text: fmt.Sprintf(
			"has %d seconds and %d nanoseconds, want at most 292 years, less than a second of nanoseconds, and both of one sign",
			d.GetSeconds(), d.GetNanos())})
	}
	return span
}

// Fault writes a fault of the domain, without output fields. Lists and maps are
// shared with f.
func Fault(f *faults.Fault) *pb.Fault {
	fault := &pb.Fault{
		Name:     f.Name,
		Disabled: f.Disabled,
		Match:    matchMessage(&f.Match),
		Share:    copied(f.Trigger.Share),
		First:    f.Trigger.First,
		Every:    f.Trigger.Every,
		Attempts: f.Trigger.Attempts,
		Limit:    f.Trigger.Limit,
		Ttl:      duration(f.TTL),
	}
	if f.Answer != nil {
		fault.Answer = answerMessage(f.Answer)
	}
	if f.Delay != nil {
		fault.Delay = delayMessage(f.Delay)
	}
	return fault
}

func matchMessage(m *faults.Match) *pb.Match {
	if len(m.Endpoints)+len(m.Methods)+len(m.Hosts)+len(m.Query)+len(m.Headers)+len(m.Clients) == 0 && m.Path == "" {
		return nil
	}
	return &pb.Match{
		Endpoints: m.Endpoints, Methods: m.Methods, Hosts: m.Hosts, Path: m.Path,
		Query: m.Query, Headers: m.Headers, Clients: m.Clients,
	}
}

func answerMessage(a *faults.Answer) *pb.Answer {
	answer := &pb.Answer{
		Status: uint32(a.Status), ErrorCode: string(a.ErrorCode), Message: a.Message, Headers: a.Headers, Body: copied(a.Body), //nolint:gosec // A documented status.
	}
	if after := a.RetryAfter; after != nil {
		answer.RetryAfter = &pb.RetryAfter{Seconds: copied(after.Seconds), DateIn: optional(after.DateIn), Raw: copied(after.Raw)}
	}
	return answer
}

func delayMessage(d *faults.Delay) *pb.Delay {
	delay := &pb.Delay{Fixed: optional(d.Fixed), Max: duration(d.Max)}
	of := durationpb.New
	if d.Uniform != nil {
		delay.Uniform = &pb.Delay_Uniform{Min: of(d.Uniform.Min), Max: of(d.Uniform.Max)}
	}
	if d.Normal != nil {
		delay.Normal = &pb.Delay_Normal{Mean: of(d.Normal.Mean), Stddev: of(d.Normal.Stddev)}
	}
	if d.LogNormal != nil {
		delay.LogNormal = &pb.Delay_LogNormal{P50: of(d.LogNormal.P50), P99: of(d.LogNormal.P99)}
	}
	if d.Exponential != nil {
		delay.Exponential = &pb.Delay_Exponential{Mean: of(d.Exponential.Mean)}
	}
	if d.Pareto != nil {
		delay.Pareto = &pb.Delay_Pareto{Min: of(d.Pareto.Min), Shape: d.Pareto.Shape}
	}
	return delay
}

// optional writes a duration that may be absent.
func optional(d *time.Duration) *durationpb.Duration {
	if d == nil {
		return nil
	}
	return durationpb.New(*d)
}

// copied keeps a message apart from the model: to set a scalar field of a
// message is to write through its pointer.
func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

// duration writes a duration, absent for 0.
func duration(d time.Duration) *durationpb.Duration {
	if d == 0 {
		return nil
	}
	return durationpb.New(d)
}

// timestamp writes a time, absent for the zero time.
func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
