package proxy_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// TestRequestReachesUpstreamOnce sends requests to an upstream that answers the
// first on each connection and drops the connection on the second. net/http
// would send those that it holds to be replayable again on a new one.
func TestRequestReachesUpstreamOnce(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{
		"GET":                     "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
		"HEAD":                    "HEAD %s HTTP/1.1\r\nHost: a\r\n\r\n",
		"OPTIONS":                 "OPTIONS %s HTTP/1.1\r\nHost: a\r\n\r\n",
		"TRACE":                   "TRACE %s HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET of length 0":         "GET %s HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
		"DELETE":                  "DELETE %s HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST without a body":     "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
		"POST with a body":        "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
		"POST with a key":         "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nIdempotency-Key: k\r\n\r\n",
		"POST with another key":   "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nX-Idempotency-Key: k\r\n\r\n",
		"POST with a key, no end": "POST %s HTTP/1.1\r\nHost: a\r\nIdempotency-Key: k\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var (
				mu   sync.Mutex
				seen = map[string]int{}
			)
			origin := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
				for used := 0; ; used++ {
					head, err := headLines(r)
					if err != nil {
						return
					}
					if strings.HasSuffix(name, "with a body") {
						_, _ = r.Discard(2)
					}
					mu.Lock()
					seen[head[0]]++
					mu.Unlock()
					if used > 0 {
						return
					}
					_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
				}
			})
			rig := newRig(t, origin)
			c, r := rig.dial()
			var failed int
			for _, target := range []string{"/1", "/2", "/3", "/4"} {
				send(t, c, strings.Replace(request, "%s", target, 1))
				head := readHead(t, r)
				if head[0] == "HTTP/1.1 502 Bad Gateway" {
					failed++
					if name != "HEAD" {
						_, _ = r.ReadString('\n')
					}
				}
			}
			if failed != 2 {
				t.Errorf("got %d failures, want those 2 that met a reused connection", failed)
			}
			mu.Lock()
			defer mu.Unlock()
			for line, times := range seen {
				if times != 1 {
					t.Errorf("the upstream saw %q %d times, want once", line, times)
				}
			}
			if len(seen) != 4 {
				t.Errorf("the upstream saw %d requests, want 4", len(seen))
			}
		})
	}
}
