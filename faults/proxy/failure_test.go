package proxy_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// closedPort is the URL of a port that nobody listens on, and that no system gives to who asks for any.
const closedPort = "http://127.0.0.1:1"

// answering returns an upstream that reads a head and writes text.
func answering(t *testing.T, text string) string {
	t.Helper()
	return newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		if _, err := headLines(r); err == nil {
			io.WriteString(c, text)
		}
	})
}

func TestUpstreamFailureIsOurs(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := newRawOrigin(t, func(c net.Conn, _ *bufio.Reader) { io.WriteString(c, "220 mail.example ESMTP\r\n") })
	stuck := newRawOrigin(t, func(c net.Conn, _ *bufio.Reader) { io.Copy(io.Discard, c) })
	for name, test := range map[string]struct {
		upstream string
		status   int
		word     string
	}{
		"refused":                   {closedPort, 502, "upstream_refused"},
		"name unknown":              {"http://nowhere.invalid", 502, "upstream_unresolved"},
		"closed without an answer":  {answering(t, ""), 502, "upstream_closed"},
		"closed inside the head":    {answering(t, "HTTP/1.1 200 OK\r\nContent-"), 502, "upstream_invalid"},
		"no HTTP":                   {answering(t, "220 mail.example ESMTP\r\n"), 502, "upstream_invalid"},
		"two lengths":               {answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 502, "upstream_invalid"},
		"silent":                    {stuck, 504, "upstream_timeout"},
		"certificate not trusted":   {secure.URL, 502, "upstream_tls"},
		"TLS expected, plain given": {strings.Replace(plain, "http:", "https:", 1), 502, "upstream_tls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, test.upstream, func(o *proxy.Options) {
				if test.upstream == stuck {
					o.AnswerTimeout = 50 * time.Millisecond
				}
				if name == "name unknown" {
					o.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
						return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}}
					}
				}
			})
			for _, method := range []string{"GET", "POST"} {
				response, body := rig.do(method, searchPath, nil)
				if response.StatusCode != test.status || response.Header.Get("Groovechaos-Failure") != test.word {
					t.Errorf("%s: got %s, failure %q, want %d, %q", method, response.Status, response.Header.Get("Groovechaos-Failure"), test.status, test.word)
				}
				if !strings.HasPrefix(body, "groovechaos: ") || strings.Contains(body, "127.0.0.1") || response.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
					t.Errorf("%s: got %q of type %q, want plain text by groovechaos without an address", method, body, response.Header.Get("Content-Type"))
				}
				if code := groove.Classify(response.StatusCode, []byte(body)).Code; code != "" {
					t.Errorf("%s: the failure reads as Groove's %s", method, code)
				}
				a := rig.wait(1)[0]
				if a.Origin != observe.OriginOurs || a.Status != test.status || a.End != observe.EndComplete || a.Fault != "" || a.ErrorCode != "" {
					t.Errorf("%s: recorded %s %d %s, fault %q, code %q, want ours, complete", method, a.Origin, a.Status, a.End, a.Fault, a.ErrorCode)
				}
				if !strings.Contains(body, a.Reason) || a.Reason == "" {
					t.Errorf("%s: recorded the reason %q, want that of %q", method, a.Reason, body)
				}
			}
		})
	}
}

func TestTrustedUpstreamIsReached(t *testing.T) {
	t.Parallel()
	origin := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto)
	}))
	origin.EnableHTTP2 = true
	origin.StartTLS()
	t.Cleanup(origin.Close)
	rig := newRig(t, origin.URL, func(o *proxy.Options) {
		o.RootCAs = x509.NewCertPool()
		o.RootCAs.AddCert(origin.Certificate())
	})
	if response, body := rig.do("GET", "/", nil); response.StatusCode != 200 || body != "HTTP/1.1" {
		t.Errorf("got %s over %s, want 200 over HTTP/1.1", response.Status, body)
	}
}

func TestUpstreamThatBreaksOffBreaksTheClient(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ request, answer string }{
		"known length":      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"},
		"chunked":           {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"},
		"chunked, HTTP/1.0": {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, answering(t, test.answer))
			c, r := rig.dial()
			send(t, c, test.request)
			var err error
			if response, headErr := http.ReadResponse(r, nil); headErr == nil {
				_, err = io.Copy(io.Discard, response.Body)
			} else {
				err = headErr
			}
			if err == nil {
				t.Error("the client saw a whole answer, want it broken off")
			}
			a := rig.wait(1)[0]
			if a.Status != 200 || a.Origin != observe.OriginUpstream || a.End != observe.EndBroken || a.Class != groove.ClassFailure || a.Reason == "" {
				t.Errorf("got %d %s %s %s %q, want 200 upstream broken failure with a reason", a.Status, a.Origin, a.End, a.Class, a.Reason)
			}
		})
	}
}

func TestBadRequestBody(t *testing.T) {
	t.Parallel()
	rig := newRig(t, untouched(t))
	c, r := rig.dial()
	send(t, c, "POST "+addPath+" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
	if head := readHead(t, r); head[0] != "HTTP/1.1 400 Bad Request" {
		t.Errorf("got %q, want 400", head[0])
	}
	a := rig.wait(1)[0]
	if a.Origin != observe.OriginOurs || a.Status != 400 || a.BodyComplete {
		t.Errorf("recorded %s %d, body complete %t, want ours, 400, not complete", a.Origin, a.Status, a.BodyComplete)
	}
}

func TestConnectIsRefused(t *testing.T) {
	t.Parallel()
	rig := newRig(t, untouched(t))
	c, r := rig.dial()
	send(t, c, "CONNECT api.media.microsoft.com:443 HTTP/1.1\r\nHost: api.media.microsoft.com:443\r\n\r\n")
	if head := readHead(t, r); head[0] != "HTTP/1.1 501 Not Implemented" {
		t.Errorf("got %q, want 501", head[0])
	}
	if a := rig.wait(1)[0]; a.Origin != observe.OriginOurs {
		t.Errorf("recorded %s, want ours", a.Origin)
	}
}
