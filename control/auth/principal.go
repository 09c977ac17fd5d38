package auth

import "context"

// Local is the name of whoever calls where nobody has to say who they are.
const Local = "local"

// Principal is who calls.
type Principal struct {
	// Name is that of the token, the subject of the certificate, or Local.
	Name string
	// Key tells callers of the same name apart: "token:ID" or "certificate:SUBJECT"; "" for Local.
	Key string
	// Role is what they may do; Anyone where nobody has to say who they are.
	Role Role
	// Remote is where the call came from, host:port.
	Remote string
}

type principalKey struct{}

// FromContext returns who makes a call. Its zero value is that of a call which did not come through a guard.
func FromContext(ctx context.Context) Principal {
	p, _ := ctx.Value(principalKey{}).(Principal)
	return p
}

// NewContext returns a context that carries who makes a call.
func NewContext(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}
