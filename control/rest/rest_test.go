package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

func TestOptionsAreReviewed(t *testing.T) {
	t.Parallel()
	conn := new(grpc.ClientConn)
	for name, o := range map[string]Options{
		"no connection":      {},
		"empty host":         {Conn: conn, Hosts: []string{""}},
		"host with a port":   {Conn: conn, Hosts: []string{"a:1"}},
		"host with a scheme": {Conn: conn, Hosts: []string{"http://a"}},
		"host as a wildcard": {Conn: conn, Hosts: []string{"*"}},
	} {
		if h, err := New(o); err == nil || h != nil {
			t.Errorf("%s: got %v and error %v, want an error alone", name, h, err)
		}
	}
}

func TestDocumentIsServed(t *testing.T) {
	t.Parallel()
	h := handler(t, new(fake))
	for range 2 {
		w := play(h, request(http.MethodGet, "/openapi.json", ""))
		var document struct {
			Swagger string                    `json:"swagger"`
			Paths   map[string]map[string]any `json:"paths"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &document); err != nil {
			t.Fatalf("decode: %v", err)
		}
		operations := 0
		for _, path := range document.Paths {
			operations += len(path)
		}
		if document.Swagger != "2.0" || operations != len(bindings()) {
			t.Errorf("got version %q with %d operations, want 2.0 with %d", document.Swagger, operations, len(bindings()))
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	h := handler(t, new(fake))
	for range 2 {
		if w := play(h, request(http.MethodGet, "/healthz", "")); w.Code != http.StatusOK {
			t.Errorf("code: got %d, want 200", w.Code)
		}
	}
}

func TestServerIsBounded(t *testing.T) {
	t.Parallel()
	s := NewServer(http.NotFoundHandler(), nil)
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 {
		t.Errorf("server has no bound somewhere: %+v", s)
	}
	if s.Handler == nil || s.ErrorLog == nil || !s.DisableGeneralOptionsHandler {
		t.Error("server has no handler, no log or answers OPTIONS * by itself")
	}
}

// TestWhoIsNotKnownIsToldHow holds that refusals say what the norms want of them, in the one shape.
func TestWhoIsNotKnownIsToldHow(t *testing.T) {
	t.Parallel()
	slow, err := status.New(codes.ResourceExhausted, "slower").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(2100 * time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		err          error
		code         int
		status       string
		header, want string
	}{
		"unknown":  {status.Error(codes.Unauthenticated, "who?"), 401, "UNAUTHENTICATED", "WWW-Authenticate", `Bearer realm="groovechaos"`},
		"too fast": {slow.Err(), 429, "RESOURCE_EXHAUSTED", "Retry-After", "3"},
		"too weak": {status.Error(codes.PermissionDenied, "no"), 403, "PERMISSION_DENIED", "WWW-Authenticate", ""},
	} {
		for _, path := range []string{"/v1/status", "/v1/faults:watch", "/v1/ca.pem", "/metrics"} {
			h, err := New(Options{Conn: connect(t, &fake{err: tt.err}), Metrics: document([]byte("groovechaos_up 1"))})
			if err != nil {
				t.Fatal(err)
			}
			w := play(h, request(http.MethodGet, path, ""))
			wantError(t, w, tt.code, tt.status)
			// A stream is refused by the gateway, which knows of no Retry-After.
			if got := w.Header().Get(tt.header); got != tt.want && !(tt.header == "Retry-After" && strings.HasSuffix(path, ":watch")) {
				t.Errorf("%s at %s: %s is %q, want %q", name, path, tt.header, got, tt.want)
			}
		}
	}
}

// partly is an error with words for everybody.
type partly struct{ error }

func (partly) Part() string { return "the store cannot be used" }

func TestReadinessAndMetrics(t *testing.T) {
	t.Parallel()
	missing := errors.New("the store does not answer")
	h, err := New(Options{
		Conn: connect(t, new(fake)), Metrics: document([]byte("groovechaos_up 1")),
		Ready: func(context.Context) error { return missing },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{missing, "not ready"},
		{fmt.Errorf("look: %w", partly{errors.New("secret.example refuses gchaos_x")}), "not ready: the store cannot be used"},
	} {
		missing = tt.err
		w := play(h, request(http.MethodGet, "/readyz", ""))
		if body := wantError(t, w, 503, "UNAVAILABLE"); body.Error.Message != tt.want || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("readyz says %q, want %q and nothing of the error's text", body.Error.Message, tt.want)
		}
	}
	missing = nil
	for path, want := range map[string]string{"/readyz": `{"status":"ready"}`, "/metrics": "groovechaos_up 1", "/healthz": `{"status":"ok"}`} {
		if w := play(h, request(http.MethodGet, path, "")); w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s: got %d %s, want %s", path, w.Code, w.Body, want)
		}
	}
	wantError(t, play(h, request(http.MethodPost, "/metrics", "{}")), 405, "UNIMPLEMENTED")
	wantError(t, play(handler(t, new(fake)), request(http.MethodGet, "/metrics", "")), 404, "NOT_FOUND")
}

// TestTheAddressOfTheListenerIsAHost holds that whoever asks by the address that the request came in at needs no name.
func TestTheAddressOfTheListenerIsAHost(t *testing.T) {
	t.Parallel()
	h := handler(t, new(fake))
	for host, want := range map[string]int{"10.1.2.3:7712": 200, "10.1.2.3": 200, "10.1.2.4:7712": 403, "[::ffff:10.1.2.3]:1": 403, "evil.example": 403} {
		r := request(http.MethodGet, "/v1/status", "")
		r.Host = host
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3), Port: 7712}))
		if w := play(h, r); w.Code != want {
			t.Errorf("host %s: got %d, want %d", host, w.Code, want)
		}
	}
}
