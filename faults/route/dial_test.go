package route_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults/route"
)

func TestResolvedAddressesAreChecked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers []string
		allow   string
		dialled string
		reason  route.Reason
	}{
		"a public address":              {[]string{"192.0.2.1"}, "", "192.0.2.1:443", 0},
		"two":                           {[]string{"2001:db8::1", "192.0.2.1"}, "", "[2001:db8::1]:443 192.0.2.1:443", 0},
		"a mapped one":                  {[]string{"::ffff:192.0.2.1"}, "", "192.0.2.1:443", 0},
		"loopback":                      {[]string{"127.0.0.1"}, "", "", route.ReasonAddress},
		"loopback, mapped":              {[]string{"::ffff:127.0.0.1"}, "", "", route.ReasonAddress},
		"metadata by NAT64":             {[]string{"64:ff9b::a9fe:a9fe"}, "", "", route.ReasonAddress},
		"a public and a private one":    {[]string{"192.0.2.1", "10.0.0.1"}, "", "", route.ReasonAddress},
		"a zone":                        {[]string{"2001:db8::1%eth0"}, "", "", route.ReasonAddress},
		"unspecified":                   {[]string{"::"}, "", "", route.ReasonAddress},
		"loopback, its name allowed":    {[]string{"127.0.0.1"}, "a.example", "127.0.0.1:443", 0},
		"loopback, a suffix allowed":    {[]string{"127.0.0.1"}, "*.example:443", "127.0.0.1:443", 0},
		"loopback, another port":        {[]string{"127.0.0.1"}, "a.example:444", "", route.ReasonAddress},
		"private, its prefix allowed":   {[]string{"10.1.2.3"}, "10.0.0.0/8", "10.1.2.3:443", 0},
		"private, another one allowed":  {[]string{"10.1.2.3"}, "10.2.0.0/16", "", route.ReasonAddress},
		"unspecified, its name allowed": {[]string{"0.0.0.0"}, "a.example", "", route.ReasonAddress},
		"multicast, all allowed":        {[]string{"224.0.0.1"}, "0.0.0.0/0", "", route.ReasonAddress},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := new(dials)
			o := route.Options{
				Default: target(t, "origin"), Intercept: []string{"a.example"}, Others: route.TunnelOthers, Dial: seen.dial,
				Resolver: resolves(map[string][]string{"a.example": test.answers}),
			}
			if test.allow != "" {
				o.Allow = []string{test.allow}
			}
			r := router(t, o)
			u, err := r.Forward("a.example", 443, true)
			if err != nil {
				t.Fatal(err)
			}
			for kind, dial := range map[string]func() error{
				"origin": func() error { _, err := r.Dial(t.Context(), u); return err },
				"tunnel": func() error { _, err := r.DialTunnel(t.Context(), "a.example:443"); return err },
			} {
				seen.to = nil
				err := dial()
				if got := strings.Join(seen.to, " "); got != test.dialled || reasonOf(err) != test.reason || err == nil {
					t.Errorf("%s: dialled %q and got %v, want %q and reason %d", kind, got, err, test.dialled, test.reason)
				}
				if test.reason == 0 && !errors.Is(err, errDialled) {
					t.Errorf("%s: got %v, want the error of dialling", kind, err)
				}
			}
		})
	}
}

// TestRebindingChangesNothing: the second answer of the resolver is never
// asked for within a connection, and refused at the next.
func TestRebindingChangesNothing(t *testing.T) {
	t.Parallel()
	seen := new(dials)
	resolver := &names{answers: map[string][][]string{"a.example": {{"192.0.2.1"}, {"169.254.169.254"}}}}
	r := router(t, route.Options{Others: route.TunnelOthers, Dial: seen.dial, Resolver: resolver})
	_, first := r.DialTunnel(t.Context(), "a.example:443")
	if !errors.Is(first, errDialled) || resolver.asked != 1 || !slices.Equal(seen.to, []string{"192.0.2.1:443"}) {
		t.Errorf("got %v after %d lookups and %q, want one lookup and its address", first, resolver.asked, seen.to)
	}
	_, second := r.DialTunnel(t.Context(), "a.example:443")
	if reasonOf(second) != route.ReasonAddress || len(seen.to) != 1 {
		t.Errorf("then got %v after %q, want a refusal and nothing dialled", second, seen.to)
	}
	var refused *route.RefusedError
	if errors.As(second, &refused) && (!strings.Contains(second.Error(), "169.254") || strings.Contains(refused.Reason.String(), "169.254")) {
		t.Errorf("got %v for the operator and %q for the client, want the address in the first alone", second, refused.Reason)
	}
}

func TestFixedTargetsMayBeLocal(t *testing.T) {
	t.Parallel()
	seen := new(dials)
	resolver := resolves(map[string][]string{"standin.internal": {"10.0.0.1"}, "me.internal": {"127.0.0.1"}})
	r := router(t, route.Options{
		Default: target(t, "http://standin.internal:8080"), Dial: seen.dial, Resolver: resolver,
		Hosts: map[string]route.Target{"me.example": target(t, "http://me.internal:7710")},
		Self:  []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:7710")},
	})
	dial := func(host string) error {
		t.Helper()
		u, err := r.Reverse(host)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Dial(t.Context(), u)
		return err
	}
	if err := dial("any"); !errors.Is(err, errDialled) || !slices.Equal(seen.to, []string{"10.0.0.1:8080"}) {
		t.Errorf("got %v and dialled %q, want the private address", err, seen.to)
	}
	if err := dial("me.example"); reasonOf(err) != route.ReasonSelf || len(seen.to) != 1 {
		t.Errorf("a target that resolves to ourselves: got %v and dialled %q, want a refusal", err, seen.to)
	}
}

func TestDialTriesTheNextAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		var tried []string
		dial := func(ctx context.Context, _, address string) (net.Conn, error) {
			tried = append(tried, address)
			switch len(tried) {
			case 1:
				<-ctx.Done() // swallows packets
				return nil, &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
			case 2:
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}
			return near, nil
		}
		r := router(t, route.Options{
			Others: route.TunnelOthers, Dial: dial, DialTimeout: 9 * time.Second,
			Resolver: resolves(map[string][]string{"a.example": {"192.0.2.1", "192.0.2.2", "192.0.2.3"}}),
		})
		start := time.Now()
		c, err := r.DialTunnel(t.Context(), "a.example:443")
		if err != nil || c != near || len(tried) != 3 {
			t.Fatalf("got %v, %v after %q, want the third", c, err, tried)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v, want the third of the time that the first address had", took)
		}
		c.Close()
	})
}

func TestDialErrorsAreTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wait := func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		failing := func(err error) func(context.Context, string, string) (net.Conn, error) {
			return func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Err: err}
			}
		}
		var dns *net.DNSError
		for name, test := range map[string]struct {
			host string
			dial func(context.Context, string, string) (net.Conn, error)
			is   func(error) bool
		}{
			"no such name":     {"none.example", failing(nil), func(err error) bool { return errors.As(err, &dns) && dns.IsNotFound }},
			"no address":       {"empty.example", failing(nil), func(err error) bool { return errors.As(err, &dns) && dns.IsNotFound }},
			"refused":          {"a.example", failing(syscall.ECONNREFUSED), func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
			"unreachable":      {"a.example", failing(syscall.EHOSTUNREACH), func(err error) bool { return errors.Is(err, syscall.EHOSTUNREACH) }},
			"nothing for long": {"a.example", wait, func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }},
		} {
			r := router(t, route.Options{
				Others: route.TunnelOthers, Dial: test.dial,
				Resolver: resolves(map[string][]string{"a.example": {"192.0.2.1"}, "empty.example": {}}),
			})
			start := time.Now()
			_, err := r.DialTunnel(t.Context(), test.host+":443")
			if !test.is(err) || !strings.Contains(err.Error(), test.host) {
				t.Errorf("%s: got %v, want it to be told apart and to name the host", name, err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("%s: took %v, want at most the 10 seconds of the default", name, took)
			}
		}
	})
}

// authority signs certificates for tests.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pool        *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key, pool: x509.NewCertPool()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.certificate)
	return a
}

// server returns a configuration with a certificate for a host, which ends
// some time from now.
func (a *authority) server(t *testing.T, host string, end time.Duration) *tls.Config {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(end)}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: a.key}},
		NextProtos:   []string{"h2", "http/1.1"},
	}
}

func TestDialVerifiesTLS(t *testing.T) {
	t.Parallel()
	known, unknown := newAuthority(t), newAuthority(t)
	old := known.server(t, "a.example", time.Hour)
	old.MaxVersion = tls.VersionTLS11
	old.MinVersion = tls.VersionTLS10
	for name, test := range map[string]struct {
		host   string
		server *tls.Config
		trust  bool
		sni    string
		as     func(error) bool
	}{
		"a name":          {"a.example", known.server(t, "a.example", time.Hour), true, "a.example", nil},
		"an address":      {"192.0.2.1", known.server(t, "192.0.2.1", time.Hour), true, "", nil},
		"an IPv6 address": {"2001:db8::1", known.server(t, "2001:db8::1", time.Hour), true, "", nil},
		"another name":    {"a.example", known.server(t, "b.example", time.Hour), false, "a.example", isTLS[x509.HostnameError]},
		"another address": {"192.0.2.1", known.server(t, "192.0.2.2", time.Hour), false, "", isTLS[x509.HostnameError]},
		"expired":         {"a.example", known.server(t, "a.example", -time.Minute), false, "a.example", isTLS[x509.CertificateInvalidError]},
		"untrusted":       {"a.example", unknown.server(t, "a.example", time.Hour), false, "a.example", isTLS[x509.UnknownAuthorityError]},
		"TLS 1.1":         {"a.example", old, false, "a.example", isTLS[tls.AlertError]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sni := make(chan string, 2)
			test.server.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
				sni <- hello.ServerName + " " + strings.Join(hello.SupportedProtos, ",")
				return nil, nil //nolint:nilnil // it is the configuration as it is
			}
			l := serve(t, func(c net.Conn) {
				_ = tls.Server(c, test.server).HandshakeContext(t.Context()) // what the client makes of it is looked at
			})
			r := router(t, route.Options{
				Default: target(t, "origin"), Intercept: []string{"*"}, RootCAs: known.pool, Dial: to(l),
				Resolver: resolves(map[string][]string{"a.example": {"192.0.2.1"}}),
			})
			u, err := r.Forward(test.host, 443, true)
			if err != nil {
				t.Fatal(err)
			}
			c, err := r.Dial(t.Context(), u)
			if (err == nil) != test.trust || err != nil && test.as != nil && !test.as(err) {
				t.Fatalf("got %v (%T), want it trusted: %t, and the cause to be found", err, errors.Unwrap(err), test.trust)
			}
			if got, want := <-sni, test.sni+" http/1.1"; got != want {
				t.Errorf("the server heard %q, want %q", got, want)
			}
			if err != nil {
				return
			}
			defer c.Close()
			if got := c.(*tls.Conn).ConnectionState().NegotiatedProtocol; got != "http/1.1" {
				t.Errorf("negotiated %q, want http/1.1", got)
			}
		})
	}
}

// isTLS reports whether an error is of a type, or for an alert what
// crypto/tls calls a protocol that is not supported.
func isTLS[E error](err error) bool {
	var want E
	return errors.As(err, &want) || strings.Contains(err.Error(), "protocol version")
}

func TestDialTLSToAPlainServer(t *testing.T) {
	t.Parallel()
	l := serve(t, func(c net.Conn) {
		io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		io.Copy(io.Discard, c)
	})
	var dialled []*watched
	r := router(t, route.Options{
		Default:  target(t, "https://a.example"),
		Resolver: resolves(map[string][]string{"a.example": {"192.0.2.1"}}),
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := to(l)(ctx, network, address)
			dialled = append(dialled, &watched{Conn: c})
			return dialled[0], err
		},
	})
	u, err := r.Reverse("")
	if err != nil {
		t.Fatal(err)
	}
	var header tls.RecordHeaderError
	if _, err := r.Dial(t.Context(), u); !errors.As(err, &header) {
		t.Errorf("got %v, want a tls.RecordHeaderError", err)
	}
	if len(dialled) != 1 || !dialled[0].closed {
		t.Errorf("got %d connections, want one that is closed", len(dialled))
	}
}

// watched knows whether it was closed.
type watched struct {
	net.Conn

	closed bool
}

func (w *watched) Close() error {
	w.closed = true
	return w.Conn.Close()
}

func TestDialTLSToASilentServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		go io.Copy(io.Discard, far)
		r := router(t, route.Options{
			Default: target(t, "https://192.0.2.1"), DialTimeout: 3 * time.Second,
			Dial: func(context.Context, string, string) (net.Conn, error) { return near, nil },
		})
		u, err := r.Reverse("")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := r.Dial(t.Context(), u); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("got %v after %v, want context.DeadlineExceeded after 3s", err, time.Since(start))
		}
		if _, err := near.Write(nil); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the connection is still open: %v", err)
		}
	})
}

func TestDialResumesSessions(t *testing.T) {
	t.Parallel()
	known := newAuthority(t)
	config := known.server(t, "a.example", time.Hour)
	l := serve(t, func(c net.Conn) {
		secured := tls.Server(c, config)
		io.WriteString(secured, "x")
		io.Copy(io.Discard, secured)
	})
	r := router(t, route.Options{
		Default: target(t, "https://a.example"), RootCAs: known.pool, Dial: to(l), Resolver: resolves(map[string][]string{"a.example": {"192.0.2.1"}}),
	})
	u, err := r.Reverse("")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		c, err := r.Dial(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil { // the ticket comes before it
			t.Fatal(err)
		}
		if got := c.(*tls.Conn).ConnectionState().DidResume; got != (i == 1) {
			t.Errorf("connection %d resumed a session: %t, want %t", i+1, got, i == 1)
		}
		c.Close()
	}
}
