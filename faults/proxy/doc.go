// Package proxy is the data plane: it stands between the callers and the
// upstream, relays what no fault is about, and applies the decisions of the
// engine to the rest.
//
// It has two halves. The core (exchange.go) knows what an exchange is: who
// calls, what for, where it stands among its like, what is decided, how it
// ended. It knows nothing of how bytes are read and written. The other half is
// a data path that speaks net/http on both sides and drives the core.
//
// Three kinds of answers reach a client and are recorded as such: injected
// ones, the upstream's, and our own failures. Ours are plain text with a
// Groovechaos-Failure field and are never disguised as Groove's.
//
// # Transparency
//
// Only hop-by-hop fields are handled; nothing else is added, removed or
// rewritten but Host, which names the upstream. Targets pass byte for byte,
// bodies and trailers as they come, redirects and compression are the
// client's. No request is sent twice. What net/http cannot do, this path
// cannot do either: header order, case and reason phrases are not kept, a path
// with a broken percent-encoding is answered 400, and a client that closes its
// sending half counts as gone. Nor is a client seen to leave before its request
// body has been read to the end: one that leaves a delay is then recorded only
// after it. This holds for bodies over 64 KiB, and where an injected answer is
// to follow the delay, for those over 1 MiB.
//
// # Kept-alive connections
//
// A connection is never closed around an injected answer: clients repeat
// requests by themselves when a reused connection dies, and such repeats would
// look like the application's. The rest of the request body is read first.
package proxy
