package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// Error is a call that failed.
type Error struct {
	// Address is where the call went.
	Address string
	// Code is the gRPC code.
	Code codes.Code
	// Message says what is wrong, and what to do about it where that is known.
	Message string
	// Fields are the fields that the server refused; empty for none.
	Fields []Field

	cause error
}

// Field is what is wrong with one field of a request.
type Field struct {
	// Field is the path of the field, as in "fault.share".
	Field string
	// Description goes on where the path ends: "is 1.2, want 0 to 1".
	Description string
}

// String is path and description, as in "fault.share is 1.2, want 0 to 1".
func (f Field) String() string { return strings.TrimSpace(f.Field + " " + f.Description) }

// Error is the message, followed by a line for each field that it does not name
// itself.
func (e *Error) Error() string {
	lines := []string{e.Message}
	for _, field := range e.Fields {
		if text := field.String(); !strings.Contains(e.Message, text) {
			lines = append(lines, "  "+text)
		}
	}
	return strings.Join(lines, "\n")
}

// Unwrap is the error as gRPC returned it.
func (e *Error) Unwrap() error { return e.cause }

// GRPCStatus is the status that the call ended with, details included.
func (e *Error) GRPCStatus() *status.Status { return status.Convert(e.cause) }

// Is tells that a call was given up for its context.
func (e *Error) Is(target error) bool {
	return e.Code == codes.Canceled && target == context.Canceled ||
		e.Code == codes.DeadlineExceeded && target == context.DeadlineExceeded
}

// explain turns what a call fails with into an Error.
func explain(address string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		var answering peer.Peer
		err := invoke(ctx, method, request, reply, conn, append(options, grpc.Peer(&answering))...)
		if err == nil {
			return nil
		}
		return newError(address, answering.Addr != nil, err)
	}
}

// explainStream is explain for streams.
func explainStream(address string) grpc.StreamClientInterceptor {
	return func(ctx context.Context, about *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
		var answering peer.Peer
		stream, err := open(ctx, about, conn, method, append(options, grpc.Peer(&answering))...)
		if err != nil {
			return nil, newError(address, answering.Addr != nil, err)
		}
		return explainedStream{stream, address}, nil
	}
}

// explainedStream words what a stream ends with.
type explainedStream struct {
	grpc.ClientStream
	address string
}

// RecvMsg receives a message. The regular end is io.EOF as ever.
func (s explainedStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	_, connected := peer.FromContext(s.Context())
	return newError(s.address, connected, err)
}

// newError words a status. Connected tells whether the call got as far as a
// connection.
func newError(address string, connected bool, err error) *Error {
	st := status.Convert(err)
	e := &Error{Address: address, Code: st.Code(), Message: st.Message(), cause: err}
	for _, detail := range st.Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			for _, v := range bad.GetFieldViolations() {
				e.Fields = append(e.Fields, Field{Field: v.GetField(), Description: v.GetDescription()})
			}
		}
	}
	switch {
	case otherProtocol(st.Message()):
		e.Message = fmt.Sprintf("no groovechaos answers at %s over gRPC: what is there speaks HTTP. The gRPC address is wanted, which is neither that of REST nor that of the proxy", address)
	case e.Code == codes.Unavailable && !connected:
		e.Message = unanswered(address, st.Message())
	case e.Code == codes.Unavailable:
		e.Message = fmt.Sprintf("groovechaos at %s broke off: %s", address, reason(st.Message()))
	case e.Code == codes.Unauthenticated:
		e.Message = fmt.Sprintf("groovechaos at %s wants to know who calls: %s (see --token-file and GROOVECHAOS_TOKEN)", address, st.Message())
	case e.Code == codes.Unimplemented:
		e.Message = fmt.Sprintf("groovechaos at %s does not know this call, perhaps it is of another version: %s", address, st.Message())
	case e.Code == codes.DeadlineExceeded:
		e.Message = fmt.Sprintf("groovechaos at %s did not answer in time", address)
	case e.Code == codes.Canceled:
		e.Message = fmt.Sprintf("call to groovechaos at %s was given up", address)
	case e.Message == "":
		e.Message = fmt.Sprintf("groovechaos at %s answered %s without a word", address, e.Code)
	}
	return e
}

// unanswered says that no connection came about, and what to look at.
func unanswered(address, message string) string {
	if strings.Contains(message, "error reading server preface") {
		return fmt.Sprintf("no groovechaos answers at %s: what is there breaks the connection off. If it speaks TLS, say who vouches for it with --ca (%s)",
			address, reason(message))
	}
	if strings.Contains(message, "failed to verify certificate") {
		return fmt.Sprintf("who answers at %s cannot be trusted: look at --ca, and at the names in the certificate of [control.tls] (%s)", address, reason(message))
	}
	return fmt.Sprintf("no groovechaos answers at %s: is `groovechaos serve` running? use --control for another address (%s)", address, reason(message))
}

// otherProtocol reports whether gRPC says of a server that it speaks HTTP/1.1, or HTTP/2 without gRPC.
func otherProtocol(message string) bool {
	return strings.Contains(message, "looked like an HTTP/1.1 header") || strings.HasPrefix(message, "unexpected HTTP status code received from server")
}

// reason is the innermost description of an error of the transport, which gRPC
// wraps several times over.
func reason(message string) string {
	const mark = `desc = "`
	if at := strings.LastIndex(message, mark); at >= 0 {
		message = strings.TrimSuffix(message[at+len(mark):], `"`)
	}
	message = strings.TrimPrefix(message, "transport: ")
	return strings.TrimPrefix(message, "Error while dialing: ")
}
