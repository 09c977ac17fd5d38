package api

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/groovechaos/groovechaos/faults"
)

// withKnownFields refuses requests with fields that this version does not
// know: what is asked for and not done must not pass in silence.
func withKnownFields(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if message, ok := request.(proto.Message); ok {
		if problem := unknownField("", message.ProtoReflect()); problem != nil {
			return nil, invalid(*problem)
		}
	}
	return handle(ctx, request)
}

// withKnownFieldsStream is withKnownFields for streams.
func withKnownFieldsStream(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	return handle(server, strictStream{stream})
}

// strictStream refuses messages with fields that this version does not know.
type strictStream struct{ grpc.ServerStream }

// RecvMsg receives a message that is known whole.
func (s strictStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	if message, ok := m.(proto.Message); ok {
		if problem := unknownField("", message.ProtoReflect()); problem != nil {
			return invalid(*problem)
		}
	}
	return nil
}

// unknownField returns the first field below path that the descriptor does not
// have, nil for none.
func unknownField(path string, m protoreflect.Message) (problem *faults.Problem) {
	if raw := m.GetUnknown(); len(raw) > 0 {
		number, _, _ := protowire.ConsumeField(raw)
		return &faults.Problem{Field: fmt.Sprintf("%s%d", path, number), Text: "is a field number that this version does not know"}
	}
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		problem = unknownBelow(path+string(field.Name()), field, value)
		return problem == nil
	})
	return problem
}

func unknownBelow(path string, field protoreflect.FieldDescriptor, value protoreflect.Value) (problem *faults.Problem) {
	switch {
	case field.IsMap() || field.Message() == nil:
		// The maps of this API hold strings.
		return nil
	case field.IsList():
		list := value.List()
		for i := range list.Len() {
			if problem := unknownField(fmt.Sprintf("%s[%d].", path, i), list.Get(i).Message()); problem != nil {
				return problem
			}
		}
		return nil
	default:
		return unknownField(path+".", value.Message())
	}
}
