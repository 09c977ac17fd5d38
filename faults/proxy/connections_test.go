package proxy_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// newCounted starts a proxy for an upstream, and returns its address and what ends it.
func newCounted(t *testing.T, upstream string) (p *proxy.Proxy, at string) {
	t.Helper()
	target, err := url.Parse(upstream)
	if err != nil {
		t.Fatal(err)
	}
	if p, err = proxy.New(proxy.Options{Upstream: target, Engine: faults.NewEngine(1), DialTimeout: time.Second}); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- p.Serve(t.Context(), l) }()
	t.Cleanup(func() {
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return p, l.Addr().String()
}

// untilCounted waits for the connections to be as they should.
func untilCounted(t *testing.T, p *proxy.Proxy, want proxy.Connections) {
	t.Helper()
	end := time.Now().Add(10 * time.Second)
	for p.Connections() != want {
		if time.Now().After(end) {
			t.Fatalf("connections are %+v, want %+v", p.Connections(), want)
		}
		time.Sleep(time.Millisecond)
	}
}

func statusBy(t *testing.T, client *http.Client, at string) int {
	t.Helper()
	response, err := client.Get("http://" + at + searchPath)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

func TestConnectionsToUpstreamsAreCounted(t *testing.T) {
	t.Parallel()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
	defer upstream.Close()
	p, at := newCounted(t, upstream.URL)
	client := newClient()
	defer client.CloseIdleConnections()
	for range 3 {
		statusBy(t, client, at)
		untilCounted(t, p, func() proxy.Connections { c := p.Connections(); c.Idle, c.Open = 1, 1; return c }())
	}
	untilCounted(t, p, proxy.Connections{Dialled: 1, Reused: 2, Open: 1, Idle: 1})
	// The upstream ends what nobody uses: the next exchange finds that out, unless it comes in the same moment, and takes another.
	upstream.CloseClientConnections()
	time.Sleep(50 * time.Millisecond)
	if got := statusBy(t, client, at); got != http.StatusOK {
		t.Fatalf("got %d", got)
	}
	untilCounted(t, p, proxy.Connections{Dialled: 2, Reused: 3, Stale: 1, Open: 1, Idle: 1})
}

func TestConnectionsThatCannotBeMadeAreCounted(t *testing.T) {
	t.Parallel()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	p, at := newCounted(t, "http://"+gone.Addr().String())
	client := newClient()
	defer client.CloseIdleConnections()
	if got := statusBy(t, client, at); got != http.StatusBadGateway {
		t.Fatalf("got %d, want 502", got)
	}
	untilCounted(t, p, proxy.Connections{Failed: 1})
}
