// Package groove holds the contract of the Groove Music RESTful API as data:
// its endpoints, status codes and error codes, which endpoint a request
// addresses, how an Error object is written in each format, and how an answer
// is to be read.
//
// The facts come from the service's public reference, which was retired with
// the service at the end of 2017. Where the reference contradicts itself the
// tables follow what real clients rely on; such places say so.
//
// # Paths
//
// Paths are taken as they were sent, percent-encoding and all, and are never
// cleaned: a slash more is another path. Words compare by their decoded bytes
// and without regard to the case of ASCII letters, variables are not looked into.
//
// # Reading answers
//
// [Classify] walks through a body by itself instead of unmarshalling it: it
// stands on the data path, where bodies are large, come cut off, and may be
// hostile, and all it needs is whether an Error is at a few known places. Full
// parsers of JSON and XML are its oracle in the tests.
//
// The package imports nothing of this module, reads no clock, no file and no
// socket, and everything it exports is safe for concurrent use.
package groove
