package proxy_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/proxy"
	"github.com/groovechaos/groovechaos/faults/route"
)

// secureOrigin starts an upstream that speaks TLS of one version, and returns
// who vouches for it.
func secureOrigin(t *testing.T, version uint16, handler http.HandlerFunc) (string, *x509.CertPool) {
	t.Helper()
	origin := httptest.NewUnstartedServer(handler)
	origin.TLS = &tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: version}
	origin.StartTLS()
	t.Cleanup(origin.Close)
	roots := x509.NewCertPool()
	roots.AddCert(origin.Certificate())
	return origin.URL, roots
}

// trusting lets the router trust somebody.
func trusting(roots *x509.CertPool) func(*route.Options) {
	return func(o *route.Options) { o.RootCAs = roots }
}

// cutter sends what TLS writes in other pieces: each record in two, the first of
// which is cut bytes long, or all that is held at once.
type cutter struct {
	net.Conn
	cut     int
	holding bool
	held    []byte
}

func (c *cutter) Write(p []byte) (int, error) {
	switch {
	case c.holding:
		c.held = append(c.held, p...)
		return len(p), nil
	case c.cut > 0 && len(p) > c.cut:
		if _, err := c.Conn.Write(p[:c.cut]); err != nil {
			return 0, err
		}
		time.Sleep(3 * time.Millisecond) // so that it arrives by itself
		n, err := c.Conn.Write(p[c.cut:])
		return c.cut + n, err
	default:
		return c.Conn.Write(p)
	}
}

func (c *cutter) letGo() error {
	c.holding = false
	_, err := c.Conn.Write(c.held)
	c.held = nil
	return err
}

// records is how TLS is cut on its way to the proxy.
type records struct {
	version uint16
	// cut is how long the first piece of each record is, 0 for whole ones; joined
	// lets records arrive together.
	cut    int
	joined bool
}

// TestKeptConnectionOfTLS plays the cases of TestKeptConnection with TLS on both
// sides, whose records arrive whole, cut, or several at a time.
func TestKeptConnectionOfTLS(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]records{
		"1.3":                              {version: tls.VersionTLS13},
		"1.2":                              {version: tls.VersionTLS12},
		"1.3, cut inside the head of each": {version: tls.VersionTLS13, cut: 3},
		"1.3, cut behind the head of each": {version: tls.VersionTLS13, cut: 5},
		"1.2, cut inside each":             {version: tls.VersionTLS12, cut: 20},
		"1.3, all of a turn in one piece":  {version: tls.VersionTLS13, joined: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for name, test := range keptCases {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					how.play(t, &test)
				})
			}
		})
	}
}

func (h *records) play(t *testing.T, test *keptCase) {
	t.Helper()
	upstream, roots := secureOrigin(t, h.version, manyOrigin)
	g := newGateway(t, forwards, upstream, unreached(t), trusting(roots))
	c, _ := g.tunnel(tapped+":443", "")
	cut := &cutter{Conn: c}
	s := tls.Client(cut, &tls.Config{RootCAs: g.roots, ServerName: tapped, MinVersion: tls.VersionTLS12, MaxVersion: h.version})
	r := bufio.NewReader(s)
	ask(t, s, r, "GET /first HTTP/1.1\r\nHost: "+tapped+"\r\n\r\n")
	g.wait(1)
	cut.cut = h.cut
	test.play(t, r, func(pieces ...string) {
		cut.holding = h.joined
		for _, piece := range pieces {
			send(t, s, strings.ReplaceAll(piece, "st: a\r\n", "st: "+tapped+"\r\n"))
			time.Sleep(5 * time.Millisecond) // so that it arrives by itself
		}
		if err := cut.letGo(); err != nil {
			t.Fatal(err)
		}
	})
	test.check(t, g.rig)
}

// securely is a raw origin that speaks TLS with a certificate of its own.
func securely(t *testing.T, serve func(c *tls.Conn, r *bufio.Reader)) (string, *x509.CertPool) {
	t.Helper()
	pki := httptest.NewUnstartedServer(http.NotFoundHandler())
	pki.StartTLS()
	t.Cleanup(pki.Close)
	roots := x509.NewCertPool()
	roots.AddCert(pki.Certificate())
	upstream := newRawOrigin(t, func(c net.Conn, _ *bufio.Reader) {
		s := tls.Server(c, pki.TLS)
		defer s.Close()
		serve(s, bufio.NewReader(s))
	})
	return strings.Replace(upstream, "http:", "https:", 1), roots
}

// TestSpentConnectionsOfTLSAreSeen: an upstream that closes a connection in order
// after some answers, of which the last comes together with its end, is never
// sent a request on it; nor is one that says so a while later.
func TestSpentConnectionsOfTLSAreSeen(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]time.Duration{"together": 0, "later": 30 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int64
			upstream, roots := securely(t, func(c *tls.Conn, r *bufio.Reader) {
				for range 4 {
					if _, err := headLines(r); err != nil {
						return
					}
					last := seen.Add(1)%4 == 0
					if last && later == 0 {
						if err := cork(c.NetConn(), true); err != nil {
							t.Error(err)
						}
					}
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				}
				time.Sleep(later)
			})
			rig := newRig(t, upstream, func(o *proxy.Options) { o.RootCAs = roots })
			c, r := rig.dial()
			const requests = 40
			for i := range requests {
				if i%4 == 0 {
					time.Sleep(2 * later)
				}
				send(t, c, "GET "+searchPath+" HTTP/1.1\r\nHost: a\r\n\r\n")
				response, body, err := finalResponse(r)
				if err != nil || response.StatusCode != 200 || body != "ok" {
					t.Fatalf("answer %d: got %v with %q (%v), want 200", i+1, response, body, err)
				}
			}
			if seen.Load() != requests {
				t.Errorf("the upstream saw %d requests, want %d", seen.Load(), requests)
			}
		})
	}
}

// TestUnaskedAnswerOfTLS: what an upstream sends beside its answer, in the same
// record or the next, does not become the answer to the next request.
func TestUnaskedAnswerOfTLS(t *testing.T) {
	t.Parallel()
	const answer, more = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"
	for name, records := range map[string][]string{"in one record": {answer + more}, "in the next": {answer, more}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream, roots := securely(t, func(c *tls.Conn, r *bufio.Reader) {
				for {
					if _, err := headLines(r); err != nil {
						return
					}
					_ = cork(c.NetConn(), true)
					for _, record := range records {
						_, _ = io.WriteString(c, record)
					}
					_ = cork(c.NetConn(), false)
				}
			})
			rig := newRig(t, upstream, func(o *proxy.Options) { o.RootCAs = roots })
			c, r := rig.dial()
			for i := range 6 {
				send(t, c, "GET "+searchPath+" HTTP/1.1\r\nHost: a\r\n\r\n")
				if response, body, err := finalResponse(r); err != nil || body != "ok" {
					t.Fatalf("answer %d: got %v with %q (%v), want the first of both", i+1, response, body, err)
				}
			}
		})
	}
}

// TestEndBehindARecordIsSeen: a client that closes right behind its request, so
// that both arrive at once, is answered or taken to have left, and in any case
// let go of.
func TestEndBehindARecordIsSeen(t *testing.T) {
	t.Parallel()
	upstream, roots := secureOrigin(t, tls.VersionTLS13, manyOrigin)
	g := newGateway(t, forwards, upstream, unreached(t), trusting(roots))
	for range 10 {
		s, c, r := g.secure()
		ask(t, s, r, "GET /first HTTP/1.1\r\nHost: "+tapped+"\r\n\r\n")
		if err := cork(c, true); err != nil {
			t.Fatal(err)
		}
		send(t, s, "GET /one HTTP/1.1\r\nHost: "+tapped+"\r\n\r\n")
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if err := c.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("the connection was still there after 5s")
		}
		g.wait(2)
	}
}
