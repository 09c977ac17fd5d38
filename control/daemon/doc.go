// Package daemon puts the parts together: engine, store, stand-in, proxy and
// control API in one process.
//
// New opens every listener or none. Run serves until its context ends, then
// takes the parts down in the opposite order of their start: runs, so that no
// fault outlives them; the proxy, so that no caller waits for an upstream that has
// gone; the journal, the doors of the control API, the stand-in, and last the store.
package daemon
