package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// reverseCommand makes peerbench the proxy on httputil.ReverseProxy. It is
// started by peerbench alone.
const reverseCommand = "reverse-proxy"

const (
	reverseIdle   = 4096
	reverseBuffer = 32 << 10
)

func startReverse(ctx context.Context, s *site, c *scenario) (*running, error) {
	set, err := s.settings(ctx, c)
	if err != nil {
		return nil, err
	}
	return s.start(ctx, reverse, set.Listen, []string{s.programs[reverse], reverseCommand, set.Listen, set.Origin})
}

// serveReverse relays from the first address to the second until it is killed.
func serveReverse(args []string, errs io.Writer) int {
	if len(args) != 2 {
		fmt.Fprintf(errs, "peerbench: %s wants an address to listen on and one of the origin\n", reverseCommand)
		return exitUsage
	}
	server := &http.Server{Addr: args[0], Handler: newReverse(args[1]), ReadHeaderTimeout: time.Minute}
	err := server.ListenAndServe()
	if !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintf(errs, "peerbench: %v\n", err)
	}
	return exitFailed
}

// newReverse keeps all connections open and its copies in a pool.
func newReverse(origin string) *httputil.ReverseProxy {
	transport := &http.Transport{
		MaxIdleConns: reverseIdle, MaxIdleConnsPerHost: reverseIdle, IdleConnTimeout: 10 * time.Minute,
		DisableCompression: true,
	}
	target := &url.URL{Scheme: "http", Host: origin}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		Transport:  transport,
		BufferPool: &bufferPool{sync.Pool{New: func() any { return new([reverseBuffer]byte) }}},
	}
}

// bufferPool lends the buffers that bodies are copied with.
type bufferPool struct{ pool sync.Pool }

// Get returns a buffer.
func (b *bufferPool) Get() []byte { return b.pool.Get().(*[reverseBuffer]byte)[:] }

// Put takes a buffer back.
func (b *bufferPool) Put(buffer []byte) { b.pool.Put((*[reverseBuffer]byte)(buffer)) }
