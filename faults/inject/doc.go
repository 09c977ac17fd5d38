// Package inject applies the effects of faults to an exchange, one file each.
// It knows the model and the contract, and nothing of how a request is read or
// an answer is written: the data paths of package proxy do that.
//
// An injected answer carries no marker. A client that can see the fault is not
// being tested; the journal says which answers were injected.
package inject
