// Package store keeps the state of the control plane: faults, the brake,
// tokens, attempts, outcomes, runs, audit entries, and answers to requests that
// may come again.
//
// A Hub keeps it in NATS JetStream, in this process or in a cluster; without one
// it is in memory and ends with the process. The interfaces that the API needs
// are declared there; testStore and testTold in this package's tests hold for
// every store behind them.
//
// A run is a key in a bucket, and its report, deflated, in parts under keys
// beside it. The report is kept rather than judged anew from the attempts: those
// are forgotten sooner, and it has to say what was said at the end of the run.
//
// A change of faults is all or nothing: the whole set that would result is
// reviewed first, and it is in force in the engine before the change returns.
// A change that is refused leaves the store and the engine as they were, and
// uses up no revision.
//
// A lifetime begins when a fault is created, when it is given another ttl and
// when it is switched on. An expired fault stays in the set; it neither strikes
// nor counts for shares that add up, until it is enabled anew.
package store
