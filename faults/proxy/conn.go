package proxy

import (
	"net"
	"sync/atomic"
	"time"
)

// listener numbers the connections that it accepts.
type listener struct {
	net.Listener
	core *core
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, number: l.core.connections.Add(1), clock: l.core.clock}, nil
}

// conn is a client's connection. It knows when the last byte was handed over,
// which net/http does after its handler has returned.
type conn struct {
	net.Conn
	number uint64
	clock  func() time.Duration

	written atomic.Int64
	last    atomic.Int64
	failed  atomic.Bool

	// The goroutine that serves the connection alone touches these.
	used     uint64
	current  *flight
	hijacked bool
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.written.Add(int64(n))
	c.last.Store(int64(c.clock()))
	if err != nil {
		c.failed.Store(true)
	}
	return n, err
}

// lastWrite is when a write last ended.
func (c *conn) lastWrite() time.Duration { return time.Duration(c.last.Load()) }

// CloseWrite closes the sending half where the connection has halves.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// breakOff makes the coming close a reset where there is such a thing, so that
// it cannot be taken for the end of an answer.
func (c *conn) breakOff() {
	if tcp, ok := c.Conn.(interface{ SetLinger(sec int) error }); ok {
		_ = tcp.SetLinger(0) // the connection is closed in any case
	}
}
