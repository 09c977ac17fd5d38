// Package demo is three example callers of Groove and the script they follow.
//
// The callers are ordinary HTTP clients of different conduct. They know the
// address of an API and nothing else: neither that a proxy stands there nor
// what it will do to them. Config is the configuration that does it to them.
package demo
