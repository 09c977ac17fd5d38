// Package dashboard holds the page for a game day: the brake, the faults, the
// traffic, the verdict, runs and nodes at one glance, and the switches beside
// them. It is plain HTML, CSS and JavaScript without a build step, embedded in
// the binary, and does nothing that the REST API does not let its caller do:
// whoever needs a token there is asked for it here.
//
// The page asks for what has changed once a second while it is looked at, and
// for the verdict at a pace that leaves the judge idle nine tenths of the time.
package dashboard
