// Package client speaks to a running groovechaos over gRPC: the generated
// clients of all its services on one connection, and errors that a person can
// act on.
//
// Calls return *[Error] whenever they fail. It is still a gRPC status to
// status.FromError, and errors.Is knows a cancelled or late context behind it.
//
// The connection is not encrypted, so it leads to this machine only: any other
// address is refused.
package client
