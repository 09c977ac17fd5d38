package route

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Hello is what a client says first.
type Hello struct {
	// TLS says that it begins a handshake; else it is plain text.
	TLS bool
	// ServerName is the host that it names by SNI, as sent, or "". It is for
	// Connect and Forward to judge.
	ServerName string
	// Protocols are those that it offers by ALPN, in its order.
	Protocols []string
}

// recordHandshake is the first byte of a TLS handshake (RFC 8446 §5.1). No
// request of HTTP begins with it.
const recordHandshake = 22

// defaultHelloLimit is several times what clients send with the largest key
// shares in use.
const defaultHelloLimit = 16 << 10

// Sniff tells TLS from plain text by the first bytes of a connection, and
// reads the ClientHello if it is TLS. The connection it returns starts with
// the same bytes again and has NetConn for the one beneath; it has no read
// deadline. At most limit bytes (0 means 16 KiB) are read until the
// ClientHello is complete, in at most the timeout.
//
// The error wraps os.ErrDeadlineExceeded, ErrHello or ErrHelloTooLong, or is
// that of reading; io.EOF if there was not one byte. The connection is not
// closed then.
func Sniff(c net.Conn, limit int, timeout time.Duration) (Hello, net.Conn, error) {
	if limit <= 0 {
		limit = defaultHelloLimit
	}
	if err := c.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return Hello{}, nil, fmt.Errorf("read first bytes: %w", err)
	}
	t := &tape{Conn: c, limit: limit}
	hello, err := t.hello()
	if err != nil {
		return Hello{}, nil, fmt.Errorf("read first bytes: %w", err)
	}
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		return Hello{}, nil, fmt.Errorf("read first bytes: %w", err)
	}
	return hello, replay(c, t.read), nil
}

// tape keeps what is read of a connection, and writes nothing to it.
type tape struct {
	net.Conn

	limit int
	// read is all that was read, of which played was given out.
	read   []byte
	played int
	// err is why reading ended.
	err error
}

// Read gives out what is on the tape, then reads on.
func (t *tape) Read(p []byte) (int, error) {
	if t.played == len(t.read) {
		if err := t.more(len(p)); err != nil {
			t.err = err
			return 0, err
		}
	}
	n := copy(p, t.read[t.played:])
	t.played += n
	return n, nil
}

// more reads at least one byte, up to a number of them.
func (t *tape) more(wanted int) error {
	if len(t.read) >= t.limit {
		return ErrHelloTooLong
	}
	chunk := make([]byte, min(wanted, t.limit-len(t.read)))
	n, err := io.ReadAtLeast(t.Conn, chunk, 1)
	t.read = append(t.read, chunk[:n]...)
	return err
}

// Write throws away the alert that ends the handshake.
func (*tape) Write(p []byte) (int, error) { return len(p), nil }

// Close leaves the connection open.
func (*tape) Close() error { return nil }

// errHeard ends a handshake once the ClientHello is known.
var errHeard = errors.New("heard")

// hello lets crypto/tls read a ClientHello and stops it there.
func (t *tape) hello() (Hello, error) {
	const first = 1024
	if err := t.more(first); err != nil {
		return Hello{}, err
	}
	if t.read[0] != recordHandshake {
		return Hello{}, nil
	}
	hello := Hello{TLS: true}
	server := tls.Server(t, &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(info *tls.ClientHelloInfo) (*tls.Config, error) {
			hello.ServerName, hello.Protocols = info.ServerName, info.SupportedProtos
			return nil, errHeard
		},
	})
	err := server.HandshakeContext(context.Background())
	switch {
	case errors.Is(err, errHeard):
		return hello, nil
	case t.err != nil:
		return Hello{}, t.err
	}
	return Hello{}, fmt.Errorf("%w: %w", ErrHello, err)
}
