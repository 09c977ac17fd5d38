// Package store keeps the state of the control plane: faults, the brake and
// the attempts that were seen.
//
// State is in memory and ends with the process. The interfaces that the API
// needs are declared there; testStore in this package's tests holds for every
// store behind them.
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
