package auth

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"net"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/groovechaos/groovechaos/control/store"
)

// Lister is where the tokens are.
type Lister interface {
	// List returns all tokens, expired ones too.
	List(ctx context.Context) ([]store.Token, error)
}

// Options say who may call. The zero value lets everybody do everything.
type Options struct {
	// Required says that callers must say who they are.
	Required bool
	// Tokens are those that were given out; mandatory if Required is set.
	Tokens Lister
	// File is the token of the token file; nil for none.
	File *store.Token
	// Certificates are the roles of clients by the whole subject of their certificates, as in "CN=ops,O=Example".
	Certificates map[string]Role
	// Now reads the wall clock; mandatory if Required is set.
	Now func() time.Time
	// Logger is told of failures; nil drops them.
	Logger *slog.Logger
}

// Guard says who calls and whether they may. It is safe for concurrent use.
type Guard struct {
	options  Options
	failures failures
	// refusals are of callers who are known.
	refusals failures
}

// NewGuard makes a guard.
func NewGuard(o Options) *Guard {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Guard{options: o}
}

// Credentials are what a caller says of itself.
type Credentials struct {
	// Authorization is the field of that name; "" for none.
	Authorization string
	// Subject is that of a verified client certificate; "" for none.
	Subject string
	// Remote is where the call came from, host:port.
	Remote string
}

// Admit returns who calls if they may call the method. Its errors are gRPC statuses: UNAUTHENTICATED,
// RESOURCE_EXHAUSTED to whoever fails too often, PERMISSION_DENIED with who it was. They never repeat a secret.
func (g *Guard) Admit(ctx context.Context, method string, c Credentials) (Principal, error) {
	rule, known := RuleOf(method)
	if !known {
		return Principal{Remote: c.Remote}, status.Errorf(codes.PermissionDenied, "nobody may call %.200s: it has no rule", method)
	}
	if !g.options.Required {
		return Principal{Name: Local, Remote: c.Remote}, nil
	}
	p, err := g.recognise(ctx, c)
	switch {
	case rule.Role == Anyone:
		return p, nil
	case err != nil:
		return p, g.failed(ctx, method, c.Remote, err)
	case !p.Role.Includes(rule.Role):
		return p, denied(p, rule.Role)
	}
	return p, nil
}

// Notable reports whether it is to be written down that somebody who is known was refused: so many times at once, then once in
// a while, so that nobody can fill the audit and drive out what others did.
func (g *Guard) Notable(p Principal) bool { return g.refusals.take(p.Key, g.options.Now()) == 0 }

// denied refuses somebody who is known.
func denied(p Principal, want Role) error {
	return withDetail(codes.PermissionDenied, "this takes the role "+string(want)+"; "+p.Name+" is "+string(p.Role),
		&errdetails.ErrorInfo{Reason: "ROLE_TOO_WEAK", Domain: "groovechaos", Metadata: map[string]string{"role": string(p.Role), "want": string(want)}})
}

// failed refuses somebody who is not known: each of the first failures as what it is, then all in the same way.
func (g *Guard) failed(ctx context.Context, method, remote string, err error) error {
	if status.Code(err) != codes.Unauthenticated {
		return err
	}
	wait := g.failures.take(hostOf(remote), g.options.Now())
	if wait == 0 {
		g.options.Logger.WarnContext(ctx, "call refused", slog.String("method", method), slog.String("remote", remote), slog.String("why", status.Convert(err).Message()))
		return err
	}
	return withDetail(codes.ResourceExhausted, "too many calls with wrong credentials: wait, and correct the token",
		&errdetails.RetryInfo{RetryDelay: durationpb.New(wait)})
}

// hostOf is the address without its port: a peer is a host.
func hostOf(remote string) string {
	if host, _, err := net.SplitHostPort(remote); err == nil {
		return host
	}
	return remote
}

// recognise returns who somebody is.
func (g *Guard) recognise(ctx context.Context, c Credentials) (Principal, error) {
	p := Principal{Remote: c.Remote}
	if c.Authorization != "" {
		return g.byToken(ctx, p, c.Authorization)
	}
	if role, known := g.options.Certificates[c.Subject]; known && c.Subject != "" {
		p.Name, p.Key, p.Role = c.Subject, "certificate:"+c.Subject, role
		return p, nil
	}
	if c.Subject != "" {
		return p, unauthenticated("CERTIFICATE_UNKNOWN", "the subject of the client certificate has no role: see [control.auth] certificates")
	}
	return p, unauthenticated("CREDENTIALS_MISSING", "a token is wanted, as in \"Authorization: Bearer TOKEN\"")
}

func (g *Guard) byToken(ctx context.Context, p Principal, authorization string) (Principal, error) {
	secret, ok := bearer(authorization)
	if !ok {
		return p, unauthenticated("CREDENTIALS_UNREADABLE", "the authorization is none that is known here, want \"Bearer TOKEN\"")
	}
	found, err := g.find(ctx, Hash(secret))
	if err != nil {
		return p, status.Error(codes.Unavailable, "tokens cannot be read: "+err.Error())
	}
	if found == nil || found.Expired(g.options.Now()) {
		return p, unauthenticated("TOKEN_INVALID", "the token is not valid: it is unknown, revoked or expired")
	}
	role, err := ParseRole(found.Role)
	if err != nil {
		return p, unauthenticated("TOKEN_INVALID", "the token has no role that is known here")
	}
	p.Name, p.Key, p.Role = found.Name, "token:"+found.ID, role
	return p, nil
}

// find finds the token with a hash, nil for none. That of the token file is known whatever becomes of the others.
func (g *Guard) find(ctx context.Context, hash []byte) (*store.Token, error) {
	if file := g.options.File; file != nil {
		if found := match([]store.Token{*file}, hash); found != nil {
			return found, nil
		}
	}
	tokens, err := g.options.Tokens.List(ctx)
	return match(tokens, hash), err
}

// match finds the token with a hash, nil for none. It takes as long whichever it is.
func match(tokens []store.Token, hash []byte) (found *store.Token) {
	for i := range tokens {
		if subtle.ConstantTimeCompare(tokens[i].Hash, hash) == 1 {
			found = &tokens[i]
		}
	}
	return found
}

// bearer takes the secret out of an Authorization field. The scheme is case-insensitive (RFC 9110, 11.1).
func bearer(authorization string) (secret string, ok bool) {
	const scheme = "bearer "
	if len(authorization) <= len(scheme) || !strings.EqualFold(authorization[:len(scheme)], scheme) {
		return "", false
	}
	return authorization[len(scheme):], true
}
