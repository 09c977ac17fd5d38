package proxy_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/ca"
	"github.com/groovechaos/groovechaos/faults/proxy"
	"github.com/groovechaos/groovechaos/faults/route"
)

// TestDeafTLSClientsDoNotHoldUpTheEnd: the upstream takes its time, and the
// clients would not even take the alert that ends TLS.
func TestDeafTLSClientsDoNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const clients = 20
		front, back := newMemory(), newMemory()
		authority, err := ca.Open(ca.Options{Dir: t.TempDir(), Domains: []string{tapped}})
		if err != nil {
			t.Fatal(err)
		}
		target, err := route.Fixed(&url.URL{Scheme: "http", Host: "127.0.0.1:1"})
		if err != nil {
			t.Fatal(err)
		}
		router, err := route.New(route.Options{
			Default: target, Intercept: []string{tapped}, Others: route.RefuseOthers, Dial: back.dial, Resolver: names{},
			Self: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:2")},
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := proxy.New(proxy.Options{
			Router: router, Engine: faults.NewEngine(1), Drain: time.Second,
			Authority: func() (*ca.Authority, error) { return authority, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- p.ServeModes(ctx, front, forwards) }()
		var peers []io.Closer
		for range clients {
			c := shakeHands(ctx, t, front)
			if _, err := io.WriteString(c, "GET "+searchPath+" HTTP/1.1\r\nHost: "+tapped+"\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			upstream, err := back.Accept()
			if err != nil {
				t.Fatal(err)
			}
			peers = append(peers, c, upstream)
			readHead(t, bufio.NewReader(upstream))
		}
		began := time.Now()
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("ended after %v, want the drain of 1s and no more", took)
		}
		for _, p := range peers {
			p.Close()
		}
	})
}

// shakeHands opens a connection to the tapped host in TLS, which is never read
// from afterwards.
func shakeHands(ctx context.Context, t *testing.T, front *memory) net.Conn {
	t.Helper()
	c, err := front.dial(ctx, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(c, "CONNECT %s:443 HTTP/1.1\r\nHost: %[1]s\r\n\r\n", tapped); err != nil {
		t.Fatal(err)
	}
	if head := readHead(t, bufio.NewReaderSize(c, 1)); head[0] != "HTTP/1.1 200 Connection established" {
		t.Fatalf("got %q", head[0])
	}
	secure := tls.Client(c, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
	if err := secure.HandshakeContext(ctx); err != nil {
		t.Fatal(err)
	}
	return secure
}
