package auth

import (
	"context"
	"crypto/tls"
	"net"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
)

// Inner is a listener in memory, for the part of this process that speaks for others: what it says of where a call
// came from and of its client certificate is believed.
type Inner struct{ *bufconn.Listener }

// innerBuffer is what one direction of a connection in memory holds, in bytes.
const innerBuffer = 256 << 10

// NewInner makes a listener in memory. Closing it ends it.
func NewInner() Inner { return Inner{bufconn.Listen(innerBuffer)} }

// Accept waits for a connection.
func (l Inner) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return innerConn{conn}, nil
}

// innerConn marks the server's end of a connection in memory.
type innerConn struct{ net.Conn }

// innerInfo is what the server knows of such a connection.
type innerInfo struct{ credentials.CommonAuthInfo }

// AuthType names the connection.
func (innerInfo) AuthType() string { return "inner" }

// transport lets connections in memory pass and all others through TLS, or as they are without a configuration for it.
type transport struct {
	credentials.TransportCredentials
}

// NewTransport returns the credentials of a server that serves listeners of the network and an Inner. Without
// a configuration the former are not encrypted.
func NewTransport(c *tls.Config) credentials.TransportCredentials {
	if c == nil {
		return transport{insecure.NewCredentials()}
	}
	return transport{credentials.NewTLS(c)}
}

// ServerHandshake marks connections in memory and leaves the others to TLS.
func (t transport) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if _, inner := conn.(innerConn); inner {
		return conn, innerInfo{credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}}, nil
	}
	return t.TransportCredentials.ServerHandshake(conn)
}

// Clone returns credentials of the same kind.
func (t transport) Clone() credentials.TransportCredentials {
	return transport{t.TransportCredentials.Clone()}
}

// Dialer returns what grpc.WithContextDialer wants to connect to the listener.
func (l Inner) Dialer() func(context.Context, string) (net.Conn, error) {
	return func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }
}
