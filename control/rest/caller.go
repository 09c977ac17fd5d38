package rest

import (
	"context"
	"net/http"

	"google.golang.org/grpc/metadata"

	"github.com/groovechaos/groovechaos/control/auth"
)

// callerOf is what the services are told of whoever made a request, but for the Authorization field, which the gateway
// hands on by itself.
func callerOf(r *http.Request) metadata.MD {
	md := metadata.Pairs(auth.MetadataRemote, r.RemoteAddr)
	if subject := auth.SubjectOf(r.TLS); subject != "" {
		md.Set(auth.MetadataSubject, subject)
	}
	return md
}

// callContext is the context of a call to the services that does not go through the gateway.
func callContext(r *http.Request) context.Context {
	md := callerOf(r)
	md.Append(auth.MetadataAuthorization, r.Header.Values("Authorization")...)
	return metadata.NewOutgoingContext(r.Context(), md)
}
