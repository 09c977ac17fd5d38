package api

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// AttemptOf reads an attempt that this API gave out. Lists are shared with the message.
func AttemptOf(m *pb.Attempt) observe.Attempt {
	a := observe.Attempt{
		Sequence: m.GetSequence(), Time: timeOf(m.GetTime()), Received: m.GetReceived().AsDuration(), Answered: m.GetAnswered().AsDuration(),
		Conn: m.GetConn(), ConnUse: m.GetConnUse(), Multiplexed: m.GetMultiplexed(), Client: m.GetClient(), Credential: m.GetCredential(), UserAgent: m.GetUserAgent(),
		Address: m.GetAddress(), Node: m.GetNode(),
		Endpoint: m.GetEndpoint(), Method: m.GetMethod(), Host: m.GetHost(), Target: m.GetTarget(),
		BodyLength: m.GetBodyLength(), BodyDigest: m.GetBodyDigest(), BodyComplete: m.GetBodyComplete(),
		CallID: m.GetCallId(), CallIDHeader: m.GetCallIdHeader(), Counter: observe.NoCounter,
		IdempotencyKey: m.GetIdempotencyKey(), RequestID: m.GetRequestId(), Trace: m.GetTrace(), TraceParent: m.GetTraceParent(), Headers: m.GetHeaders(),
		Status: int(m.GetStatus()), Class: groove.Class(m.GetClass()), ErrorCode: groove.ErrorCode(m.GetErrorCode()),
		Origin: observe.Origin(m.GetOrigin()), End: observe.End(m.GetEnd()), RetryAfter: m.GetRetryAfter(),
		Fault: m.GetFault(), DelayedBy: m.GetDelayedBy(), Delay: m.GetDelay().AsDuration(), SpoiledBy: m.GetSpoiledBy(),
		Break: faults.BreakKind(m.GetBreak()), BreakAt: faults.BreakPoint(m.GetBreakAt()), Forwarded: m.GetForwarded(),
		UpstreamStatus: int(m.GetUpstreamStatus()), SingleFlight: m.GetSingleFlight(), Marker: m.GetMarker(), Reason: m.GetReason(),
	}
	if m != nil && m.Counter != nil {
		a.Counter = int(m.GetCounter())
	}
	return a
}

func timeOf(at *timestamppb.Timestamp) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.AsTime()
}
