// Package inject applies the effects of faults to an exchange, one file each.
// It knows the model and the contract, and nothing of how a request is read or
// an answer is written: the data paths of package proxy do that. But for Wait
// everything here is a function over bytes, lengths and elapsed time.
//
// Answers makes the answers of faults that answer, in a form for either data
// path. A Plan and its Stream spoil what the upstream answered. PointOf and
// MidBody say where a connection breaks, Wait and Bound how long an exchange is
// held back.
//
// An injected answer carries no marker. A client that can see the fault is not
// being tested; the journal says which answers were injected.
package inject
