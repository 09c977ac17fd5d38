package dashboard

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// policy lets the page load what this host serves and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed page
var page embed.FS

// Prefix is the path below which the files of the page are; the page itself is at "/".
const Prefix = "/dashboard/"

// Handler serves the page at "/" and its files below Prefix to GET and HEAD. It
// answers 404 through notFound for all else. It is safe for concurrent use.
func Handler(notFound http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, below := strings.CutPrefix(r.URL.Path, Prefix)
		switch {
		case r.URL.Path == "/":
			name = "index.html"
		case !below || name == "index.html" || !fs.ValidPath(name):
			notFound.ServeHTTP(w, r)
			return
		}
		text, err := fs.ReadFile(page, path.Join("page", name))
		if err != nil {
			notFound.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", mediaType(name))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
	})
}

// mediaType does not ask the machine's table: it may call scripts text/plain, which a browser refuses to run.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return "text/html; charset=utf-8"
	}
}
