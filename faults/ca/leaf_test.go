package ca_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/ca"
)

// pool trusts an authority and nothing else.
func pool(t testing.TB, a *ca.Authority) *x509.CertPool {
	t.Helper()
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(a.PEM()) {
		t.Fatal("PEM holds no certificate")
	}
	return p
}

// handshake lets a client that trusts only the authority connect, and returns
// what it sees.
func handshake(t *testing.T, a *ca.Authority, client *tls.Config, host string) (tls.ConnectionState, error) {
	t.Helper()
	near, far := net.Pipe()
	defer near.Close()
	ctx := t.Context()
	if host != "" {
		ctx = ca.WithHost(ctx, host)
	}
	var server sync.WaitGroup
	server.Go(func() {
		defer far.Close()
		_ = tls.Server(far, a.TLS("h2", "http/1.1")).HandshakeContext(ctx) // the client's error is looked at
	})
	c := tls.Client(near, client)
	err := c.HandshakeContext(t.Context())
	near.Close()
	server.Wait()
	return c.ConnectionState(), err
}

func TestClientsTrustTheCertificates(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Domains = append(o.Domains, "::1")
	a := open(t, o)
	for name, test := range map[string]struct {
		server, host string
		fails        bool
	}{
		"a host":                             {server: "api.example.com"},
		"a name below":                       {server: "eu.api.example.com"},
		"another spelling":                   {server: "API.Example.com"},
		"an address, named by the proxy":     {server: "127.0.0.1", host: "127.0.0.1"},
		"an IPv6 address":                    {server: "::1", host: "::1"},
		"a mapped address, named as IPv4":    {server: "127.0.0.1", host: "::ffff:127.0.0.1"},
		"the client's name before the proxy": {server: "api.example.com", host: "a.login.example"},
		"an address that nobody names":       {server: "127.0.0.1", fails: true},
		"a host that is not permitted":       {server: "bank.example", fails: true},
		"an address that is not permitted":   {server: "192.0.2.1", host: "192.0.2.1", fails: true},
		"another address than the client's":  {server: "127.0.0.1", host: "10.1.2.3", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := &tls.Config{RootCAs: pool(t, a), ServerName: test.server, NextProtos: []string{"http/1.1"}, Time: o.Now}
			state, err := handshake(t, a, config, test.host)
			if (err != nil) != test.fails {
				t.Fatalf("got %v, want an error: %t", err, test.fails)
			}
			if err == nil && (state.NegotiatedProtocol != "http/1.1" || len(state.VerifiedChains[0]) != 3) {
				t.Errorf("got protocol %q and a chain of %d, want http/1.1 and 3", state.NegotiatedProtocol, len(state.VerifiedChains[0]))
			}
		})
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	o := options(t)
	a := open(t, o)
	config := &tls.Config{
		RootCAs: pool(t, a), ServerName: "api.example.com", Time: o.Now, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
	}
	if _, err := handshake(t, a, config, ""); err == nil {
		t.Error("got a connection by TLS 1.1, want none")
	}
}

// TestConstraintsBindVerifiers signs with a key that is free of our own checks,
// as a thief of the key file could.
func TestConstraintsBindVerifiers(t *testing.T) {
	t.Parallel()
	o := options(t)
	a := open(t, o)
	for name, test := range map[string]struct {
		host string
		want bool
	}{
		"a host":              {"api.example.com", true},
		"a name below":        {"x.login.example", true},
		"an address":          {"10.200.0.1", true},
		"a strange host":      {"bank.example", false},
		"a name that ends so": {"notlogin.example", false},
		"a strange address":   {"192.0.2.1", false},
		"a strange IPv6":      {"2001:db8::1", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leaf, chain := ca.Forge(t, a, test.host)
			between := x509.NewCertPool()
			between.AddCert(chain)
			_, err := leaf.Verify(x509.VerifyOptions{DNSName: test.host, Roots: pool(t, a), Intermediates: between, CurrentTime: o.Now()})
			if (err == nil) != test.want {
				t.Errorf("verifying a stolen certificate for %s: got %v, want it trusted: %t", test.host, err, test.want)
			}
			if got := a.Permits(test.host) == nil; got != test.want {
				t.Errorf("Permits(%q) is %t, want %t as verifiers see it", test.host, got, test.want)
			}
		})
	}
}

func TestAnyHost(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Domains = []string{ca.AnyHost}
	a := open(t, o)
	for _, host := range []string{"bank.example", "192.0.2.1", "2001:db8::1"} {
		config := &tls.Config{RootCAs: pool(t, a), ServerName: host, Time: o.Now}
		if _, err := handshake(t, a, config, host); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestOnlyAddressesOrOnlyNames(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ domain, good, bad string }{
		"only addresses": {"10.0.0.0/8", "10.1.1.1", "a.example"},
		"only names":     {"a.example", "a.example", "10.1.1.1"},
		"only IPv4":      {"10.0.0.0/8", "10.1.1.1", "2001:db8::1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Domains = []string{test.domain}
			a := open(t, o)
			for _, host := range []string{test.good, test.bad} {
				leaf, chain := ca.Forge(t, a, host)
				between := x509.NewCertPool()
				between.AddCert(chain)
				_, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: pool(t, a), Intermediates: between, CurrentTime: o.Now()})
				if (err == nil) != (host == test.good) {
					t.Errorf("%s: got %v, want it trusted: %t", host, err, host == test.good)
				}
			}
		})
	}
}

func TestLeafIsWhatPlatformsAccept(t *testing.T) {
	t.Parallel()
	o := options(t)
	a := open(t, o)
	c, err := a.Certificate("API.example.com.")
	if err != nil {
		t.Fatal(err)
	}
	leaf, now := c.Leaf, o.Now()
	if got := leaf.NotAfter.Sub(leaf.NotBefore); got > 398*24*time.Hour || got < 30*24*time.Hour {
		t.Errorf("lasts %v, want 30 to 398 days", got)
	}
	if early := now.Sub(leaf.NotBefore); early < time.Hour || early > 24*time.Hour {
		t.Errorf("begins %v before now, want some hours", early)
	}
	if leaf.Subject.CommonName != "" || len(leaf.DNSNames) != 1 || leaf.DNSNames[0] != "api.example.com" {
		t.Errorf("has common name %q and names %v, want api.example.com as alternative name alone", leaf.Subject.CommonName, leaf.DNSNames)
	}
	if len(leaf.ExtKeyUsage) != 1 || leaf.ExtKeyUsage[0] != x509.ExtKeyUsageServerAuth || leaf.IsCA {
		t.Errorf("has extended key usages %v and IsCA %t, want serverAuth and false", leaf.ExtKeyUsage, leaf.IsCA)
	}
	if leaf.PublicKeyAlgorithm != x509.ECDSA || leaf.SerialNumber.Sign() <= 0 || leaf.SerialNumber.BitLen() < 64 {
		t.Errorf("has a key of %v and serial number %v, want ECDSA and a long positive one", leaf.PublicKeyAlgorithm, leaf.SerialNumber)
	}
}

func TestLeafIsRenewedInTime(t *testing.T) {
	t.Parallel()
	o, c := options(t), newClock()
	o.Now = c.Now
	a := open(t, o)
	get := func() *x509.Certificate {
		t.Helper()
		got, err := a.Certificate("api.example.com")
		if err != nil {
			t.Fatal(err)
		}
		return got.Leaf
	}
	first := get()
	c.add(59 * 24 * time.Hour)
	if get() != first {
		t.Error("after 59 days there is a new certificate, want the first still")
	}
	c.add(2 * 24 * time.Hour)
	second := get()
	if second == first || !second.NotAfter.After(first.NotAfter) {
		t.Errorf("after 61 days the certificate ends on %v, want one that ends after %v", second.NotAfter, first.NotAfter)
	}
	if get() != second {
		t.Error("the renewed certificate was not kept")
	}
	c.add(a.NotAfter().Sub(c.Now()) - time.Hour)
	if last := get(); last.NotAfter.After(a.NotAfter()) || !last.NotAfter.After(c.Now()) {
		t.Errorf("the last certificate ends on %v, want by the end of the authority, %v", last.NotAfter, a.NotAfter())
	}
}

func TestCertificateIsMadeOnce(t *testing.T) {
	t.Parallel()
	a := open(t, options(t))
	const many = 64
	var (
		got  [many]*tls.Certificate
		wait sync.WaitGroup
		gate = make(chan struct{})
	)
	for i := range many {
		wait.Go(func() {
			<-gate
			got[i], _ = a.Certificate([]string{"api.example.com", "API.EXAMPLE.COM"}[i%2])
		})
	}
	close(gate)
	wait.Wait()
	for i, c := range got {
		if c == nil || c != got[0] {
			t.Fatalf("call %d got %p, want %p like the first", i, c, got[0])
		}
	}
}

func TestCertificatesAreBounded(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Leaves = 8
	a := open(t, o)
	get := func(host string) *tls.Certificate {
		t.Helper()
		c, err := a.Certificate(host)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	used, unused := get("used.login.example"), get("unused.login.example")
	for i := range 30 {
		get(fmt.Sprintf("h%d.login.example", i))
		if get("used.login.example") != used {
			t.Fatalf("after %d others a certificate in use was forgotten", i+1)
		}
		if kept := ca.Kept(a); kept > o.Leaves {
			t.Fatalf("after %d hosts %d certificates are kept, want at most %d", i+3, kept, o.Leaves)
		}
	}
	if get("unused.login.example") == unused {
		t.Error("a certificate that was not used is still kept, want it forgotten")
	}
}

func TestCertificateRefusesHosts(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Domains = []string{ca.AnyHost}
	a := open(t, o)
	for name, host := range map[string]string{
		"nothing":             "",
		"a dot":               ".",
		"two dots":            "a..example",
		"a wildcard":          "*.example",
		"a port":              "a.example:443",
		"a space":             "a .example",
		"a NUL":               "a.example\x00",
		"a line":              "a.example\r\n",
		"not ASCII":           "b\u00fccher.example",
		"a hyphen in front":   "-a.example",
		"a long label":        strings.Repeat("a", 64) + ".example",
		"a long name":         strings.Repeat("a.", 130) + "example",
		"a number":            "2130706433",
		"a short address":     "127.1",
		"an octal address":    "0177.0.0.1",
		"a hexadecimal part":  "1.0x7f",
		"brackets":            "[::1]",
		"a zone":              "fe80::1%eth0",
		"a path":              "a.example/x",
		"a user":              "u@a.example",
		"an underscore alone": "%5f.example",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c, err := a.Certificate(host); !errors.Is(err, ca.ErrHost) {
				t.Errorf("Certificate(%q): got %v, %v, want ErrHost", host, c, err)
			}
		})
	}
}

func TestForbiddenHostsAreNotKept(t *testing.T) {
	t.Parallel()
	a := open(t, options(t))
	for range 2 {
		if _, err := a.Certificate("bank.example"); !errors.Is(err, ca.ErrForbidden) {
			t.Errorf("got %v, want ErrForbidden", err)
		}
	}
	if kept := ca.Kept(a); kept != 0 {
		t.Errorf("%d certificates are kept, want 0", kept)
	}
}

func BenchmarkCertificate(b *testing.B) {
	o := options(b)
	o.Now = nil
	a := open(b, o)
	b.Run("kept", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := a.Certificate("api.example.com"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := a.Certificate(fmt.Sprintf("h%d.login.example", i)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
