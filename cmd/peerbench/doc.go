// Peerbench measures groovechaos beside the proxies that people know: HAProxy,
// nginx, Toxiproxy, a proxy on fasthttp, and the standard library's
// httputil.ReverseProxy. From the top of the tree:
//
//	go run ./cmd/peerbench --out /tmp/peers
//
// It installs nothing. What is missing is named, with the Debian package that
// has it. Everything runs on loopback, in rounds of a fixed length, and ends by
// itself; an interrupt ends it early and leaves no process and no file behind.
//
// # What is measured
//
// Every peer relays to the same nginx, which answers from memory. In each round
// every peer has its turn, in an order that is shuffled by --seed, so that a
// machine that grows slower does so for all. A turn is a warm-up, the measured
// load, and a short load over one connection alone. Of each turn come
//
//   - CPU per request: user and system time of all processes of the peer, from
//     /proc, over the requests that were answered. The load, the origin and the
//     peer share the machine's cores, so this is the figure to trust.
//   - throughput at the same number of connections;
//   - added p50: the median latency over the one connection, less that of the
//     origin asked directly in the same round;
//   - peak memory: the highest resident size during the measured load. What
//     processes share is counted once for each of them.
//
// A comparison is the ratio ours/peer within a round; the table shows the median
// of those ratios and their extremes. The JSON document has every turn.
//
// Requests are counted by wrk, and by a load of our own where wrk cannot do it:
// over CONNECT, with delays, and over one connection. An answer with another
// status than expected is a failure and makes the exit status 1.
//
// # Fairness
//
// HAProxy gets as many threads as there are cores and nginx as many workers; both
// keep connections to the origin open, log nothing and have what they need to
// stream bodies. Our own side has no privilege beyond its defaults: its faults are
// loaded, its journal and its control API are on.
//
// # Two modules
//
// This package is part of the product's module and needs nothing that the
// product does not need. Toxiproxy and fasthttp bring some twenty modules along, which are no
// concern of those who build groovechaos; they have a module of their own in the
// folder foreign, from which peerbench builds the two programs. So `go run
// ./cmd/peerbench` works from the top, `go test ./...` covers this package, and
// the end-to-end test builds the other.
//
// # Profiling
//
// With --profile our side is built with a signal handler laid over its main
// package (go build -overlay), which begins and ends a CPU profile around each
// measured load. The profiles are left in the folder of --out, with the number of
// the round. Profiling costs our side some time, so such a run is no comparison:
//
//	go run ./cmd/peerbench --scenario relay-32 --peers groovechaos --profile --out /tmp/peers
//	go tool pprof -top /tmp/peers/relay-32.0.pprof
//
// To compare two states of the tree in one run, build the older one and name it
// with --baseline: it becomes one more peer.
package main
