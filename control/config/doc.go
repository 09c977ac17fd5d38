// Package config reads config.toml: its defaults, its strict decoding and its
// validation.
//
// # Decisions
//
// BurntSushi/toml reads the syntax; the values are taken over by a small
// decoder of our own, because a decoder into structs stops at the first
// mistake, accepts keys in any case and turns a negative number into a huge
// one. Here every problem is reported at once, with its line; a key that is
// not known is an error, and so is one in the wrong case.
//
// An absent table is the same as an empty one. A default stands in one place,
// the default function of its section.
//
// A key of a fault that is given must say something: 0 for first, every,
// attempts, limit, max_active, ttl and the like is refused wherever the model
// would take it as not given, which is rarely what its author meant.
//
// TOML numbers end at 2^63-1. What is larger is written as a string of digits.
//
// Listeners open on loopback only, the proxy's among them, until there are
// tokens.
//
// What may hold a password is a Secret, and no error repeats it.
//
// Hosts and destinations are as strict here as faults/route and faults/ca take
// them, so that config check finds what serve would refuse; a test holds them
// together. This package does not import those two: it hands out patterns, URLs
// and domains, and the daemon makes a router and an authority of them.
package config
