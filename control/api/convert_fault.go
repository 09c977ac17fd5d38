package api

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/groovechaos/groovechaos/faults"
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
		Trigger:   r.trigger(f),
		Answer:    r.answer(f.GetAnswer()),
		SoftError: softErrorOf(f.GetSoftError()),
		Delay:     r.delay(f.GetDelay()),
		Break:     breakOf(f.GetBreak()),
		Throttle:  throttleOf(f.GetThrottle()),
		Truncate:  truncateOf(f.GetTruncate()),
		Corrupt:   corruptOf(f.GetCorrupt()),
		TTL:       r.duration("ttl", f.GetTtl()),
	}
	return fault, r.problems
}

// reader reads parts of a fault and collects what the domain cannot hold.
type reader struct{ problems faults.Problems }

func (r *reader) trigger(f *pb.Fault) faults.Trigger {
	trigger := faults.Trigger{
		First: f.GetFirst(), Every: f.GetEvery(), Attempts: f.GetAttempts(), Limit: f.GetLimit(), MaxActive: f.GetMaxActive(),
	}
	if f != nil && f.Share != nil {
		trigger.Share = new(f.GetShare())
	}
	if q := f.GetQuota(); q != nil {
		trigger.Quota = &faults.Quota{
			Requests: q.GetRequests(), Per: r.duration("quota.per", q.GetPer()), Burst: q.GetBurst(), All: q.GetAll(),
		}
	}
	return trigger
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
	return &pb.Fault{
		Name:      f.Name,
		Disabled:  f.Disabled,
		Match:     matchMessage(&f.Match),
		Share:     copied(f.Trigger.Share),
		First:     f.Trigger.First,
		Every:     f.Trigger.Every,
		Attempts:  f.Trigger.Attempts,
		Limit:     f.Trigger.Limit,
		Quota:     quotaMessage(f.Trigger.Quota),
		MaxActive: f.Trigger.MaxActive,
		Answer:    answerMessage(f.Answer),
		SoftError: softErrorMessage(f.SoftError),
		Delay:     delayMessage(f.Delay),
		Break:     breakMessage(f.Break),
		Throttle:  throttleMessage(f.Throttle),
		Truncate:  truncateMessage(f.Truncate),
		Corrupt:   corruptMessage(f.Corrupt),
		Ttl:       duration(f.TTL),
	}
}

func quotaMessage(q *faults.Quota) *pb.Quota {
	if q == nil {
		return nil
	}
	return &pb.Quota{Requests: q.Requests, Per: duration(q.Per), Burst: q.Burst, All: q.All}
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
