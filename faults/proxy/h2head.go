package proxy

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// fields reads a header of net/http, whose order is lost: it is that of the names.
type fields struct {
	header http.Header
	lines  []fieldLine
}

type fieldLine struct{ name, value string }

func newFields(header http.Header) *fields {
	f := &fields{header: header, lines: make([]fieldLine, 0, len(header))}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			f.lines = append(f.lines, fieldLine{name, value})
		}
	}
	return f
}

// Value returns the first value of a field.
func (f *fields) Value(name string) (string, bool) {
	values := f.header.Values(name)
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// Len is the number of field lines, and At the ith.
func (f *fields) Len() int { return len(f.lines) }

func (f *fields) At(i int) (name, value string) { return f.lines[i].name, f.lines[i].value }

// checkHead holds a head to what the parser of HTTP/1.1 takes, for that is what the
// upstream gets: net/http would let a space into a target.
func checkHead(r *http.Request, target string, limits wire.Limits) error {
	var out strings.Builder
	line := func(parts ...string) {
		for _, part := range parts {
			out.WriteString(part)
		}
		out.WriteString("\r\n")
	}
	line(r.Method, " ", target, " HTTP/1.1")
	line("Host: ", cmp.Or(r.Host, "unnamed")) // HTTP/2 and HTTP/1.0 may leave it out
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			if name == "Host" && value == r.Host {
				continue // repeats :authority
			}
			line(name, ": ", value)
		}
	}
	line()
	var parsed wire.Request
	switch size, err := parsed.Parse([]byte(out.String()), limits); {
	case err != nil:
		return err
	case size != out.Len():
		return wire.ErrRequestLine
	}
	return nil
}

// outgoing makes the request that goes to the upstream: the client's, but for
// what belongs to the connection, and Host.
func (f *flight) outgoing(ctx context.Context) (out *http.Request, err error) {
	target, err := outgoingURL(placeOf(&f.upstream), f.head.target)
	if err != nil {
		return nil, err
	}
	out = (&http.Request{Method: f.in.Method, URL: target, Host: f.host(), Header: endToEnd(f.in.Header)}).WithContext(ctx)
	delete(out.Header, "Host")
	if hasToken(f.in.Header["Te"], "trailers") {
		out.Header["Te"] = []string{"trailers"}
	}
	if _, named := out.Header["User-Agent"]; !named {
		out.Header["User-Agent"] = nil // else net/http names itself; of several it sends the first
	}
	f.frame(out)
	return out, nil
}

// host is what the Host field becomes. HTTP/2 may leave it out; HTTP/1.1 must
// have it.
func (f *flight) host() string {
	switch {
	case f.upstream.HostField != "":
		return f.upstream.HostField
	case f.in.Host != "":
		return f.in.Host
	default:
		return f.upstream.Address()
	}
}

// errTarget is a target over HTTP/2 that net/http cannot write as it came.
var errTarget = errors.New("the target begins with two slashes and has what net/http would escape")

// outgoingURL makes the URL that net/http writes as target, byte for byte. It
// takes Opaque as it stands, but would read two leading slashes as an
// authority; where Path cannot express the target either, it is not relayed.
func outgoingURL(place *url.URL, target string) (*url.URL, error) {
	path, query, asked := strings.Cut(target, "?")
	place.RawQuery, place.ForceQuery = query, asked
	if strings.HasPrefix(path, "//") || path == "*" {
		place.RawPath = path
		place.Path, _ = url.PathUnescape(path) // the check below sees a failure
	} else {
		place.Opaque = path
	}
	if place.RequestURI() != target {
		return nil, errTarget
	}
	return place, nil
}

// copyTrailer copies what can be a trailer: a client may announce anything, and
// net/http would refuse the whole request.
func copyTrailer(to, from http.Header) {
	for name, values := range from {
		if httpguts.ValidHeaderFieldName(name) {
			to[name] = values
		}
	}
}

// frame gives out the body of the client's request, framed alike, such that
// net/http never sends it twice: its transport repeats a request on a dead
// connection if it holds it to be replayable, which is one that has no body
// and a safe method or an idempotency key.
func (f *flight) frame(out *http.Request) {
	in := f.in
	_, stated := in.Header["Content-Length"]
	switch {
	case in.ContentLength < 0 || in.ContentLength > 0 && len(in.Trailer) > 0:
		out.Body, out.ContentLength, out.TransferEncoding = f.intake, -1, []string{"chunked"}
		out.Trailer = make(http.Header)
		copyTrailer(out.Trailer, in.Trailer)
		f.intake.ending = func() { copyTrailer(out.Trailer, in.Trailer) }
	case in.ContentLength > 0:
		out.Body, out.ContentLength = f.intake, in.ContentLength
	case stated && !safe(in.Method):
		out.Body = http.NoBody
		out.TransferEncoding = []string{"identity"} // makes it state the length
		hideIdempotencyKeys(out.Header)
	default:
		out.Body = nothing{}
		out.TransferEncoding = []string{"identity"} // keeps it from chunking
	}
}

// safe reports whether net/http holds a method to be replayable.
func safe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	default:
		return false
	}
}

// hideIdempotencyKeys writes the names in lower case, by which net/http does
// not find them.
func hideIdempotencyKeys(h http.Header) {
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if values, ok := h[name]; ok {
			h[strings.ToLower(name)] = values
			delete(h, name)
		}
	}
}

// nothing is an empty body that net/http does not know to be one.
type nothing struct{}

func (nothing) Read([]byte) (int, error)         { return 0, io.EOF }
func (nothing) WriteTo(io.Writer) (int64, error) { return 0, nil }
func (nothing) Close() error                     { return nil }

// hopByHop are the fields that belong to a connection, whether Connection
// names them or not (RFC 9110 §7.6.1 and §11.7, RFC 9112 §6.1).
var hopByHop = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization",
	"Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// endToEnd returns a copy of h without the fields that stop here.
func endToEnd(h http.Header) http.Header {
	out := h.Clone()
	if out == nil {
		out = make(http.Header)
	}
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			out.Del(textproto.TrimString(name))
		}
	}
	for _, name := range hopByHop {
		delete(out, name)
	}
	return out
}

// hasToken reports whether a list has an element, without regard to case.
func hasToken(lines []string, token string) bool {
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(textproto.TrimString(element), token) {
				return true
			}
		}
	}
	return false
}
