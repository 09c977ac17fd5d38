package proxy_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// exchangeRaw sends one raw request through a proxy to an origin that answers
// with raw bytes, and returns the heads that the origin and the client saw, in
// lower case and without their order.
func exchangeRaw(t *testing.T, request, answer string) (seen, got []string) {
	t.Helper()
	heads := make(chan []string, 1)
	origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		head, err := headLines(r)
		if err != nil {
			return
		}
		heads <- head
		_, _ = io.WriteString(c, answer)
	})
	rig := newRig(t, origin)
	c, r := rig.dial()
	send(t, c, request)
	got = readHead(t, r)
	return canonical(<-heads), canonical(got)
}

// message writes a head, and a body where the lines have one behind an empty line.
func message(lines []string) string {
	text := strings.Join(lines, "\r\n")
	if slices.Contains(lines, "") {
		return text
	}
	return text + "\r\n\r\n"
}

// canonical keeps the first line and sorts the fields, names in lower case.
func canonical(head []string) []string {
	fields := slices.Clone(head)
	for i := range fields[1:] {
		name, value, _ := strings.Cut(fields[i+1], ":")
		fields[i+1] = strings.ToLower(name) + ": " + strings.TrimSpace(value)
	}
	slices.Sort(fields[1:])
	return fields
}

func TestRequestArrivesUnchanged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ sent, want []string }{
		"nothing is added to a bare request": {
			sent: []string{"GET / HTTP/1.1", "host: caller.example"},
			want: []string{"GET / HTTP/1.1"},
		},
		"the fields of other proxies pass": {
			sent: []string{"GET / HTTP/1.1", "host: caller.example", "forwarded: for=192.0.2.1", "x-forwarded-for: 192.0.2.1, 192.0.2.2", "x-forwarded-host: h", "x-forwarded-proto: https", "via: 1.0 fred"},
			want: []string{"GET / HTTP/1.1", "forwarded: for=192.0.2.1", "via: 1.0 fred", "x-forwarded-for: 192.0.2.1, 192.0.2.2", "x-forwarded-host: h", "x-forwarded-proto: https"},
		},
		"what the client says of itself passes": {
			sent: []string{"GET / HTTP/1.1", "host: caller.example", "user-agent: Caller/1", "accept-encoding: br;q=1, gzip", "accept: */*", "authorization: Bearer t", "cookie: a=b", "x-groovechaos-call: 7"},
			want: []string{"GET / HTTP/1.1", "accept-encoding: br;q=1, gzip", "accept: */*", "authorization: Bearer t", "cookie: a=b", "user-agent: Caller/1", "x-groovechaos-call: 7"},
		},
		"repeated fields stay repeated": {
			sent: []string{"GET / HTTP/1.1", "host: caller.example", "x-many: 1", "x-many: 2", "x-empty:"},
			want: []string{"GET / HTTP/1.1", "x-empty: ", "x-many: 1", "x-many: 2"},
		},
		"hop-by-hop fields stop here": {
			sent: []string{"GET / HTTP/1.1", "host: caller.example", "connection: keep-alive, x-hop", "keep-alive: timeout=5", "x-hop: 1", "te: trailers, deflate", "proxy-connection: keep-alive"},
			want: []string{"GET / HTTP/1.1", "te: trailers"},
		},
		"a POST without a body states no length": {
			sent: []string{"POST / HTTP/1.1", "host: caller.example"},
			want: []string{"POST / HTTP/1.1"},
		},
		"a POST of length 0 states it": {
			sent: []string{"POST / HTTP/1.1", "host: caller.example", "content-length: 0", "idempotency-key: k"},
			want: []string{"POST / HTTP/1.1", "content-length: 0", "idempotency-key: k"},
		},
		"a DELETE of length 0 states it": {
			sent: []string{"DELETE / HTTP/1.1", "host: caller.example", "content-length: 0"},
			want: []string{"DELETE / HTTP/1.1", "content-length: 0"},
		},
		"a length stays": {
			sent: []string{"PUT / HTTP/1.1", "host: caller.example", "content-length: 3", "content-type: x/y", "", "abc"},
			want: []string{"PUT / HTTP/1.1", "content-length: 3", "content-type: x/y"},
		},
		"a GET may have a body": {
			sent: []string{"GET / HTTP/1.1", "host: caller.example", "content-length: 3", "", "abc"},
			want: []string{"GET / HTTP/1.1", "content-length: 3"},
		},
		"chunks stay chunks": {
			sent: []string{"POST / HTTP/1.1", "host: caller.example", "transfer-encoding: chunked", "", "3", "abc", "0", "", ""},
			want: []string{"POST / HTTP/1.1", "transfer-encoding: chunked"},
		},
		"an unknown method passes": {
			sent: []string{"BREW /pot HTTP/1.1", "host: caller.example"},
			want: []string{"BREW /pot HTTP/1.1"},
		},
		"OPTIONS * passes": {
			sent: []string{"OPTIONS * HTTP/1.1", "host: caller.example"},
			want: []string{"OPTIONS * HTTP/1.1"},
		},
		"HTTP/1.0 is spoken as 1.1": {
			sent: []string{"GET / HTTP/1.0"},
			want: []string{"GET / HTTP/1.1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen, _ := exchangeRaw(t, message(test.sent), "HTTP/1.1 204 No Content\r\n\r\n")
			var host string
			seen = slices.DeleteFunc(seen, func(line string) bool {
				if strings.HasPrefix(line, "host: ") {
					host = line
				}
				return strings.HasPrefix(line, "host: ")
			})
			if !strings.HasPrefix(host, "host: 127.0.0.1:") {
				t.Errorf("got %q, want the host of the upstream", host)
			}
			if diff := cmp.Diff(test.want, seen); diff != "" {
				t.Errorf("the origin saw another request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTargetArrivesByteForByte(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ sent, want string }{
		"plain":                          {"/1/content/music/search?q=a", ""},
		"odd case and encodings":         {"/a%2Fb%2fc%7e~%41", ""},
		"characters that want escaping":  {"/a{b}|c^\"<>`", ""},
		"two slashes inside":             {"/a//b", ""},
		"two slashes at the beginning":   {"//a/b%2F", ""},
		"dot segments":                   {"/a/../b/./c", ""},
		"semicolons":                     {"/a;b=1?c=2;d=3", ""},
		"an empty query":                 {"/a?", ""},
		"a second question mark":         {"/a??b", ""},
		"a broken escape in the query":   {"/a?b=%zz&c=%", ""},
		"order of the query":             {"/a?z=1&a=2&z=0", ""},
		"an absolute form":               {"http://music.example/a//b?c", "/a//b?c"},
		"an absolute form without path":  {"http://music.example", "/"},
		"an absolute form, only a query": {"http://music.example?c", "/?c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := test.want
			if want == "" {
				want = test.sent
			}
			seen, _ := exchangeRaw(t, "GET "+test.sent+" HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n")
			if seen[0] != "GET "+want+" HTTP/1.1" {
				t.Errorf("got %q, want the target %q", seen[0], want)
			}
		})
	}
}

func TestAnswerArrivesUnchanged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ sent, want []string }{
		"nothing is added to a bare answer": {
			sent: []string{"HTTP/1.1 200 OK", "content-length: 6", "", "<html>"},
			want: []string{"HTTP/1.1 200 OK", "content-length: 6"},
		},
		"its own fields pass": {
			sent: []string{"HTTP/1.1 429 Too Many Requests", "content-length: 0", "date: Thu, 01 Jan 1970 00:00:00 GMT", "retry-after: 2", "server: s", "set-cookie: a=1", "set-cookie: b=2", "content-type: x/y"},
			want: []string{"HTTP/1.1 429 Too Many Requests", "content-length: 0", "content-type: x/y", "date: Thu, 01 Jan 1970 00:00:00 GMT", "retry-after: 2", "server: s", "set-cookie: a=1", "set-cookie: b=2"},
		},
		"chunks stay chunks": {
			sent: []string{"HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "1", "a", "0", "", ""},
			want: []string{"HTTP/1.1 200 OK", "transfer-encoding: chunked"},
		},
		"no chunks at all stay chunked": {
			sent: []string{"HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "0", "", ""},
			want: []string{"HTTP/1.1 200 OK", "transfer-encoding: chunked"},
		},
		"a redirect is the client's": {
			sent: []string{"HTTP/1.1 302 Found", "location: /elsewhere", "content-length: 0"},
			want: []string{"HTTP/1.1 302 Found", "content-length: 0", "location: /elsewhere"},
		},
		"hop-by-hop fields stop here": {
			sent: []string{"HTTP/1.1 204 No Content", "connection: x-hop", "x-hop: 1", "keep-alive: timeout=5"},
			want: []string{"HTTP/1.1 204 No Content"},
		},
		"304 keeps its length": {
			sent: []string{"HTTP/1.1 304 Not Modified", "etag: \"1\""},
			want: []string{"HTTP/1.1 304 Not Modified", "etag: \"1\""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got := exchangeRaw(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", message(test.sent))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the client saw another answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnswerToHeadKeepsItsLength(t *testing.T) {
	t.Parallel()
	_, got := exchangeRaw(t, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n")
	want := []string{"HTTP/1.1 200 OK", "content-length: 42"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the client saw another answer (-want +got):\n%s", diff)
	}
}

func TestCompressedBodyPassesAsItIs(t *testing.T) {
	t.Parallel()
	var packed strings.Builder
	z := gzip.NewWriter(&packed)
	fmt.Fprint(z, `{"Error":{"ErrorCode":"CATALOG_INVALID_DATA","Description":"d"}}`)
	z.Close()
	rig := newRig(t, newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		io.WriteString(w, packed.String())
	}))
	response, body := rig.do("GET", searchPath, nil, "Accept-Encoding", "gzip")
	if body != packed.String() || response.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("got %d bytes coded %q, want the %d that were sent", len(body), response.Header.Get("Content-Encoding"), packed.Len())
	}
	attempt := rig.wait(1)[0]
	if attempt.ErrorCode != "CATALOG_INVALID_DATA" || attempt.Class != "soft_error" {
		t.Errorf("got class %s with code %q, want a soft error with CATALOG_INVALID_DATA", attempt.Class, attempt.ErrorCode)
	}
}
