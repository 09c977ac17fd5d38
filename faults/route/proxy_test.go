package route_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults/route"
)

// behind is a router behind an upstream proxy whose connections are dialled
// as given.
func behind(t *testing.T, proxy string, dial func(context.Context, string, string) (net.Conn, error)) *route.Router {
	t.Helper()
	u, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	return router(t, route.Options{
		Default: target(t, "http://127.0.0.1:9999"), Others: route.TunnelOthers, Proxy: u, Dial: dial, DialTimeout: 5 * time.Second,
		Resolver: resolves(map[string][]string{"proxy.example": {"10.0.0.1"}}),
	})
}

// answering is an upstream proxy that answers as told, then echoes.
func answering(t *testing.T, asked chan<- *http.Request, answer string) net.Listener {
	t.Helper()
	return serve(t, func(c net.Conn) { proxyAnswer(c, asked, answer) })
}

func proxyAnswer(c net.Conn, asked chan<- *http.Request, answer string) {
	in := bufio.NewReader(c)
	request, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	asked <- request
	io.WriteString(c, answer)
	io.Copy(c, in)
}

func TestTunnelThroughAProxy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		proxy, answer, authorization, early string
	}{
		"no credentials":       {"http://proxy.example:3128", "HTTP/1.1 200 Connection established\r\n\r\n", "", ""},
		"credentials":          {"http://me:s%3acret@proxy.example:3128", "HTTP/1.1 200 OK\r\nVia: x\r\n\r\n", "Basic bWU6czpjcmV0", ""},
		"a user alone":         {"http://me@proxy.example", "HTTP/1.0 200 OK\r\n\r\n", "Basic bWU6", ""},
		"another 2xx":          {"http://proxy.example", "HTTP/1.1 204 No Content\r\n\r\n", "", ""},
		"a length, ignored":    {"http://proxy.example", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "", ""},
		"a destination's word": {"http://proxy.example", "HTTP/1.1 200 OK\r\n\r\n220 hello\r\n", "", "220 hello\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan *http.Request, 1)
			r := behind(t, test.proxy, to(answering(t, asked, test.answer)))
			c, err := r.DialTunnel(t.Context(), "Unknown.example:443")
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			request := <-asked
			if request.Method != http.MethodConnect || request.RequestURI != "unknown.example:443" || request.Host != "unknown.example:443" {
				t.Errorf("the proxy was asked %s %s with Host %s, want CONNECT unknown.example:443", request.Method, request.RequestURI, request.Host)
			}
			if got := request.Header.Get("Proxy-Authorization"); got != test.authorization {
				t.Errorf("got Proxy-Authorization %q, want %q", got, test.authorization)
			}
			want := test.early + "ping"
			io.WriteString(c, "ping")
			got := make([]byte, len(want))
			if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
				t.Errorf("read %q, %v, want %q", got, err, want)
			}
			if half, ok := c.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
				t.Error("the sending half cannot be closed, want it to")
			}
			if rest, err := io.ReadAll(c); len(rest) > 0 || err != nil {
				t.Errorf("then read %q, %v, want the end", rest, err)
			}
		})
	}
}

func TestProxyThatOpensNoTunnel(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer string
		status int
	}{
		"wants credentials":   {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", 407},
		"forbids":             {"HTTP/1.1 403 Forbidden\r\n\r\nwe do not like it", 403},
		"cannot reach it":     {"HTTP/1.1 502 Bad Gateway\r\n\r\n", 502},
		"redirects":           {"HTTP/1.1 302 Found\r\nLocation: http://portal.example\r\n\r\n", 302},
		"speaks garbage":      {"HTTP/1.1 s3cret\r\n\r\n", 0},
		"answers without end": {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20), 0},
		"invalid status":      {"HTTP/1.1 2000 OK\r\n\r\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan *http.Request, 1)
			r := behind(t, "http://me:s3cret@proxy.example", to(answering(t, asked, test.answer)))
			c, err := r.DialTunnel(t.Context(), "a.example:443")
			var refused *route.ProxyError
			if !errors.As(err, &refused) || refused.Status != test.status || refused.Proxy != "proxy.example:80" {
				t.Fatalf("got %v, %v, want a ProxyError of proxy.example:80 with status %d", c, err, test.status)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v, want no password in it", err)
			}
		})
	}
}

func TestProxyThatGoesAway(t *testing.T) {
	t.Parallel()
	l := serve(t, func(c net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(c)) }) // then it closes
	_, err := behind(t, "http://proxy.example", to(l)).DialTunnel(t.Context(), "a.example:443")
	if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want an end of file", err)
	}
}

func TestProxyThatIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, answer := range map[string]string{"says nothing": "", "says half": "HTTP/1.1 200 OK\r\n"} {
			near, far := net.Pipe()
			go func() {
				_, _ = http.ReadRequest(bufio.NewReader(far)) // it comes whole
				io.WriteString(far, answer)
			}()
			dial := func(context.Context, string, string) (net.Conn, error) { return near, nil }
			start := time.Now()
			_, err := behind(t, "http://proxy.example", dial).DialTunnel(t.Context(), "a.example:443")
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second {
				t.Errorf("%s: got %v after %v, want context.DeadlineExceeded after 5s", name, err, time.Since(start))
			}
			if _, err := near.Write(nil); !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("%s: the connection is still open: %v", name, err)
			}
			far.Close()
		}
	})
}

func TestProxyIsLeftOutForLoopback(t *testing.T) {
	t.Parallel()
	seen := new(dials)
	r := behind(t, "http://proxy.example", seen.dial)
	u, err := r.Reverse("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Dial(t.Context(), u); !errors.Is(err, errDialled) || len(seen.to) != 1 || seen.to[0] != "127.0.0.1:9999" {
		t.Errorf("got %v and dialled %q, want the stand-in directly", err, seen.to)
	}
	for _, hostport := range []string{"127.0.0.1:443", "localhost:443", "[fe80::1]:443", "10.0.0.1:443"} {
		if _, err := r.DialTunnel(t.Context(), hostport); reasonOf(err) != route.ReasonAddress {
			t.Errorf("%s: got %v, want a refusal for the address, proxy or not", hostport, err)
		}
	}
	if _, err := r.Dial(t.Context(), route.Upstream{Host: "localhost", Port: 80}); reasonOf(err) != route.ReasonAddress {
		t.Errorf("an upstream that no router made: got %v, want a refusal", err)
	}
	if len(seen.to) != 1 {
		t.Errorf("dialled %q, want nothing more", seen.to)
	}
}

func TestTLSInsideATLSProxy(t *testing.T) {
	t.Parallel()
	known := newAuthority(t)
	outer, inner := known.server(t, "proxy.example", time.Hour), known.server(t, "a.example", time.Hour)
	asked := make(chan *http.Request, 1)
	l := serve(t, func(c net.Conn) {
		secured := tls.Server(c, outer)
		request, err := http.ReadRequest(bufio.NewReader(secured))
		if err != nil {
			return
		}
		asked <- request
		io.WriteString(secured, "HTTP/1.1 200 OK\r\n\r\n")
		end := tls.Server(secured, inner)
		io.Copy(end, end)
	})
	proxy := &url.URL{Scheme: "https", Host: "proxy.example"}
	r := router(t, route.Options{
		Default: target(t, "https://a.example"), Proxy: proxy, RootCAs: known.pool, Dial: to(l),
		Resolver: resolves(map[string][]string{"proxy.example": {"192.0.2.1"}}),
	})
	u, err := r.Reverse("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Dial(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if request := <-asked; request.RequestURI != "a.example:443" {
		t.Errorf("the proxy was asked for %s, want a.example:443", request.RequestURI)
	}
	io.WriteString(c, "ping")
	got := make([]byte, 4)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "ping" {
		t.Errorf("read %q, %v, want ping", got, err)
	}
}

func TestUntrustedTLSProxyGetsNoCredentials(t *testing.T) {
	t.Parallel()
	known, unknown := newAuthority(t), newAuthority(t)
	config := unknown.server(t, "proxy.example", time.Hour)
	heard := make(chan int, 1)
	l := serve(t, func(c net.Conn) {
		n, _ := io.Copy(io.Discard, tls.Server(c, config)) // it ends in an alert
		heard <- int(n)
	})
	r := router(t, route.Options{
		Others: route.TunnelOthers, Proxy: &url.URL{Scheme: "https", Host: "proxy.example", User: url.UserPassword("me", "s3cret")},
		RootCAs: known.pool, Dial: to(l), Resolver: resolves(map[string][]string{"proxy.example": {"192.0.2.1"}}),
	})
	var untrusted *tls.CertificateVerificationError
	if _, err := r.DialTunnel(t.Context(), "a.example:443"); !errors.As(err, &untrusted) {
		t.Errorf("got %v, want a tls.CertificateVerificationError", err)
	}
	if n := <-heard; n != 0 {
		t.Errorf("the proxy read %d bytes, want none", n)
	}
}
