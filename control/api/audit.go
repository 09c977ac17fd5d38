package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/store"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// mostAudited bounds each of the two forms of what a change is about, in bytes.
const mostAudited = 64 << 10

// changeKey is where a handler finds the change that it makes.
type changeKey struct{}

// change is what a handler tells of what it is about to change.
type change struct{ before proto.Message }

// noteBefore tells of what is about to change, for the audit.
func noteBefore(ctx context.Context, before proto.Message) {
	if c, ok := ctx.Value(changeKey{}).(*change); ok {
		c.before = before
	}
}

// audit writes down every change, those that are refused too.
func (c chain) audit(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	method := auth.MethodOf(info.FullMethod)
	if rule, _ := auth.RuleOf(method); !rule.Change {
		return handle(ctx, request)
	}
	ctx = context.WithValue(ctx, changeKey{}, &change{})
	answer, err := handle(ctx, request)
	c.write(ctx, method, request, answer, err)
	return answer, err
}

// write writes down one change. That it cannot be is told in the log: the change has been made, and is not undone.
func (c chain) write(ctx context.Context, method string, request, answer any, err error) {
	p := auth.FromContext(ctx)
	entry := store.AuditEntry{
		Time: c.options.Now(), Actor: p.Name, Role: string(p.Role), Remote: p.Remote, Method: method,
		Resource: resourceOf(request, answer), RequestID: requestID(request), Result: ResultOf(err),
	}
	if made, ok := ctx.Value(changeKey{}).(*change); ok {
		entry.Before = auditForm(made.before)
	}
	if err == nil {
		entry.After = auditForm(afterOf(answer))
		entry.Revision = c.revision(ctx, answer)
	}
	if err := c.options.Audit.Append(context.WithoutCancel(ctx), entry); err != nil {
		c.options.Logger.ErrorContext(ctx, "audit entry lost", slog.String("method", method), slog.String("actor", p.Name), slog.Any("error", err))
	}
}

// AuditForm writes a message as an entry has it: as JSON without secrets.
func AuditForm(m proto.Message) json.RawMessage { return auditForm(m) }

// ResultOf is the word for how a change ended.
func ResultOf(err error) string {
	return code.Code(status.Code(statusOf(err))).String() //nolint:gosec // Codes are small.
}

// afterOf is what an answer tells of the state after a change. The secret of a token is no part of that.
func afterOf(answer any) proto.Message {
	switch answer := answer.(type) {
	case *pb.CreateTokenResponse:
		return answer.GetToken()
	case proto.Message:
		if answer.ProtoReflect().Descriptor().Fields().Len() > 0 {
			return answer
		}
	}
	return nil
}

// revision is that of the faults after a change that succeeded, 0 where none applies.
func (c chain) revision(ctx context.Context, answer any) uint64 {
	switch answer := answer.(type) {
	case *pb.Fault:
		return answer.GetRevision()
	case *pb.CreateTokenResponse:
		return 0
	}
	revision, err := c.options.Faults.Revision(ctx)
	if err != nil {
		return 0
	}
	return revision
}

// resourceOf says what a request is about, in words that lists can be narrowed by.
func resourceOf(request, answer any) string {
	switch r := request.(type) {
	case *pb.CreateFaultRequest:
		return faultResource(r.GetFault().GetName())
	case *pb.UpdateFaultRequest:
		return faultResource(r.GetFault().GetName())
	case *pb.ApplyFaultsRequest:
		if len(r.GetFaults()) == 1 {
			return faultResource(r.GetFaults()[0].GetName())
		}
		return "faults"
	case *pb.PullBrakeRequest, *pb.ReleaseBrakeRequest:
		return "brake"
	case *pb.CreateTokenRequest:
		created, _ := answer.(*pb.CreateTokenResponse)
		return "tokens/" + created.GetToken().GetId()
	case *pb.DeleteTokenRequest:
		return "tokens/" + short(r.GetId())
	case *pb.ReloadRequest:
		return "config"
	case *pb.StartRunRequest:
		started, _ := answer.(*pb.Run)
		return "runs/" + started.GetId()
	case *pb.StopRunRequest:
		return "runs/" + short(r.GetId())
	case interface{ GetName() string }:
		return faultResource(r.GetName())
	default:
		return ""
	}
}

func faultResource(name string) string { return "faults/" + short(name) }

// short bounds a name that somebody else chose and nobody has reviewed.
func short(name string) string { return validText(fmt.Sprintf("%.80s", name)) }

// auditForm writes what a change is about as JSON without secrets; nil for nothing.
func auditForm(m proto.Message) json.RawMessage {
	if m == nil || !m.ProtoReflect().IsValid() {
		return nil
	}
	m = proto.Clone(m)
	for _, f := range faultsIn(m) {
		f.Use, f.Warnings, f.State = nil, nil, pb.Fault_STATE_UNSPECIFIED
		hideSecrets(f.GetMatch().GetHeaders())
		hideSecrets(f.GetMatch().GetQuery())
		hideSecrets(f.GetAnswer().GetHeaders())
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return nil
	}
	if len(text) > mostAudited {
		return fmt.Appendf(nil, `{"left_out":"%d bytes"}`, len(text))
	}
	// protojson varies its spaces on purpose.
	var compact bytes.Buffer
	if json.Compact(&compact, text) != nil {
		return nil
	}
	return compact.Bytes()
}

// faultsIn are the faults that a message is or holds.
func faultsIn(m proto.Message) []*pb.Fault {
	switch m := m.(type) {
	case *pb.Fault:
		return []*pb.Fault{m}
	case *pb.ApplyFaultsResponse:
		return m.GetFaults()
	default:
		return nil
	}
}

// hideSecrets takes out the values of fields that carry credentials. Patterns of them are hidden too: they may be as
// long as the secret.
func hideSecrets(fields map[string]string) {
	for name := range fields {
		lower := strings.ToLower(name)
		for _, word := range []string{"authorization", "cookie", "token", "secret", "password", "api-key", "apikey"} {
			if strings.Contains(lower, word) {
				fields[name] = "(secret)"
			}
		}
	}
}
