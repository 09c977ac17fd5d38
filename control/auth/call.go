package auth

import (
	"context"
	"crypto/tls"
	"strings"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// What an Inner's other end says of its callers, as metadata of a call.
const (
	// MetadataAuthorization is the caller's Authorization field, from any connection.
	MetadataAuthorization = "authorization"
	// MetadataRemote is where the call came from, believed of an Inner alone.
	MetadataRemote = "x-groovechaos-remote"
	// MetadataSubject is that of the verified client certificate, believed of an Inner alone.
	MetadataSubject = "x-groovechaos-subject"
)

// MethodOf is the name of a method as the table has it.
func MethodOf(full string) string { return strings.TrimPrefix(full, "/") }

// CredentialsOf collects what the caller of a gRPC method says of itself.
func CredentialsOf(ctx context.Context) Credentials {
	c := Credentials{Authorization: valueOf(ctx, MetadataAuthorization)}
	from, ok := peer.FromContext(ctx)
	if !ok {
		return c
	}
	if from.Addr != nil {
		c.Remote = from.Addr.String()
	}
	switch info := from.AuthInfo.(type) {
	case innerInfo:
		c.Remote, c.Subject = valueOf(ctx, MetadataRemote), valueOf(ctx, MetadataSubject)
	case credentials.TLSInfo:
		c.Subject = SubjectOf(&info.State)
	}
	return c
}

// SubjectOf is that of the verified client certificate of a connection, "" for none; nil is a connection without TLS.
func SubjectOf(state *tls.ConnectionState) string {
	if state == nil || len(state.VerifiedChains) == 0 {
		return ""
	}
	return state.VerifiedChains[0][0].Subject.String()
}

// valueOf is the value of some metadata. Two of them are none: which is meant is for nobody to guess.
func valueOf(ctx context.Context, name string) string {
	if values := metadata.ValueFromIncomingContext(ctx, name); len(values) == 1 {
		return values[0]
	}
	return ""
}
