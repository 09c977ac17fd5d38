package faults

import "time"

// Header reads the header section of a request.
type Header interface {
	// Value returns the first value of the field, by its name without regard to case.
	Value(name string) (value string, ok bool)
}

// Exchange is what the engine needs to know of a request. It is made by the
// data plane and knows nothing of how that is built.
type Exchange struct {
	// Endpoint is the contract's name for the target, "" for none.
	Endpoint string
	// Method is the method as sent.
	Method string
	// Host is the host the request is for, without a port.
	Host string
	// Path is the path as sent, Query the raw query without "?".
	Path, Query string
	Header      Header
	// Client is the identity of the caller.
	Client string
	Place  Place
	// Now is the wall clock, for lifetimes.
	Now time.Time
}

// Place is where an exchange stands among the exchanges of its kind. It is
// what draws are keyed by.
type Place struct {
	// Fingerprint is the identity of the call's content: stable client,
	// method, normalised target and body. It holds no credential, so that it
	// is the same in every run.
	Fingerprint uint64
	// Sequence counts the exchanges of this fingerprint, from 1.
	Sequence uint64
	// Call counts the calls of this fingerprint, from 1.
	Call uint64
	// Identified reports that the client says by itself which call the exchange belongs to.
	Identified bool
	// Attempt counts the attempts of the call, from 1.
	Attempt uint64
}
