package route

import (
	"errors"
	"fmt"
)

// Reason is why a destination is refused. Its text is fixed and safe to show
// to the client: it does not tell what a name resolved to.
type Reason uint8

// The reasons. They are a closed set.
const (
	// ReasonHost is a host or a port that is malformed or spelt in a way that
	// resolvers read differently.
	ReasonHost Reason = iota + 1
	// ReasonUnlisted is a host that is neither intercepted nor allowed.
	ReasonUnlisted
	// ReasonPort is a port other than 80 and 443 of a host that is not listed.
	ReasonPort
	// ReasonAddress is an address that is not public and not allowed.
	ReasonAddress
	// ReasonSelf is a listener of the proxy itself.
	ReasonSelf
	// ReasonTarget is an exchange without a target: the reverse mode knows no
	// origin.
	ReasonTarget
)

var reasons = [...]string{
	ReasonHost:     "the host is not a plain name or address with a port",
	ReasonUnlisted: "the host is not on the list of this proxy",
	ReasonPort:     "the port is not one that this proxy relays to",
	ReasonAddress:  "the host is not at a public address",
	ReasonSelf:     "the destination is this proxy",
	ReasonTarget:   "there is no target for the host",
}

// String is the reason in words, for the client.
func (r Reason) String() string { return reasons[r] }

// RefusedError means that an exchange may not go where it should. Its text is
// for the operator; what a client may know is Reason.
type RefusedError struct {
	// Destination is what was asked for, host and port, as far as it is known.
	Destination string
	Reason      Reason
	// Detail is what the operator may want to know, such as the address that a
	// name resolved to; it may be empty.
	Detail string
}

// Error names the destination, the reason and the detail.
func (e *RefusedError) Error() string {
	text := fmt.Sprintf("route to %.300q: refused: %s", e.Destination, e.Reason)
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	return text
}

// ProxyError means that the upstream proxy did not open a tunnel. It holds no
// credentials.
type ProxyError struct {
	// Proxy is the host and port of the upstream proxy.
	Proxy string
	// Status is its answer, such as 407, or 0 if it gave none that is valid.
	Status int
	// Err is why there is no valid answer; nil if there is one.
	Err error
}

// Error says what the proxy answered, or that it did not.
func (e *ProxyError) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("upstream proxy %s: answered CONNECT with %d, want 2xx", e.Proxy, e.Status)
	}
	return fmt.Sprintf("upstream proxy %s: no valid answer to CONNECT: %v", e.Proxy, e.Err)
}

// Unwrap returns Err.
func (e *ProxyError) Unwrap() error { return e.Err }

// Errors of connections that arrive.
var (
	// ErrNotRedirected means a connection that was made to the listener itself.
	ErrNotRedirected = errors.New("the connection was not redirected")
	// ErrHello means bytes that begin like TLS but hold no valid ClientHello.
	ErrHello = errors.New("not a valid TLS ClientHello")
	// ErrHelloTooLong means a ClientHello over the limit.
	ErrHelloTooLong = errors.New("the TLS ClientHello is too long")

	errProxyAnswer = errors.New("not valid HTTP")
)
