// Package client speaks to a running groovechaos over gRPC: the generated
// clients of all its services on one connection, and errors that a person can
// act on.
//
// Calls return *[Error] whenever they fail. It is still a gRPC status to
// status.FromError, and errors.Is knows a cancelled or late context behind it.
//
// # Who calls
//
// Where callers must say who they are, [Options] carry a bearer token, or a client certificate in their TLS
// configuration. Without TLS the connection leads to this machine only: any other address is refused, so that no token
// goes over a network in the clear.
//
// # Writes
//
// Requests that change something have a request_id: with one, a request may be sent again when its answer was lost, and
// is done once. A revision in an update or a removal makes it conditional: ABORTED says that somebody else was there
// first.
//
// # Streams
//
// Faults.WatchFaults and Observation.WatchAttempts go on until their context ends. Each response says where it stands,
// and a new stream with that goes on there.
//
// Tests of Go programs that call Groove find all of this, with a groovechaos started and ended for them, in package
// faulttest.
package client
