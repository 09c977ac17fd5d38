// Package daemon puts the parts together: engine, store, stand-in, proxy and
// control API in one process.
//
// New opens every listener or none. Run serves until its context ends, then
// takes the parts down in the opposite order of their start: first the proxy,
// so that no caller waits for an upstream that has gone, last the stand-in.
package daemon
