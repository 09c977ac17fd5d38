package api

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/groovechaos/groovechaos/control/auth"
	"github.com/groovechaos/groovechaos/control/store"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// TestEveryMethodHasARule holds the table against the services that are served, and the word of change against the
// verbs of the API.
func TestEveryMethodHasARule(t *testing.T) {
	t.Parallel()
	s := serve(t)
	served := make(map[string]bool)
	for name, info := range s.server.GetServiceInfo() {
		for _, method := range info.Methods {
			served[name+"/"+method.Name] = true
		}
	}
	rules := auth.Rules()
	if diff := cmp.Diff(slices.Sorted(maps.Keys(served)), slices.Sorted(maps.Keys(rules))); diff != "" {
		t.Errorf("methods (-served +in the table):\n%s", diff)
	}
	for method, rule := range rules {
		verb := method[strings.LastIndex(method, "/")+1:]
		reads := slices.ContainsFunc([]string{"Get", "List", "Watch", "Check", "Judge"}, func(word string) bool { return strings.HasPrefix(verb, word) })
		ours := strings.HasPrefix(method, "groovechaos.")
		if reads && rule.Change || ours && !reads && !rule.Change && verb != "ReportOutcome" {
			t.Errorf("%s: change is %t, which its verb contradicts", method, rule.Change)
		}
		if ours && rule.Role == auth.Anyone || rule.Change && rule.Role == auth.Viewer {
			t.Errorf("%s: role is %q, want more", method, rule.Role)
		}
	}
}

// asking is a server that asks who calls, with a token for each role.
func asking(t *testing.T) (s *served, secrets map[auth.Role]string) {
	t.Helper()
	secrets = make(map[auth.Role]string)
	s = serve(t, func(o *Options) {
		o.Guard = auth.NewGuard(auth.Options{Required: true, Tokens: o.Tokens, Now: o.Now})
		for _, role := range auth.RoleNames() {
			secret := auth.NewSecret()
			secrets[auth.Role(role)] = secret
			if err := o.Tokens.Put(t.Context(), store.Token{ID: role, Name: role, Role: role, Hash: auth.Hash(secret)}); err != nil {
				t.Fatal(err)
			}
		}
	})
	return s, secrets
}

func as(ctx context.Context, secret string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+secret)
}

// TestThePermissionMatrix calls every method of this API with every role over the wire.
func TestThePermissionMatrix(t *testing.T) {
	t.Parallel()
	s, secrets := asking(t)
	secrets[auth.Anyone] = ""
	played := 0
	for method, rule := range auth.Rules() {
		if !strings.HasPrefix(method, "groovechaos.") {
			continue
		}
		for role, secret := range secrets {
			played++
			got := s.try(t, method, secret)
			refused := got == codes.PermissionDenied || got == codes.Unauthenticated || got == codes.ResourceExhausted
			if refused == role.Includes(rule.Role) {
				t.Errorf("%s by %q: got %v, it takes %s", method, role, got, rule.Role)
			}
		}
	}
	if played < 100 {
		t.Errorf("%d cells were played, want the whole matrix", played)
	}
	if kept, err := s.tokens.List(t.Context()); err != nil || len(kept) != 3 {
		t.Errorf("there are %d tokens, %v, want the 3 from before: empty requests make none", len(kept), err)
	}
}

// try calls a method with an empty request, and returns the code.
func (s *served) try(t *testing.T, method, secret string) codes.Code {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if secret != "" {
		ctx = as(ctx, secret)
	}
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(strings.ReplaceAll(method, "/", ".")))
	if err != nil {
		t.Fatal(err)
	}
	about := found.(protoreflect.MethodDescriptor) //nolint:forcetypeassert // Named as a method by the table.
	request, reply := dynamicpb.NewMessage(about.Input()), dynamicpb.NewMessage(about.Output())
	if !about.IsStreamingServer() {
		return status.Code(s.conn.Invoke(ctx, "/"+method, request, reply))
	}
	stream, err := s.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/"+method)
	if err == nil {
		err = stream.SendMsg(request)
	}
	if err == nil {
		err = stream.CloseSend()
	}
	if err != nil {
		t.Fatal(err)
	}
	return status.Code(stream.RecvMsg(reply))
}

// TestWhatIsTriedIsWrittenDown holds that somebody known who oversteps is in the audit, and a stranger is not.
func TestWhatIsTriedIsWrittenDown(t *testing.T) {
	t.Parallel()
	s, secrets := asking(t)
	if _, err := s.brake.PullBrake(as(t.Context(), secrets[auth.Viewer]), &pb.PullBrakeRequest{Reason: "mischief"}); status.Code(err) != codes.PermissionDenied {
		t.Errorf("got %v, want PERMISSION_DENIED", err)
	}
	for range 3 {
		if _, err := s.brake.PullBrake(as(t.Context(), "nobody"), &pb.PullBrakeRequest{}); status.Code(err) != codes.Unauthenticated {
			t.Errorf("got %v, want UNAUTHENTICATED", err)
		}
	}
	if _, err := s.brake.PullBrake(as(t.Context(), secrets[auth.Operator]), &pb.PullBrakeRequest{Reason: "smoke", RequestId: "r1"}); err != nil {
		t.Fatal(err)
	}
	entries, err := s.audit.List(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	want := []store.AuditEntry{
		{Sequence: 1, Time: epoch, Actor: "viewer", Role: "viewer", Remote: "bufconn", Method: "groovechaos.v1.BrakeService/PullBrake", Resource: "brake", Result: "PERMISSION_DENIED"},
		{
			Sequence: 2, Time: epoch, Actor: "operator", Role: "operator", Remote: "bufconn", Method: "groovechaos.v1.BrakeService/PullBrake", Resource: "brake",
			RequestID: "r1", Result: "OK", Before: []byte(`{}`), After: []byte(`{"pulled":true,"reason":"smoke","update_time":"2030-01-01T12:00:00Z","actor":"operator"}`), Revision: 1,
		},
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

// Whoever is known and tries what is not theirs again and again drives nothing out of the audit.
func TestRefusalsDoNotFillTheAudit(t *testing.T) {
	t.Parallel()
	s, secrets := asking(t)
	const tries = 200
	for range tries {
		if _, err := s.brake.PullBrake(as(t.Context(), secrets[auth.Viewer]), &pb.PullBrakeRequest{}); status.Code(err) != codes.PermissionDenied {
			t.Fatalf("got %v, want PERMISSION_DENIED", err)
		}
	}
	entries, err := s.audit.List(t.Context(), 0, 2*tries)
	if err != nil || len(entries) == 0 || len(entries) > tries/10 {
		t.Errorf("%d refusals left %d entries, %v, want a few", tries, len(entries), err)
	}
}

// TestCallersDoNotShareRequestIDs holds that a request_id of one caller is nothing to another.
func TestCallersDoNotShareRequestIDs(t *testing.T) {
	t.Parallel()
	s, secrets := asking(t)
	create := func(role auth.Role, name string) error {
		_, err := s.faults.CreateFault(as(t.Context(), secrets[role]), &pb.CreateFaultRequest{Fault: answering(name, 0.1), RequestId: "same"})
		return err
	}
	if err := create(auth.Operator, "one"); err != nil {
		t.Fatal(err)
	}
	if err := create(auth.Admin, "two"); err != nil {
		t.Errorf("another caller under the same request_id: %v", err)
	}
	wantInvalid(t, create(auth.Operator, "two"), "request_id")
}

// TestSecretsAreNowhere makes a token and looks for its secret in all that is kept and told.
func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	s, secrets := asking(t)
	ctx := as(t.Context(), secrets[auth.Admin])
	tokens := pb.NewTokenServiceClient(s.conn)
	made, err := tokens.CreateToken(ctx, &pb.CreateTokenRequest{Name: "ci", Role: "viewer"})
	if err != nil {
		t.Fatal(err)
	}
	if !auth.WellFormed(made.GetSecret()) {
		t.Fatalf("the secret is %q", made.GetSecret())
	}
	if _, err := pb.NewFaultServiceClient(s.conn).ListFaults(as(t.Context(), made.GetSecret()), &pb.ListFaultsRequest{}); err != nil {
		t.Errorf("with the new token: %v", err)
	}
	listed, err := tokens.ListTokens(ctx, &pb.ListTokensRequest{})
	if err != nil {
		t.Fatal(err)
	}
	audited, err := s.system.ListAuditEntries(ctx, &pb.ListAuditEntriesRequest{})
	if err != nil || len(audited.GetEntries()) != 1 {
		t.Fatalf("audit: %v, %v, want one entry", audited, err)
	}
	for _, told := range []proto.Message{listed, audited} {
		text, err := proto.Marshal(told)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range append(slices.Collect(maps.Values(secrets)), made.GetSecret(), string(auth.Hash(made.GetSecret()))) {
			if strings.Contains(string(text), secret) {
				t.Errorf("%T tells a secret or its hash", told)
			}
		}
	}
	stream, err := pb.NewFaultServiceClient(s.conn).WatchFaults(as(t.Context(), made.GetSecret()), &pb.WatchFaultsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatalf("a stream with the new token: %v", err)
	}
	if _, err := tokens.DeleteToken(ctx, &pb.DeleteTokenRequest{Id: made.GetToken().GetId()}); err != nil {
		t.Fatal(err)
	}
	down := &pb.Fault{Name: "down", Answer: &pb.Answer{Status: 503}}
	if _, err := pb.NewFaultServiceClient(s.conn).CreateFault(ctx, &pb.CreateFaultRequest{Fault: down}); err != nil {
		t.Fatal(err)
	}
	if told, err := stream.Recv(); status.Code(err) != codes.Unauthenticated {
		t.Errorf("a stream whose token was revoked got %v, %v; want UNAUTHENTICATED", told, err)
	}
	if _, err := s.system.GetStatus(as(t.Context(), made.GetSecret()), &pb.GetStatusRequest{}); status.Code(err) != codes.Unauthenticated {
		t.Errorf("with the revoked token: got %v, want UNAUTHENTICATED", err)
	}
	_, err = tokens.DeleteToken(ctx, &pb.DeleteTokenRequest{Id: made.GetToken().GetId()})
	if status.Code(err) != codes.NotFound {
		t.Errorf("revoked twice: got %v, want NOT_FOUND", err)
	}
}
