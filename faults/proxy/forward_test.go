package proxy_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/ca"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
	"github.com/groovechaos/groovechaos/faults/route"
)

// The hosts of these tests: one that is intercepted and has a target, one that
// is passed on undecrypted, one that nobody listed.
const (
	tapped  = "api.media.microsoft.com"
	foreign = "foreign.example"
	unknown = "unknown.example"
)

// names resolves the hosts of these tests to loopback.
type names struct{}

func (names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if host == tapped || host == foreign {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

// gateway is a proxy with a router, in modes that a test chooses.
type gateway struct {
	*rig
	roots *x509.CertPool
}

// newGateway starts one whose intercepted host is served by upstream. Ports 80
// and 443 of the foreign host lead to elsewhere.
func newGateway(t *testing.T, modes proxy.Modes, upstream, elsewhere string, change ...func(*route.Options)) *gateway {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	authority, err := ca.Open(ca.Options{Dir: t.TempDir(), Domains: []string{tapped}})
	if err != nil {
		t.Fatal(err)
	}
	target, err := route.Fixed(parse(t, upstream))
	if err != nil {
		t.Fatal(err)
	}
	options := route.Options{
		Default: target, Hosts: map[string]route.Target{tapped: target}, Intercept: []string{tapped}, Allow: []string{foreign, "foreign.example:80", "foreign.example:443"},
		Others: route.TunnelOthers, Resolver: names{}, Self: []netip.AddrPort{netip.MustParseAddrPort(l.Addr().String())},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.HasSuffix(address, ":80") || strings.HasSuffix(address, ":443") {
				address = strings.TrimPrefix(elsewhere, "http://")
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
	for _, c := range change {
		c(&options)
	}
	router, err := route.New(options)
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{rig: &rig{t: t, addr: l.Addr().String(), engine: faults.NewEngine(1), recorded: make(chan struct{}, 1<<16)}, roots: x509.NewCertPool()}
	pem, err := os.ReadFile(authority.CertificateFile())
	if err != nil || !g.roots.AppendCertsFromPEM(pem) {
		t.Fatalf("read the root: %v", err)
	}
	g.serve(l, modes, proxy.Options{Router: router, Engine: g.engine, Record: g.record, Authority: func() (*ca.Authority, error) { return authority, nil }, Drain: 500 * time.Millisecond})
	return g
}

// serve runs a proxy on l until the test ends.
func (r *rig) serve(l net.Listener, modes proxy.Modes, options proxy.Options) {
	r.t.Helper()
	p, err := proxy.New(options)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.t.Context())
	served := make(chan error, 1)
	go func() { served <- p.ServeModes(ctx, l, modes) }()
	r.client = newClient()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			r.t.Errorf("serve: %v", err)
		}
	})
	r.t.Cleanup(r.stop)
}

var forwards = proxy.Modes{Forward: true}

// echoing is an upstream that answers with what it was asked.
func echoing(t *testing.T) string {
	t.Helper()
	return newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.Method+" "+r.Host+" "+r.RequestURI+" "+string(body))
	})
}

// ask sends raw bytes and returns the answer.
func ask(t *testing.T, c net.Conn, r *bufio.Reader, raw string) (*http.Response, string) {
	t.Helper()
	send(t, c, raw)
	response, body, err := finalResponse(r)
	if err != nil {
		t.Fatalf("%.60q: %v", raw, err)
	}
	return response, body
}

func TestAbsoluteFormIsForwarded(t *testing.T) {
	t.Parallel()
	g := newGateway(t, forwards, echoing(t), echoing(t))
	c, r := g.dial()
	for _, test := range []struct {
		raw, want string
	}{
		{"GET http://" + tapped + searchPath + " HTTP/1.1\r\nHost: " + tapped + "\r\n\r\n", "GET " + tapped + " " + searchPath + " "},
		{"POST http://" + foreign + "/x HTTP/1.1\r\nHost: other.example\r\nContent-Length: 2\r\nProxy-Connection: keep-alive\r\n\r\nhi", "POST " + foreign + " /x hi"},
		{"GET HTTP://" + strings.ToUpper(tapped) + "?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET " + strings.ToUpper(tapped) + " /?q "},
	} {
		response, body := ask(t, c, r, test.raw)
		// The target of the intercepted host may be called by its own name.
		if host := strings.Fields(body); response.StatusCode != 200 || host[0] != strings.Fields(test.want)[0] || strings.Fields(test.want)[2] != host[2] || strings.Contains(test.raw, foreign) && body != test.want {
			t.Errorf("got %s with %q, want %q", response.Status, body, test.want)
		}
	}
	for _, a := range g.wait(2) {
		if !strings.EqualFold(a.Host, tapped) || a.Status != 200 {
			t.Errorf("recorded %d of %q, want 200 of %s and nothing of the foreign host", a.Status, a.Host, tapped)
		}
	}
}

// TestRequestWithoutHostDoesNotFollowTheLastOne: HTTP/1.0 names none, and the
// request before it was for another host than the listener's own.
func TestRequestWithoutHostDoesNotFollowTheLastOne(t *testing.T) {
	t.Parallel()
	g := newGateway(t, proxy.Modes{Reverse: true, Forward: true}, echoing(t), newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/x" {
			t.Errorf("the foreign host was asked for %s", r.URL)
		}
		_, _ = io.WriteString(w, "foreign")
	}))
	c, r := g.dial()
	if response, body := ask(t, c, r, "GET http://"+foreign+"/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"); response.StatusCode != 200 || body != "foreign" {
		t.Fatalf("got %s with %q of the foreign host", response.Status, body)
	}
	if response, body := ask(t, c, r, "GET /own HTTP/1.0\r\n\r\n"); response.StatusCode != 200 || !strings.HasSuffix(body, " /own ") {
		t.Errorf("got %s with %q, want the listener's own upstream", response.Status, body)
	}
	if a := g.wait(1)[0]; a.Target != "/own" {
		t.Errorf("recorded %q, want /own", a.Target)
	}
}

// TestForeignHostsAreLeftAlone: no fault strikes them and nothing of them is
// recorded; what follows on the same connection is.
func TestForeignHostsAreLeftAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		raw    string
		status int
	}{
		"an intercepted host": {"GET http://" + tapped + searchPath + " HTTP/1.1\r\nHost: a\r\n\r\n", 503},
		"a refused host":      {"GET http://127.0.0.1:22/ HTTP/1.1\r\nHost: a\r\n\r\n", 403},
		"a bad head":          {"GET http://" + tapped + "/ HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", 400},
		"origin form":         {"GET / HTTP/1.1\r\nHost: " + tapped + "\r\n\r\n", 400},
		"a refused tunnel":    {"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\n\r\n", 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, forwards, unreached(t), echoing(t))
			g.apply(answerFault("down", 503))
			c, r := g.dial()
			if response, body := ask(t, c, r, "GET http://"+foreign+"/x HTTP/1.1\r\nHost: a\r\n\r\n"); response.StatusCode != 200 {
				t.Errorf("got %s with %q of the foreign host, want its 200", response.Status, body)
			}
			if response, body := ask(t, c, r, test.raw); response.StatusCode != test.status {
				t.Errorf("got %s with %q, want %d", response.Status, body, test.status)
			}
			if a := g.wait(1)[0]; a.Status != test.status {
				t.Errorf("recorded %d, want %d", a.Status, test.status)
			}
			g.stop()
			if len(g.attempts) != 1 {
				t.Errorf("got %d records, want 1", len(g.attempts))
			}
		})
	}
}

// TestRefusedDestinations get 403 and a record, by either way of asking.
func TestRefusedDestinations(t *testing.T) {
	t.Parallel()
	g := newGateway(t, forwards, unreached(t), unreached(t))
	for name, to := range map[string]string{
		"loopback":             "127.0.0.1:6379",
		"loopback, IPv6":       "[::1]:443",
		"loopback, mapped":     "[::ffff:127.0.0.1]:443",
		"loopback by its name": "localhost:443",
		"loopback as a number": "2130706433:443",
		"link-local":           "169.254.169.254:80",
		"private":              "10.0.0.1:443",
		"unspecified":          "0.0.0.0:443",
		"another port":         unknown + ":22",
		"our own listener":     g.addr,
	} {
		for form, raw := range map[string]string{
			"CONNECT":       "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n\r\n",
			"absolute form": "GET http://" + to + "/ HTTP/1.1\r\nHost: " + to + "\r\n\r\n",
		} {
			c, r := g.dial()
			response, body := ask(t, c, r, raw)
			if response.StatusCode != 403 || response.Header.Get("Groovechaos-Failure") != "destination_refused" {
				t.Errorf("%s by %s: got %s, failure %q, %q; want 403, destination_refused", name, form, response.Status, response.Header.Get("Groovechaos-Failure"), body)
			}
			c.Close()
			if a := g.wait(1)[0]; a.Status != 403 || a.Origin != observe.OriginOurs || a.Forwarded || !strings.Contains(a.Reason, "refused") {
				t.Errorf("%s by %s: recorded %d, %s, forwarded %t, %q; want 403, ours", name, form, a.Status, a.Origin, a.Forwarded, a.Reason)
			}
		}
	}
}

// TestFormsThatAListenerDoesNotTake are answered and recorded.
func TestFormsThatAListenerDoesNotTake(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		modes  proxy.Modes
		raw    string
		status int
		word   string
	}{
		"CONNECT on reverse":          {proxy.Modes{Reverse: true}, "CONNECT " + tapped + ":443 HTTP/1.1\r\nHost: a\r\n\r\n", 501, "connect"},
		"origin form on forward":      {forwards, "GET / HTTP/1.1\r\nHost: " + tapped + "\r\n\r\n", 400, "request_form"},
		"asterisk form on forward":    {forwards, "OPTIONS * HTTP/1.1\r\nHost: " + tapped + "\r\n\r\n", 400, "request_form"},
		"CONNECT with a body":         {forwards, "CONNECT " + tapped + ":443 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 400, "request_head"},
		"CONNECT without a port":      {forwards, "CONNECT " + tapped + " HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request_head"},
		"HTTP/1.0 without Host, both": {proxy.Modes{Forward: true, Reverse: true}, "GET / HTTP/1.0\r\n\r\n", 200, ""},
		"origin form on both":         {proxy.Modes{Forward: true, Reverse: true}, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, test.modes, echoing(t), unreached(t))
			c, r := g.dial()
			response, body := ask(t, c, r, test.raw)
			if response.StatusCode != test.status || response.Header.Get("Groovechaos-Failure") != test.word {
				t.Errorf("got %s, failure %q, %q; want %d, %q", response.Status, response.Header.Get("Groovechaos-Failure"), body, test.status, test.word)
			}
			c.Close()
			if a := g.wait(1)[0]; a.Status != test.status {
				t.Errorf("recorded %d, want %d", a.Status, test.status)
			}
		})
	}
}

// tunnel opens one to host and port.
func (g *gateway) tunnel(to, early string) (net.Conn, *bufio.Reader) {
	g.t.Helper()
	c, r := g.dial()
	send(g.t, c, "CONNECT "+to+" HTTP/1.1\r\nHost: "+to+"\r\n\r\n"+early)
	if head := readHead(g.t, r); head[0] != "HTTP/1.1 200 Connection established" {
		g.t.Fatalf("got %q, want the tunnel", head)
	}
	return c, r
}

// secure opens a tunnel to the intercepted host and speaks HTTP/1.1 by TLS in it.
func (g *gateway) secure() (*tls.Conn, net.Conn, *bufio.Reader) {
	g.t.Helper()
	c, _ := g.tunnel(tapped+":443", "")
	s := tls.Client(c, &tls.Config{RootCAs: g.roots, ServerName: tapped, NextProtos: []string{"http/1.1"}})
	if err := s.Handshake(); err != nil {
		g.t.Fatal(err)
	}
	return s, c, bufio.NewReader(s)
}

// TestInterceptedTunnel decrypts, relays, injects, and records.
func TestInterceptedTunnel(t *testing.T) {
	t.Parallel()
	g := newGateway(t, forwards, echoing(t), unreached(t))
	s, _, r := g.secure()
	for use := range 3 {
		response, body := ask(t, s, r, "POST "+addPath+" HTTP/1.1\r\nHost: "+tapped+"\r\nContent-Length: 2\r\n\r\nhi")
		if response.StatusCode != 200 || !strings.HasPrefix(body, "POST ") || !strings.HasSuffix(body, addPath+" hi") {
			t.Errorf("got %s with %q, want the upstream's 200", response.Status, body)
		}
		if a := g.wait(1)[0]; a.Host != tapped || a.Status != 200 || a.ConnUse != uint64(use+1) || a.Endpoint == "" {
			t.Errorf("recorded %d of %q, use %d; want 200 of %s, use %d", a.Status, a.Host, a.ConnUse, tapped, use+1)
		}
	}
	g.apply(answerFault("down", 503))
	if response, _ := ask(t, s, r, "GET "+searchPath+" HTTP/1.1\r\nHost: "+tapped+":443\r\n\r\n"); response.StatusCode != 503 {
		t.Errorf("got %s, want the injected 503", response.Status)
	}
	g.apply()
	for _, host := range []string{foreign, "login.live.com", "127.0.0.1"} {
		response, _ := ask(t, s, r, "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
		if response.StatusCode != 421 || response.Header.Get("Groovechaos-Failure") != "misdirected" {
			t.Errorf("got %s for the host %s, want 421", response.Status, host)
		}
	}
	if response, _ := ask(t, s, r, "GET https://"+tapped+"/ HTTP/1.1\r\nHost: "+foreign+"\r\n\r\n"); response.StatusCode != 200 {
		t.Errorf("got %s for the absolute form of the same host, want 200", response.Status)
	}
	if response, _ := ask(t, s, r, "CONNECT "+foreign+":443 HTTP/1.1\r\nHost: a\r\n\r\n"); response.StatusCode != 501 {
		t.Errorf("got %s for a tunnel inside the tunnel, want 501", response.Status)
	}
	s.Close()
	g.wait(6)
	g.stop()
	if len(g.attempts) != 9 {
		t.Errorf("got %d records, want 9: nothing of the tunnel itself", len(g.attempts))
	}
}

// TestBreaksInsideTLS end the connection beneath.
func TestBreaksInsideTLS(t *testing.T) {
	t.Parallel()
	for _, how := range []faults.BreakKind{faults.BreakReset, faults.BreakClose} {
		for _, at := range breakPoints[1:] {
			t.Run(string(how)+" "+string(at), func(t *testing.T) {
				t.Parallel()
				origin, _ := breakOrigin(t, "a declared length")
				g := newGateway(t, forwards, origin, unreached(t))
				g.apply(breakAt(how, at))
				s, c, r := g.secure()
				send(t, s, strings.Replace(breakPost, "Host: a", "Host: "+tapped, 1))
				got, err := io.ReadAll(r)
				if reset := errors.Is(err, syscall.ECONNRESET); reset != (how == faults.BreakReset) || !reset && err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("got %v, want a %s", err, how)
				}
				c.Close()
				checkBrokenAnswer(t, string(got), at, "a declared length")
				checkBreakRecord(t, g.wait(1)[0], how, at)
			})
		}
	}
}

// TestHoldsInsideTLS see the client leave, and the fault go.
func TestHoldsInsideTLS(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]bool{"the client leaves": true, "the fault goes": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, forwards, echoing(t), unreached(t))
			g.apply(slow(time.Minute))
			s, _, r := g.secure()
			send(t, s, "GET "+searchPath+" HTTP/1.1\r\nHost: "+tapped+"\r\n\r\n")
			for held(g.engine) == 0 {
				time.Sleep(time.Millisecond) // until the exchange is held
			}
			if leaves {
				s.Close()
				if a := g.wait(1)[0]; a.End != observe.EndClientLeft || a.Status != 0 || a.Delay <= 0 {
					t.Errorf("recorded %s, %d, delay %v; want client_left, 0", a.End, a.Status, a.Delay)
				}
				return
			}
			g.apply()
			for use := range 2 {
				if use > 0 {
					send(t, s, "GET "+searchPath+" HTTP/1.1\r\nHost: "+tapped+"\r\n\r\n")
				}
				if response, _, err := finalResponse(r); err != nil || response.StatusCode != 200 {
					t.Fatalf("got %v, %v; want 200", response, err)
				}
			}
		})
	}
}

// TestPlainTextInsideATunnel to an intercepted host is taken in as well, with
// what came with the CONNECT.
func TestPlainTextInsideATunnel(t *testing.T) {
	t.Parallel()
	const request = "GET " + searchPath + " HTTP/1.1\r\nHost: " + tapped + "\r\n\r\n"
	for name, early := range map[string]string{"nothing early": "", "some early": request[:10], "all early": request} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, forwards, echoing(t), unreached(t))
			g.apply(every(answerFault("down", 503), 2))
			c, r := g.tunnel(tapped+":80", early)
			for i, want := range []int{200, 503, 200} {
				raw := request
				if i == 0 {
					raw = request[len(early):]
				}
				if response, body := ask(t, c, r, raw); response.StatusCode != want {
					t.Errorf("answer %d: got %s with %q, want %d", i+1, response.Status, body, want)
				}
			}
			if response, _ := ask(t, c, r, "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"+strings.Repeat("x", 1000)); response.StatusCode != 400 {
				t.Errorf("got %s for a bad head, want 400", response.Status)
			}
			if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
				t.Errorf("got %q, %v; want the end in order", rest, err)
			}
			c.Close()
			g.wait(4)
		})
	}
}

// TestTunnelPassesBytes undecrypted, early ones too, and each half's end.
func TestTunnelPassesBytes(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	var conns atomic.Int64
	elsewhere := newRawOrigin(t, func(c net.Conn, r *bufio.Reader) {
		conns.Add(1)
		_, _ = io.WriteString(c, "220 hello\r\n")
		text, _ := io.ReadAll(r)
		got <- string(text)
		_, _ = io.WriteString(c, "221 bye\r\n")
	})
	g := newGateway(t, forwards, unreached(t), elsewhere)
	g.apply(answerFault("down", 503))
	c, r := g.tunnel(foreign+":443", "\x16\x03\x01early ")
	if line, err := r.ReadString('\n'); err != nil || line != "220 hello\r\n" {
		t.Errorf("got %q, %v; want the greeting", line, err)
	}
	send(t, c, "and late\x00\xff")
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != "\x16\x03\x01early and late\x00\xff" {
		t.Errorf("the other side got %q, want every byte", text)
	}
	if rest, err := io.ReadAll(r); err != nil || string(rest) != "221 bye\r\n" {
		t.Errorf("got %q, %v; want what comes behind our half's end", rest, err)
	}
	g.stop()
	if len(g.attempts) != 0 || conns.Load() != 1 {
		t.Errorf("got %d records and %d connections, want 0 and 1", len(g.attempts), conns.Load())
	}
}

// TestTunnelEndsWithTheProxy although nobody closes it.
func TestTunnelEndsWithTheProxy(t *testing.T) {
	t.Parallel()
	g := newGateway(t, forwards, unreached(t), newRawOrigin(t, func(_ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) }))
	_, r := g.tunnel(foreign+":443", "")
	began := time.Now()
	g.stop()
	if _, err := r.ReadByte(); err == nil || time.Since(began) > 8*time.Second {
		t.Errorf("got %v after %v, want an end within the drain", err, time.Since(began))
	}
}

// TestTunnelToNobody is answered, and recorded as ours.
func TestTunnelToNobody(t *testing.T) {
	t.Parallel()
	g := newGateway(t, forwards, unreached(t), closedPort)
	c, r := g.dial()
	if response, _ := ask(t, c, r, "CONNECT "+foreign+":443 HTTP/1.1\r\nHost: a\r\n\r\n"); response.StatusCode != 502 || response.Header.Get("Groovechaos-Failure") != "upstream_refused" {
		t.Errorf("got %s, failure %q; want 502, upstream_refused", response.Status, response.Header.Get("Groovechaos-Failure"))
	}
	c.Close()
	if a := g.wait(1)[0]; a.Status != 502 || a.Origin != observe.OriginOurs {
		t.Errorf("recorded %d, %s; want 502, ours", a.Status, a.Origin)
	}
}
