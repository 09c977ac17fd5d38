package api

import (
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/groovechaos/groovechaos/control/store"
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// period is the time that a list is narrowed to.
type period interface {
	GetStartTime() *timestamppb.Timestamp
	GetEndTime() *timestamppb.Timestamp
}

// spanOf reads a period; zero times stand open.
func spanOf(p period) (start, end time.Time, problems faults.Problems) {
	for _, bound := range []struct {
		field string
		given *timestamppb.Timestamp
		to    *time.Time
	}{{"start_time", p.GetStartTime(), &start}, {"end_time", p.GetEndTime(), &end}} {
		switch {
		case bound.given == nil:
		case bound.given.CheckValid() != nil:
			problems = append(problems, faults.Problem{Field: bound.field, Text: "is no time, want one from the year 1 to 9999"})
		default:
			*bound.to = bound.given.AsTime()
		}
	}
	if len(problems) == 0 && !start.IsZero() && !end.IsZero() && !start.Before(end) {
		problems = append(problems, faults.Problem{Field: "end_time", Text: "is not after start_time"})
	}
	return start, end, problems
}

// within reports whether a time lies in a span.
func within(t, start, end time.Time) bool {
	return (start.IsZero() || !t.Before(start)) && (end.IsZero() || t.Before(end))
}

// attemptFields are those by which attempts, and calls by them, are narrowed.
type attemptFields interface {
	period
	GetClient() string
	GetEndpoint() string
	GetFault() string
	GetStatus() uint32
}

// attemptFilter says which attempts are asked for.
type attemptFilter struct {
	client, endpoint, fault string
	status                  int
	start, end              time.Time
}

// longestStatus is the greatest status code that HTTP knows.
const longestStatus = 999

// filterOf reads the fields. An endpoint that the contract has not and a status that cannot be are refused: they would
// match nothing, in silence.
func filterOf(r attemptFields) (attemptFilter, error) {
	start, end, problems := spanOf(r)
	problems = append(problems, endpointProblems(r.GetEndpoint())...)
	if status := r.GetStatus(); status > longestStatus {
		problems = append(problems, faults.Problem{Field: "status", Text: fmt.Sprintf("is %d, want a status code", status)})
	}
	if len(problems) > 0 {
		return attemptFilter{}, invalid(problems...)
	}
	return attemptFilter{
		client: r.GetClient(), endpoint: r.GetEndpoint(), fault: r.GetFault(), status: int(r.GetStatus()), start: start, end: end,
	}, nil
}

func endpointProblems(name string) faults.Problems {
	known := slices.ContainsFunc(groove.Endpoints(), func(e groove.Endpoint) bool { return e.Name == name })
	if name == "" || known {
		return nil
	}
	return faults.Problems{{Field: "endpoint", Text: fmt.Sprintf("is %.80q, want one of the contract's, see ListEndpoints", name)}}
}

// takes reports whether an attempt is asked for.
func (f *attemptFilter) takes(a *observe.Attempt) bool {
	return (f.client == "" || a.Client == f.client) &&
		(f.endpoint == "" || a.Endpoint == f.endpoint) &&
		(f.status == 0 || a.Status == f.status) &&
		(f.fault == "" || a.Fault == f.fault || slices.Contains(a.DelayedBy, f.fault) || slices.Contains(a.SpoiledBy, f.fault)) &&
		within(a.Time, f.start, f.end)
}

// takesCall reports whether a call has an attempt that is asked for.
func (f *attemptFilter) takesCall(c *observe.Call) bool {
	return slices.ContainsFunc(c.Attempts, f.takes)
}

// filterFaults leaves the faults that a list asks for.
func filterFaults(set []store.Fault, r *pb.ListFaultsRequest, v *view) ([]store.Fault, error) {
	if problems := endpointProblems(r.GetEndpoint()); len(problems) > 0 {
		return nil, invalid(problems...)
	}
	for i, state := range r.GetStates() {
		if _, known := pb.Fault_State_name[int32(state)]; !known || state == pb.Fault_STATE_UNSPECIFIED {
			return nil, invalid(faults.Problem{Field: fmt.Sprintf("states[%d]", i), Text: fmt.Sprintf("is %d, want a state", state)})
		}
	}
	return slices.DeleteFunc(set, func(f store.Fault) bool {
		return len(r.GetStates()) > 0 && !slices.Contains(r.GetStates(), v.state(&f)) || !canStrike(&f.Match, r.GetEndpoint(), r.GetClient())
	}), nil
}

// canStrike reports whether nothing in a match speaks against an endpoint and a client, "" for any.
func canStrike(m *faults.Match, endpoint, client string) bool {
	if endpoint != "" && len(m.Endpoints) > 0 && !slices.Contains(m.Endpoints, endpoint) {
		return false
	}
	return client == "" || len(m.Clients) == 0 || slices.ContainsFunc(m.Clients, func(pattern string) bool {
		return faults.Fits(pattern, client)
	})
}
