package rest

import (
	"encoding/json"
	"net/http"
	"testing"

	"google.golang.org/grpc"
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
