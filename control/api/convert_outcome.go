package api

import (
	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// readOutcome reads an outcome without its output fields. Problems are all that is wrong with it.
func readOutcome(m *pb.Outcome) (observe.Outcome, faults.Problems) {
	var r reader
	o := observe.Outcome{
		Client: m.GetClient(), CallID: m.GetCallId(), Trace: m.GetTrace(), Method: m.GetMethod(), Target: m.GetTarget(),
		Attempt: m.GetAttempt(), Kind: observe.OutcomeKind(m.GetKind()), Code: m.GetCode(), Category: m.GetCategory(),
		Status: int(m.GetStatus()), Text: m.GetText(), Took: r.duration("took", m.GetTook()),
	}
	if at := m.GetTime(); at != nil {
		if err := at.CheckValid(); err != nil {
			r.problems = append(r.problems, faults.Problem{Field: "time", Text: "is no time between the years 1 and 9999"})
		}
		o.Time = at.AsTime()
	}
	return o, append(r.problems, o.Validate()...)
}

// OutcomeOf reads an outcome that this API gave out.
func OutcomeOf(m *pb.Outcome) observe.Outcome {
	o, _ := readOutcome(m)
	o.Node = m.GetNode()
	return o
}

func outcomeMessage(o *observe.Outcome) *pb.Outcome {
	return &pb.Outcome{
		Time: timestamp(o.Time), Client: o.Client, CallId: o.CallID, Trace: o.Trace, Method: o.Method, Target: o.Target,
		Attempt: o.Attempt, Node: o.Node, Kind: string(o.Kind), Code: o.Code, Category: o.Category,
		Status: uint32(o.Status), //nolint:gosec // A status code.
		Text:   o.Text, Took: duration(o.Took),
	}
}
