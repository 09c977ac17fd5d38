//go:build !race

package proxy

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// crowd is clients that send the same request over a connection each.
type crowd []*bufio.ReadWriter

func gather(t *testing.T, address string, size int) crowd {
	t.Helper()
	c := make(crowd, size)
	for i := range c {
		var dialer net.Dialer
		conn, err := dialer.DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		c[i] = bufio.NewReadWriter(bufio.NewReaderSize(conn, 16), bufio.NewWriterSize(conn, 16))
	}
	return c
}

func (c crowd) ask(t *testing.T) {
	t.Helper()
	for _, conn := range c {
		_, err := io.WriteString(conn, "GET /1/content/music/catalog/genres?country=US HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: crowd\r\n\r\n")
		if err == nil {
			err = conn.Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (c crowd) expect(t *testing.T, status int) {
	t.Helper()
	for i, conn := range c {
		response, err := http.ReadResponse(conn.Reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, response.Body)
		if response.Body.Close(); err != nil || response.StatusCode != status {
			t.Fatalf("client %d: got %s, %v; want status %d", i, response.Status, err, status)
		}
	}
}

func stacks() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.StackInuse
}

// One frame too large anywhere between the first byte of a request and the last of its answer doubles the stack of
// every client, and that for good: a stack is made smaller only if less than a quarter of it is in use. The race
// detector makes all frames larger.
func TestHeldExchangesHaveSmallStacks(t *testing.T) { //nolint:paralleltest // Stacks are counted over the whole process.
	const size, most = 512, 5 << 10
	engine := faults.NewEngine(1)
	hold := func(wait time.Duration) {
		down := faults.Fault{Name: "down", Answer: &faults.Answer{Status: http.StatusServiceUnavailable}}
		if err := engine.Apply([]faults.Fault{{Name: "slow", Delay: &faults.Delay{Fixed: &wait}}, down}); err != nil {
			t.Fatal(err)
		}
	}
	hold(50 * time.Millisecond)
	p, err := New(Options{Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Engine: engine, Record: func(*observe.Attempt) {}})
	if err != nil {
		t.Fatal(err)
	}
	front, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	before := stacks()
	go func() { ended <- p.Serve(ctx, front) }()
	clients := gather(t, front.Addr().String(), size)
	clients.ask(t)
	clients.expect(t, http.StatusServiceUnavailable)
	hold(time.Hour)
	clients.ask(t)
	for deadline := time.Now().Add(time.Minute); engine.Uses()[0].Held < size && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	held, after := engine.Uses()[0].Held, stacks()
	stop()
	clients.expect(t, http.StatusServiceUnavailable)
	if err := <-ended; err != nil {
		t.Errorf("serve: %v", err)
	}
	if held != size {
		t.Fatalf("got %d exchanges held at once, want %d", held, size)
	}
	if each := (int64(after) - int64(before)) / size; each > most {
		t.Errorf("got a stack of %d bytes for each exchange that is held, want at most %d", each, most)
	}
}
