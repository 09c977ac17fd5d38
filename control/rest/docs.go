package rest

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/swaggest/swgui/v5/static"
)

// pagePolicy lets the page load what this host serves and nothing else. Swagger
// UI sets styles in place and shows icons as data.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed docs
var page embed.FS

// docs serves the page for browsing the OpenAPI document: Swagger UI from the
// files that its module embeds, with a page of our own around them that needs no
// inline script. Keys are paths below /docs/.
type docs map[string]asset

// asset is one file of the page.
type asset struct {
	files fs.FS
	path  string
}

func newDocs() docs {
	return docs{
		"":                     {page, "docs/index.html"},
		"start.js":             {page, "docs/start.js"},
		"favicon-16x16.png":    {static.FS, "favicon-16x16.png"},
		"favicon-32x32.png":    {static.FS, "favicon-32x32.png"},
		"swagger-ui-bundle.js": {static.FS, "swagger-ui-bundle.js.gz"},
		"swagger-ui.css":       {static.FS, "swagger-ui.css.gz"},
	}
}

// ServeHTTP answers with a file of the page. Files are unpacked each time: the
// page is seldom opened and never far away.
func (d docs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, ok := d[strings.TrimPrefix(r.URL.Path, "/docs/")]
	if !ok {
		notFound(w, r)
		return
	}
	text, err := a.read()
	if err != nil {
		failureOf(err).write(w)
		return
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Content-Type", a.mediaType())
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}

func (a asset) read() ([]byte, error) {
	text, err := fs.ReadFile(a.files, a.path)
	if err != nil || path.Ext(a.path) != ".gz" {
		return text, err
	}
	reader, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

func (a asset) mediaType() string {
	switch path.Ext(strings.TrimSuffix(a.path, ".gz")) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".png":
		return "image/png"
	default:
		return "text/html; charset=utf-8"
	}
}
