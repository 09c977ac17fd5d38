package standin

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func ask(s *Standin, method, target string, fields ...string) reply {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.Bytes()}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	// Errors can be read too, but not the state.
	for target, want := range map[string]string{genresPath: "*", "/nothing": "*", "/content/" + getLucky + "/image": "*", "/__standin/state": ""} {
		r := ask(s, http.MethodGet, target, "Origin", "https://app.example")
		if got := r.header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: Access-Control-Allow-Origin is %q, want %q", target, got, want)
		}
	}
	// What a cache keeps for a page without an origin is not for one with it.
	for _, target := range []string{genresPath, "/content/" + getLucky + "/image"} {
		r := ask(s, http.MethodGet, target)
		if r.header.Get("Access-Control-Allow-Origin") != "" || !strings.Contains(r.header.Get("Vary"), "Origin") {
			t.Errorf("%s: a request of no origin is answered with %v, want no CORS and that it varies", target, r.header)
		}
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	s := newStandin(t, Options{})
	preflight := func(target, method string, fields ...string) reply {
		return ask(s, http.MethodOptions, target, append(fields, "Origin", "https://app.example", "Access-Control-Request-Method", method)...)
	}
	for _, target := range []string{addPath, strings.ToUpper(createPath), "/accesstoken.srf"} {
		r := preflight(target, http.MethodPost, "Access-Control-Request-Headers", "authorization,content-type")
		if r.status != http.StatusOK || r.header.Get("Access-Control-Allow-Origin") != "*" || r.header.Get("Access-Control-Allow-Methods") != "POST" ||
			r.header.Get("Access-Control-Allow-Headers") != "authorization,content-type" || len(r.body) > 0 {
			t.Errorf("%s: got %d %v %q", target, r.status, r.header, r.body)
		}
	}
	if r := preflight(genresPath, http.MethodGet); !strings.Contains(r.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("no fields are named: got %v", r.header)
	}
	if r := preflight(genresPath, http.MethodGet, "Access-Control-Request-Headers", "x\"\r\n"); strings.ContainsAny(r.header.Get("Access-Control-Allow-Headers"), "\"\r\n") {
		t.Errorf("odd fields are repeated: %v", r.header)
	}
	expectError(t, preflight(addPath, http.MethodGet), groove.CodeUnauthorizedAPIMethod)
	expectError(t, preflight("/nothing", http.MethodGet), groove.CodeCatalogNoResult)
	expectError(t, preflight("/__standin/state", http.MethodDelete), groove.CodeUnauthorizedAPIMethod)
	expectError(t, ask(s, http.MethodOptions, genresPath), groove.CodeUnauthorizedAPIMethod)
}
