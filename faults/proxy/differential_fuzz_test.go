package proxy_test

import (
	"strings"
	"testing"
)

func FuzzWirePathAgreesWithNetHTTP(f *testing.F) {
	for _, raw := range exchanges {
		f.Add([]byte(raw), uint8(0))
	}
	sets := effects()
	f.Fuzz(func(t *testing.T, raw []byte, effect uint8) {
		if strings.HasPrefix(string(raw), "PRI ") {
			t.Skip("HTTP/2 is not for HTTP/1.1 to judge")
		}
		compare(t, raw, sets[int(effect)%len(sets)].set)
	})
}

// What requests are put together from: where messages are smuggled, and beside
// it. What is plain comes first and often.
var (
	methods = []string{"GET ", "POST ", "GET ", "POST ", "HEAD ", "OPTIONS ", "PUT ", "DELETE ", "CONNECT ", "get ", "G ", "G@T ", ""}
	targets = []string{
		"/a", "/a", "/pieces", "/empty", "/same", "/last", "//b", "*", "/a?q=1", "?q", "http://h/a", "https://h", "http://i?x", "HTTP://H/",
		"h:443", "/%zz", "/%2F", "/\x7f", "/\xff", "/a#f", "/a b", "", "http://u@h/", "/\"{}|\\^`",
	}
	versions = []string{" HTTP/1.1\r\n", " HTTP/1.1\r\n", " HTTP/1.1\r\n", " HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/1.2\r\n", " HTTP/2.0\r\n", "  HTTP/1.1\r\n", " HTTP/1.1\n", "\r\n"}
	lines    = []string{
		"Host: h\r\n", "Host: h\r\n", "Host: h\r\n", "Host: i\r\n", "Host:\r\n", "Host: h:80\r\n", "Host: [::1]\r\n", "Host: h, i\r\n", "host: H\r\n",
		"Content-Length: 5\r\n", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length: 6\r\n", "content-length:5\r\n", "Content-Length: 5, 5\r\n", "Content-Length: -1\r\n",
		"Content-Length: 05\r\n", "Content-Length:\r\n", "Content-Length: 5 \r\n", "Content_Length: 5\r\n", "Content-Length\t: 5\r\n", "Content-Length: 18446744073709551621\r\n",
		"Transfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\n", "transfer-encoding: Chunked\r\n", "Transfer-Encoding: identity\r\n", "Transfer-Encoding: chunked, chunked\r\n",
		"Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding:\x0bchunked\r\n", "Transfer-Encoding: chunked\t\r\n", "Transfer-Encoding:\r\n chunked\r\n",
		" Transfer-Encoding: chunked\r\n", "Transfer_Encoding: chunked\r\n", "Transfer-Encoding\r\n", "Transfer-Encoding:\r\n", "Transfer-Encoding: ,chunked\r\n",
		"Connection: close\r\n", "Connection: keep-alive\r\n", "Connection: X-A, close\r\n", "Connection: Content-Length\r\n", "Connection: Transfer-Encoding\r\n", "Connection: Host\r\n",
		"Connection: upgrade\r\n", "Upgrade: websocket\r\n", "Keep-Alive: 5\r\n", "TE: trailers\r\n", "TE: gzip\r\n", "Proxy-Connection: close\r\n",
		"Expect: 100-continue\r\n", "Expect: 200-ok\r\n", "Trailer: X-T\r\n", "Trailer: Content-Length\r\n",
		"X-A: 1\r\n", "x-a:2\r\n", "X-A: 1\r2\r\n", "X-A: \x00\r\n", "X-A: \x80\r\n", "X A: 1\r\n", ": 1\r\n", "X-A\r\n", "X-A: 1\n", "X-A: a\r\n b\r\n", "X-A:  1\t \r\n",
		"Cookie: a=1\r\n", "Cookie: b=2\r\n", "Accept-Encoding: gzip\r\n", "Accept: application/xml\r\n", "Idempotency-Key: 1\r\n", "traceparent: 1\r\n", "User-Agent:\r\n", "Date: x\r\n",
	}
	ends   = []string{"\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", ""}
	bodies = []string{
		"hello", "hello", "5\r\nhello\r\n", "0\r\n\r\n", "5;a=b\r\nhello\r\n", "5 \r\nhello\r\n", "05\r\nhello\r\n", "0x5\r\nhello\r\n", "5\nhello\n", "5\r\nhello", "6\r\nhello\r\n", "0\r\n", "00\r\n\r\n",
		"0\r\nX-T: 1\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n", "0;x\r\n\r\n", "0\r\n\n", "-1\r\n", "ffffffffffffffff\r\n", "10000000000000000\r\n", "A\r\n0123456789\r\n", "5;a=\"\r\n\"\r\nhello\r\n", "0\r\nX-T: 1\r\n y\r\n\r\n", "\r\n",
	}
)

// chooser puts requests together as its bytes say.
type chooser struct {
	picks []byte
	out   []byte
}

func (c *chooser) pick() int {
	if len(c.picks) == 0 {
		return 0
	}
	n := int(c.picks[0])
	c.picks = c.picks[1:]
	return n
}

func (c *chooser) add(from []string) { c.out = append(c.out, from[c.pick()%len(from)]...) }

// request adds a request, which has a Host in most cases.
func (c *chooser) request() {
	c.add(methods)
	c.add(targets)
	c.add(versions)
	shape := c.pick()
	if shape%4 > 0 {
		c.out = append(c.out, "Host: h\r\n"...)
	}
	for range shape / 4 % 5 {
		c.add(lines)
	}
	c.add(ends)
	for range shape / 20 % 4 {
		c.add(bodies)
	}
}

func FuzzWirePathAgreesOnPieces(f *testing.F) {
	sets := effects()
	f.Add([]byte{}, uint8(0))
	f.Add([]byte{1, 0, 0, 25, 9, 0, 0}, uint8(1))
	f.Add([]byte{1, 0, 0, 49, 9, 22, 0, 2, 3, 0, 2, 0, 1, 0}, uint8(0))
	f.Fuzz(func(t *testing.T, picks []byte, effect uint8) {
		c := chooser{picks: picks}
		for c.request(); len(c.picks) > 0 && len(c.out) < 4<<10; {
			c.request()
		}
		compare(t, c.out, sets[int(effect)%len(sets)].set)
	})
}
