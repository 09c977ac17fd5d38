package proxy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/groovechaos/groovechaos/faults/route"
)

// failureField marks an answer as our own failure.
const failureField = "Groovechaos-Failure"

// failure is an answer of our own, made because the upstream gave none. Its
// texts are fixed: nothing that is known only here leaves by them.
type failure struct {
	status int
	// word is the value of failureField, text the sentence in body and record.
	word, text string
}

var (
	failTimeout     = failure{http.StatusGatewayTimeout, "upstream_timeout", "the upstream did not answer in time"}
	failRefused     = failure{http.StatusBadGateway, "upstream_refused", "the upstream refused the connection"}
	failUnresolved  = failure{http.StatusBadGateway, "upstream_unresolved", "the upstream's name could not be resolved"}
	failUnreachable = failure{http.StatusBadGateway, "upstream_unreachable", "the upstream could not be reached"}
	failUntrusted   = failure{http.StatusBadGateway, "upstream_tls", "no trusted TLS connection to the upstream came about"}
	failClosed      = failure{http.StatusBadGateway, "upstream_closed", "the upstream closed the connection without an answer"}
	failInvalid     = failure{http.StatusBadGateway, "upstream_invalid", "the upstream's answer was not valid HTTP"}
	failProxy       = failure{http.StatusBadGateway, "upstream_proxy", "the upstream proxy did not open a tunnel"}
	failAuthority   = failure{http.StatusServiceUnavailable, "authority", "there is no usable certificate authority"}
	failMisdirected = failure{http.StatusMisdirectedRequest, "misdirected", "the request is for another host than its connection"}
	failForm        = failure{http.StatusBadRequest, "request_form", "the listener does not take requests of this form"}
	failTarget      = failure{http.StatusBadRequest, "request_target", "the target of the request cannot be written for the upstream"}
	failConnect     = failure{http.StatusNotImplemented, "connect", "this listener opens no tunnels"}
	failHeadTimeout = failure{http.StatusRequestTimeout, "request_timeout", "the head of the request did not come in time"}
	failBodyTimeout = failure{http.StatusRequestTimeout, "request_timeout", "the body of the request did not come in time"}
	failDefect      = failure{http.StatusInternalServerError, "defect", "groovechaos failed by a defect of its own"}
	failRequestBody = failure{http.StatusBadRequest, "request_body", "the request body was not valid HTTP"}
)

// requestFailure finds the failure that an error of the request means, if it is one.
func requestFailure(err error) (f failure, ok bool) {
	switch {
	case errors.Is(err, errMisdirected):
		return failMisdirected, true
	case errors.Is(err, errForm):
		return failForm, true
	case errors.Is(err, errTarget):
		return failTarget, true
	}
	return failure{}, false
}

// upstreamFailure finds the failure that an error on the way to the upstream means.
func upstreamFailure(err error) failure {
	if f, ok := requestFailure(err); ok {
		return f
	}
	var (
		dns  *net.DNSError
		op   *net.OpError
		slow net.Error

		refused *route.RefusedError
		proxy   *route.ProxyError
		own     *defect
	)
	switch {
	case errors.As(err, &own):
		return failDefect
	case errors.As(err, &refused):
		return failure{http.StatusForbidden, "destination_refused", "the destination was refused: " + refused.Reason.String()}
	case errors.As(err, &slow) && slow.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return failTimeout
	case errors.As(err, &proxy):
		return failProxy
	case errors.As(err, &dns):
		return failUnresolved
	case errors.Is(err, syscall.ECONNREFUSED):
		return failRefused
	case untrusted(err):
		return failUntrusted
	case errors.As(err, &op) && op.Op == "dial":
		return failUnreachable
	case closedEarly(err):
		return failClosed
	default:
		return failInvalid
	}
}

func untrusted(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		alert       tls.AlertError
		authority   x509.UnknownAuthorityError
	)
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &authority)
}

// closedEarly reports whether the connection ended before an answer came.
// net/http has no exported error for a reused connection that ended.
func closedEarly(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) ||
		strings.Contains(err.Error(), "server closed idle connection")
}
