package route

import "net"

// replayed is a connection of which something was read already.
type replayed struct {
	net.Conn

	early []byte
}

// replay returns c as if the early bytes had not been read.
func replay(c net.Conn, early []byte) net.Conn {
	if len(early) == 0 {
		return c
	}
	return &replayed{Conn: c, early: early}
}

// Read returns the early bytes first.
func (c *replayed) Read(p []byte) (int, error) {
	if len(c.early) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.early)
	if c.early = c.early[n:]; len(c.early) == 0 {
		c.early = nil
	}
	return n, nil
}

// NetConn returns the connection beneath, as tls.Conn does. Reading from it
// misses the early bytes.
func (c *replayed) NetConn() net.Conn { return c.Conn }

// CloseWrite closes the sending half, where the connection can.
func (c *replayed) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}
