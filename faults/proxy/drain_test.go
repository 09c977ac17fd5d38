package proxy_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/proxy"
)

// TestThrottleKeepsItsPaceInADrain: it is let go, but must not spin, which in
// a bubble would let no time pass at all.
func TestThrottleKeepsItsPaceInADrain(t *testing.T) {
	t.Parallel()
	for name, dial := range map[string]func(*bubble) http.RoundTripper{
		"HTTP/1.1": func(b *bubble) http.RoundTripper { return b.client.Transport },
		"HTTP/2":   func(b *bubble) http.RoundTripper { return overHTTP2(b.front) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spun := time.AfterFunc(time.Minute, func() { panic("a throttled answer spins while the proxy drains") })
			defer spun.Stop()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 20)) })
				defer b.close()
				client := &http.Client{Transport: dial(b)}
				defer client.CloseIdleConnections()
				if err := b.engine.Apply([]faults.Fault{{Name: "thin", Throttle: &faults.Throttle{BytesPerSecond: 1, Chunk: 1}}}); err != nil {
					t.Fatal(err)
				}
				response, err := client.Get("http://proxy" + searchPath)
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				began := time.Now()
				time.AfterFunc(5*time.Second, func() { _ = b.stop() })
				body, err := io.ReadAll(response.Body)
				// 5 s at the pace of the fault, then 5 s of draining at the same.
				if n := len(body); err == nil || n < 9 || n > 11 || time.Since(began) != 10*time.Second {
					t.Errorf("got %d bytes and %v after %v, want about 10 and an end with the drain, after 10s", n, err, time.Since(began))
				}
			})
		})
	}
}

// overHTTP2 speaks HTTP/2 without TLS to a listener in memory.
func overHTTP2(front *memory) http.RoundTripper {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Transport{DialContext: front.dial, DisableCompression: true, Protocols: protocols}
}

// gate is a client's connection on which something was read a while before the
// reader learns of it, once the gate is shut.
type gate struct {
	net.Conn

	shut atomic.Bool
	open chan struct{}
}

func (g *gate) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if g.shut.Swap(false) {
		<-g.open
	}
	return n, err
}

// TestRequestThatMeetsTheDrainIsServed, with its body: it had come when the
// connection was told to end.
func TestRequestThatMeetsTheDrainIsServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		origin := newMemory()
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = server.Serve(origin)
		}()
		front := &gated{memory: newMemory(), conns: make(chan *gate, 1)}
		p, err := proxy.New(proxy.Options{Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Engine: newEngine(), Dial: origin.dial, ClientIdle: time.Minute, Stall: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- p.Serve(ctx, front) }()
		c, err := front.dial(ctx, "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		r := bufio.NewReader(c)
		ask(t, c, r, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		synctest.Wait() // it rests, and reads
		g := <-front.conns
		g.shut.Store(true)
		send(t, c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
		synctest.Wait()
		cancel()
		synctest.Wait() // it is told to end, as one that rests
		close(g.open)
		send(t, c, "hi")
		response, body, err := finalResponse(r)
		if err != nil || response.StatusCode != 200 || body != "hi" {
			t.Errorf("got %v, %q, %v; want 200 with the body", response, body, err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		server.Close()
		<-ended
	})
}

// gated is a network whose connections have gates on the side of the listener.
type gated struct {
	*memory
	conns chan *gate
}

func (g *gated) Accept() (net.Conn, error) {
	c, err := g.memory.Accept()
	if err != nil {
		return nil, err
	}
	one := &gate{Conn: c, open: make(chan struct{})}
	g.conns <- one
	return one, nil
}
