// Package proxy is the data plane: it stands between the callers and the
// upstreams, relays what no fault is about, and applies the decisions of the
// engine to the rest.
//
// It has two data paths over one core. The core (exchange.go) knows what an
// exchange is: who calls, what for, where it stands among its like, what is
// decided, how it ended. HTTP/1.1 is relayed on the wire, by one goroutine for
// each client connection (session.go) that owns its buffers and takes a
// connection to the upstream from a pool (pool.go) for each exchange. HTTP/2
// goes through net/http (h2.go and its kin) and to the upstream as HTTP/1.1.
//
// An exchange on the wire goes through head.go, upload.go, strike.go (delays,
// answers and breaks before the upstream), relay.go, inflow.go, strike.go again
// (those after it), deliver.go or, where faults change the answer, spoil.go, and
// ending.go. Clients reach it by the modes of modes.go; destination.go says
// where a request goes, tunnel.go takes CONNECT and redirected connections.
//
// Three kinds of answers reach a client and are recorded as such: injected
// ones, the upstream's, and our own failures (failure.go). Ours are plain text
// with a Groovechaos-Failure field and are never disguised as Groove's.
//
// # Transparency
//
// Requests and answers pass byte for byte, in their order, case and spacing,
// but for the fields that belong to a connection, the version in the first
// line where it is HTTP/1.0, the target where it came in absolute form, and
// Host where the operator has given the upstream a name of its own. Bodies
// pass in the framing they came in. What may not pass safely is refused with
// an answer of ours, and nothing of it reaches an upstream: package wire says
// what that is. No request is sent twice: a request is
// moved to another connection only if not one byte of it was taken. So that few
// meet a dead one, a pooled connection is looked at before it is used; a GET goes
// without that where the connection has served for a while, and a moment ago
// (pool.go).
//
// # Who is still there
//
// A client is watched while an exchange is held back or the upstream takes its
// time. A connection that ends means different things: most clients that close
// their sending half have left, and a few only say that they are done. While a
// fault holds the exchange back, or under TLS, the former is assumed. While
// the upstream works, it gets a few seconds more to answer, and the answer is
// written: whether it arrived shows by a reset, which is looked for from then
// on, and ends the exchange at once. What such a client sent behind its request
// is answered too. Nobody sees a client leave behind a body that has not been
// read, but by a reset: that is all of it up to 64 KiB, and 1 MiB where an
// injected answer is to follow a delay.
//
// # Defects
//
// A panic is a defect of ours and ends its exchange alone (defect.go): those of
// other goroutines go on in the one that serves the exchange, which answers 500
// if it still can, records a failure of ours, gives back what it holds and ends
// the connection. One that no exchange has part in, in tidying the pool, is logged.
//
// # Kept-alive connections
//
// A connection is never closed around an injected answer: clients repeat
// requests by themselves when a reused connection dies, and such repeats would
// look like the application's. The rest of the request body is read first.
//
// It is closed behind a final answer that came in place of 100, for nobody can
// tell whether the body follows.
package proxy
