package inject

import (
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// Reply is what is known of the upstream's answer when its head is there.
type Reply struct {
	// Method is that of the request.
	Method string
	// Endpoint is what the request addressed, the zero value for a target outside the contract.
	Endpoint groove.Endpoint
	// Status is the status code, ContentType and ContentEncoding the fields of
	// these names, "" for absent.
	Status                       int
	ContentType, ContentEncoding string
	// Length is the declared length of the body in bytes, -1 for unknown: chunked or
	// up to the end of the connection. A body starts behind its framing.
	Length int64
	// Marker is a text to put into the Error of a soft error, "" for none.
	Marker string
	// Now is the wall clock, for lifetimes.
	Now time.Time
}

// body reports whether the answer can have a body (RFC 9112, 6.3).
func (r *Reply) body() bool {
	switch {
	case r.Method == http.MethodHead, r.Status < 200, r.Status == http.StatusNoContent, r.Status == http.StatusNotModified:
		return false
	case r.Method == http.MethodConnect && r.Status < 300:
		return false
	default:
		return r.Length != 0
	}
}

// kind reports whether Content-Type leaves hope for a document. What it really is
// says the body: real clients pay no attention to the field.
func (r *Reply) kind(s stage) bool {
	media, _, err := mime.ParseMediaType(r.ContentType)
	switch {
	case r.ContentType == "", err != nil, media == "text/plain":
		return true
	case strings.HasSuffix(media, "json"), strings.HasSuffix(media, "javascript"):
		return true
	default:
		return s == stageSoftError && strings.HasSuffix(media, "xml")
	}
}
