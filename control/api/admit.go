package api

import (
	"context"
	"log/slog"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/groovechaos/groovechaos/control/auth"
)

// admit lets the guard decide, and puts who calls into the context. Somebody who is known and tries a change that is not
// theirs is written down; others are not, so that nobody can fill the audit with strangers.
func (c chain) admit(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	method := auth.MethodOf(info.FullMethod)
	p, err := c.options.Guard.Admit(ctx, method, auth.CredentialsOf(ctx))
	ctx = auth.NewContext(ctx, p)
	if err == nil {
		return handle(ctx, request)
	}
	if rule, _ := auth.RuleOf(method); rule.Change && p.Name != "" && status.Code(err) == codes.PermissionDenied {
		c.writeRefusal(ctx, method, request, err)
	}
	return nil, err
}

// writeRefusal writes down that somebody who is known was refused; beyond so many, in the log alone.
func (c chain) writeRefusal(ctx context.Context, method string, request any, err error) {
	if p := auth.FromContext(ctx); !c.options.Guard.Notable(p) {
		c.options.Logger.InfoContext(ctx, "change refused", slog.String("method", method), slog.String("actor", p.Name), slog.String("remote", p.Remote))
		return
	}
	c.write(ctx, method, request, nil, err)
}

// admitStream is admit for streams, none of which is a change.
func (c chain) admitStream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	ctx := stream.Context()
	ask := func() (auth.Principal, error) {
		return c.options.Guard.Admit(ctx, auth.MethodOf(info.FullMethod), auth.CredentialsOf(ctx))
	}
	p, err := ask()
	if err != nil {
		return err
	}
	return handle(server, admitted{stream, auth.NewContext(ctx, p), ask})
}

// admitted is a stream whose caller is known.
type admitted struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // It stands for that of grpc.ServerStream.
	ask func() (auth.Principal, error)
}

// SendMsg asks again: a token that was revoked or has expired since gets nothing more.
func (s admitted) SendMsg(message any) error {
	if _, err := s.ask(); err != nil {
		return err
	}
	return s.ServerStream.SendMsg(message)
}

// Context carries who calls.
func (s admitted) Context() context.Context { return s.ctx }
