package proxy

import "net"

// beneath is the connection at the bottom of those that wrap each other.
func beneath(c net.Conn) net.Conn {
	for {
		wrapper, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return c
		}
		c = wrapper.NetConn()
	}
}

// plainTCP is the TCP connection that c is, nil if it is another or has TLS
// or bytes that were read ahead on top.
func plainTCP(c net.Conn) *net.TCPConn {
	if s, ok := c.(interface{ tcp() *net.TCPConn }); ok {
		return s.tcp()
	}
	tcp, _ := c.(*net.TCPConn)
	return tcp
}
