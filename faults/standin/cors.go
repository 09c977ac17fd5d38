package standin

import (
	"net/http"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// allowCORS lets pages of any origin read an answer (Fetch standard, 3.2). The
// API takes no cookies, so that "*" is enough.
func allowCORS(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Content-Length, Retry-After")
}

// usualFields are what a preflight that names no fields may send.
const usualFields = "Accept, Authorization, Content-Type, X-Client-Name, X-Client-Version"

// preflight answers the question of a browser whether a request may be made,
// and reports whether there was one. A request to a path that the reference
// does not have, or that has another method, is answered like any other.
func preflight(w http.ResponseWriter, r *http.Request) bool {
	method := r.Header.Get("Access-Control-Request-Method")
	if r.Method != http.MethodOptions || method == "" || r.Header.Get("Origin") == "" {
		return false
	}
	if _, ok := groove.Resolve(method, r.URL.EscapedPath()); !ok {
		return false
	}
	fields := r.Header.Get("Access-Control-Request-Headers")
	if fields == "" || strings.ContainsFunc(fields, notOfFieldNames) {
		fields = usualFields
	}
	h := w.Header()
	allowCORS(h)
	h.Set("Access-Control-Allow-Methods", method)
	h.Set("Access-Control-Allow-Headers", fields)
	h.Set("Access-Control-Max-Age", "600")
	h.Set("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
	return true
}

// notOfFieldNames reports whether r is in no list of field names.
func notOfFieldNames(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_, ", r)
}
