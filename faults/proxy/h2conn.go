package proxy

import (
	"net"
	"sync"
	"sync/atomic"

	"github.com/groovechaos/groovechaos/faults/route"
)

// http2Conn is a client's connection that speaks HTTP/2.
type http2Conn struct {
	// session knows where requests go. It reads and writes nothing, and is not
	// changed any more.
	session *session
	used    atomic.Uint64
	// closed is closed when net/http is through with the connection.
	closed chan struct{}

	mu sync.Mutex
	// over is set when no stream is to begin any more.
	over    bool
	streams sync.WaitGroup
}

func (s *session) newHTTP2Conn(c net.Conn, at origin) *http2Conn {
	own := s.server.newSession(c, s.raw, s.number)
	own.origin, own.modes = at, s.modes
	return &http2Conn{session: own, closed: make(chan struct{})}
}

// enter lets a stream begin. It is false when the connection is over.
func (c *http2Conn) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.streams.Add(1)
	}
	return !c.over
}

func (c *http2Conn) exit() { c.streams.Done() }

// finish waits for the streams that have begun.
func (c *http2Conn) finish() {
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	c.streams.Wait()
}

// locate finds out where a request goes. HTTP/2 has no absolute form: on a
// listener that is only a forward proxy, :authority says what that would.
func (c *http2Conn) locate(authority string) (route.Upstream, error) {
	modes := c.session.modes
	return c.session.upstreamOf(authority, modes.Forward && !modes.Reverse, false)
}
