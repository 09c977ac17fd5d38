package api

import (
	"encoding/json"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/groovechaos/groovechaos/control/store"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func auditMessage(e *store.AuditEntry) *pb.AuditEntry {
	return &pb.AuditEntry{
		Sequence: e.Sequence, Time: timestamp(e.Time), Actor: validText(e.Actor), Role: e.Role, Remote: validText(e.Remote),
		Method: e.Method, Resource: validText(e.Resource), RequestId: validText(e.RequestID), Result: e.Result,
		Before: valueMessage(e.Before), After: valueMessage(e.After), Revision: e.Revision,
	}
}

// valueMessage is nil for nothing, and for what is no JSON.
func valueMessage(text json.RawMessage) *structpb.Value {
	value := &structpb.Value{}
	if len(text) == 0 || protojson.Unmarshal(text, value) != nil {
		return nil
	}
	return value
}
