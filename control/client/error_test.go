package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// failing makes the call that fails and returns its Error.
func failing(ctx context.Context, t *testing.T, c *Client) *Error {
	t.Helper()
	_, err := c.System.GetStatus(ctx, &groovechaosv1.GetStatusRequest{})
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error: got %v (%T), want *Error", err, err)
	}
	return e
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	c := dial(t, address)
	for range 2 {
		e := failing(t.Context(), t, c)
		want := "no groovechaos answers at " + address + ": is `groovechaos serve` running? use --control for another address (dial tcp "
		if !strings.HasPrefix(e.Error(), want) || strings.Contains(e.Error(), "desc =") {
			t.Errorf("text: got %q, want %q", e, want)
		}
		if e.Code != codes.Unavailable || e.Address != address {
			t.Errorf("got %v at %s, want Unavailable at %s", e.Code, e.Address, address)
		}
	}
}

func TestSomethingElseAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	e := failing(t.Context(), t, dial(t, address))
	if want := "no groovechaos answers at " + address + " over gRPC: what is there speaks HTTP. "; !strings.HasPrefix(e.Error(), want) {
		t.Errorf("text: got %q, want it to begin with %q", e, want)
	}
}

func TestServerThatWantsTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "https://")
	e := failing(t.Context(), t, dial(t, address))
	want := "no groovechaos answers at " + address + ": what is there breaks the connection off. If it speaks TLS, say who vouches for it with --ca ("
	if !strings.HasPrefix(e.Error(), want) || e.Code != codes.Unavailable {
		t.Errorf("text: got %v %q, want Unavailable and %q", e.Code, e, want)
	}
}

// A server with a certificate that nobody vouches for is there all the same.
func TestServerThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog, server.EnableHTTP2 = log.New(io.Discard, "", 0), true
	server.StartTLS()
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "https://")
	c, err := Dial(address, Options{TLS: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	e := failing(t.Context(), t, c)
	if want := "who answers at " + address + " cannot be trusted: look at --ca"; !strings.HasPrefix(e.Error(), want) || e.Code != codes.Unavailable {
		t.Errorf("text: got %v %q, want Unavailable and %q", e.Code, e, want)
	}
}

func TestServerThatBreaksOff(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, &fake{err: status.Error(codes.Unavailable, "shutting down")})
	e := failing(t.Context(), t, dial(t, address))
	if want := "groovechaos at " + address + " broke off: shutting down"; e.Error() != want {
		t.Errorf("text: got %q, want %q", e, want)
	}
}

func TestTextsOfErrors(t *testing.T) {
	t.Parallel()
	violations := func(message string, fields ...string) error {
		bad := new(errdetails.BadRequest)
		for i := 0; i < len(fields); i += 2 {
			bad.FieldViolations = append(bad.FieldViolations,
				&errdetails.BadRequest_FieldViolation{Field: fields[i], Description: fields[i+1]})
		}
		st, err := status.New(codes.InvalidArgument, message).WithDetails(bad)
		if err != nil {
			panic(err)
		}
		return st.Err()
	}
	const at = "127.0.0.1:7711"
	tests := map[string]struct {
		err  error
		want string
	}{
		"word of the server":    {status.Error(codes.AlreadyExists, `fault "a" exists already`), `fault "a" exists already`},
		"no word":               {status.Error(codes.Internal, ""), "groovechaos at " + at + " answered Internal without a word"},
		"unknown call":          {status.Error(codes.Unimplemented, "unknown method X"), "groovechaos at " + at + " does not know this call, perhaps it is of another version: unknown method X"},
		"HTTP/2 without gRPC":   {status.Error(codes.Unimplemented, "unexpected HTTP status code received from server: 404 (Not Found); transport: odd"), "no groovechaos answers at " + at + " over gRPC: what is there speaks HTTP. The gRPC address is wanted, which is neither that of REST nor that of the proxy"},
		"late":                  {status.Error(codes.DeadlineExceeded, "context deadline exceeded"), "groovechaos at " + at + " did not answer in time"},
		"given up":              {status.Error(codes.Canceled, "context canceled"), "call to groovechaos at " + at + " was given up"},
		"no status":             {errors.New("odd"), "odd"},
		"field in the message":  {violations("fault.share is 1.2, want 0 to 1", "fault.share", "is 1.2, want 0 to 1"), "fault.share is 1.2, want 0 to 1"},
		"field besides":         {violations("fault is invalid", "fault.share", "is 1.2, want 0 to 1"), "fault is invalid\n  fault.share is 1.2, want 0 to 1"},
		"fields, one in it":     {violations("name is empty; and more", "name", "is empty", "first", "is 2"), "name is empty; and more\n  first is 2"},
		"field without a place": {violations("wrong", "", "give one effect"), "wrong\n  give one effect"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newError(at, true, test.err)
			if e.Error() != test.want {
				t.Errorf("text: got %q, want %q", e, test.want)
			}
			if !errors.Is(e, test.err) {
				t.Error("the cause is lost")
			}
		})
	}
}

func TestStatusAndFieldsSurvive(t *testing.T) {
	t.Parallel()
	st, err := status.New(codes.InvalidArgument, "wrong").WithDetails(&errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "fault.share", Description: "is 2"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	address, _ := serve(t, &fake{err: st.Err()})
	c := dial(t, address)
	for range 2 {
		e := failing(t.Context(), t, c)
		if len(e.Fields) != 1 || e.Fields[0].String() != "fault.share is 2" {
			t.Errorf("fields: got %v, want fault.share is 2", e.Fields)
		}
		if got := status.Convert(e); got.Code() != codes.InvalidArgument || len(got.Details()) != 1 {
			t.Errorf("status: got %v, want the server's", got)
		}
	}
}

func TestContextIsKnownBehindTheError(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, &fake{wait: true})
	c := dial(t, address)
	late, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	if e := failing(late, t, c); !errors.Is(e, context.DeadlineExceeded) || errors.Is(e, context.Canceled) {
		t.Errorf("got %v, want context.DeadlineExceeded", e)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if e := failing(gone, t, c); !errors.Is(e, context.Canceled) || errors.Is(e, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.Canceled", e)
	}
}
