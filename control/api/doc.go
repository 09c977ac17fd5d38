// Package api serves the control API over gRPC: one file per service, the
// conversion between wire and domain in convert_*.go, and the mapping of errors
// in status.go. It declares what it needs of the state in server.go; package
// store fills that.
//
// One validation serves every door: requests become domain values as they are
// and the store reviews them. Only what the domain cannot hold, unknown fields
// for one, is refused here.
package api
