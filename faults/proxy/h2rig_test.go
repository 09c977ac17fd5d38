package proxy_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/groovechaos/groovechaos/faults/ca"
	"github.com/groovechaos/groovechaos/faults/proxy"
	"github.com/groovechaos/groovechaos/faults/route"
)

// newPlainHTTP2 is a rig whose client speaks HTTP/2 without TLS and without
// asking first.
func newPlainHTTP2(t *testing.T, upstream string, change ...func(*proxy.Options)) *rig {
	t.Helper()
	r := newRig(t, upstream, change...)
	speakHTTP2(r)
	return r
}

// speakHTTP2 lets the client of a rig speak it, without TLS.
func speakHTTP2(r *rig) {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	r.client.Transport = &http.Transport{DisableCompression: true, Protocols: protocols}
}

// interceptedHost is what the clients of an intercepting rig ask for.
const interceptedHost = "music.example"

// newInterceptedHTTP2 is a rig whose client speaks HTTP/2 with TLS through a
// tunnel that the proxy decrypts.
func newInterceptedHTTP2(t *testing.T, upstream string, change ...func(*proxy.Options)) *rig {
	t.Helper()
	authority, err := ca.Open(ca.Options{Dir: t.TempDir(), Domains: []string{"example"}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target, err := route.Fixed(parse(t, upstream))
	if err != nil {
		t.Fatal(err)
	}
	router, err := route.New(route.Options{Default: target, Intercept: []string{interceptedHost}})
	if err != nil {
		t.Fatal(err)
	}
	change = append([]func(*proxy.Options){func(o *proxy.Options) {
		o.Upstream, o.Router = nil, router
		o.Authority = func() (*ca.Authority, error) { return authority, nil }
	}}, change...)
	r := newHTTP2RigIn(t, l, proxy.Modes{Forward: true}, upstream, change...)
	roots := x509.NewCertPool()
	roots.AddCert(authority.Root())
	proxyURL := parse(t, r.url)
	r.client.Transport = &http.Transport{
		DisableCompression: true, ForceAttemptHTTP2: true,
		Proxy:           http.ProxyURL(proxyURL),
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}
	r.url = "https://" + interceptedHost
	return r
}

// newHTTP2RigIn is newRigOn with a listener of other modes.
func newHTTP2RigIn(t *testing.T, l net.Listener, m proxy.Modes, upstream string, change ...func(*proxy.Options)) *rig {
	t.Helper()
	r := &rig{t: t, addr: l.Addr().String(), engine: newEngine(), recorded: make(chan struct{}, 1<<16)}
	r.url = "http://" + r.addr
	options := proxy.Options{Upstream: parse(t, upstream), Engine: r.engine, Record: r.record}
	for _, c := range change {
		c(&options)
	}
	p, err := proxy.New(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- p.ServeModes(ctx, l, m) }()
	r.client = newClient()
	r.stop = sync.OnceFunc(func() {
		r.client.CloseIdleConnections()
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

type newRigFunc = func(t *testing.T, upstream string, change ...func(*proxy.Options)) *rig

// http2Ways are the ways in which HTTP/2 comes in.
var http2Ways = map[string]newRigFunc{"intercepted": newInterceptedHTTP2, "with prior knowledge": newPlainHTTP2}
