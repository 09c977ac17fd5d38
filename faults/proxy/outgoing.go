package proxy

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

// outgoing makes the request that goes to the upstream: the client's, but for
// what belongs to the connection, and Host. It reports false when the target cannot pass
// unchanged.
func (f *flight) outgoing(ctx context.Context, upstream *url.URL) (out *http.Request, ok bool) {
	in := f.request
	target, ok := outgoingURL(upstream, f.exchange.head.target)
	if !ok {
		return nil, false
	}
	out = (&http.Request{Method: in.Method, URL: target, Host: upstream.Host, Header: endToEnd(in.Header)}).WithContext(ctx)
	if hasToken(in.Header["Te"], "trailers") {
		out.Header.Set("Te", "trailers")
	}
	if protocol := upgrade(in.Header); protocol != "" {
		out.Header.Set("Connection", "Upgrade")
		out.Header.Set("Upgrade", protocol)
	}
	if _, named := out.Header["User-Agent"]; !named {
		out.Header["User-Agent"] = nil // else net/http names itself
	}
	f.frame(out)
	return out, true
}

// outgoingURL makes the URL that net/http writes as target, byte for byte. It
// takes Opaque as it stands, but would read two leading slashes as an
// authority; where Path cannot express the target either, it is not relayed.
func outgoingURL(upstream *url.URL, target string) (out *url.URL, ok bool) {
	out = &url.URL{Scheme: upstream.Scheme, Host: upstream.Host}
	path, query, asked := strings.Cut(target, "?")
	out.RawQuery, out.ForceQuery = query, asked
	if strings.HasPrefix(path, "//") || path == "*" {
		out.RawPath = path
		out.Path, _ = url.PathUnescape(path) // the check below sees a failure
	} else {
		out.Opaque = path
	}
	return out, out.RequestURI() == target
}

// frame gives out the body of the client's request, framed alike, such that
// net/http never sends it twice: its transport repeats a request on a dead
// connection if it holds it to be replayable, which is one that has no body
// and a safe method or an idempotency key.
func (f *flight) frame(out *http.Request) {
	in := f.request
	_, stated := in.Header["Content-Length"]
	switch {
	case in.ContentLength != 0:
		out.Body, out.ContentLength, out.TransferEncoding = f.intake, in.ContentLength, in.TransferEncoding
		out.Trailer = make(http.Header)
		maps.Copy(out.Trailer, in.Trailer)
		f.intake.ending = func() { maps.Copy(out.Trailer, in.Trailer) }
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
// names them or not (RFC 9110, 7.6.1 and 11.7; RFC 9112, 6.1).
var hopByHop = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// endToEnd returns a copy of h without the fields that stop here.
func endToEnd(h http.Header) http.Header {
	out := h.Clone()
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

// upgrade returns the protocol that h asks or agrees to switch to, "" for none.
func upgrade(h http.Header) string {
	if !hasToken(h["Connection"], "upgrade") {
		return ""
	}
	return h.Get("Upgrade")
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
