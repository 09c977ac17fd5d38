package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// dialTLS opens a TLS connection to the origin's host through a peer: at
// once, or after a CONNECT.
func dialTLS(ctx context.Context, address string, connect bool) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if connect {
		if err := tunnel(conn); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	secure := tls.Client(conn, &tls.Config{
		ServerName: groove.HostAPI, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"},
		InsecureSkipVerify: true, //nolint:gosec // The peers are on this machine, and the client's work is not measured.
	})
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if connect && shown(secure) {
		return nil, errors.Join(errTunnelled, conn.Close())
	}
	return secure, nil
}

// errTunnelled says that a peer did not decrypt, and so did no work.
var errTunnelled = errors.New("the peer let TLS pass undecrypted")

// shown reports whether the other end has the certificate that certify made.
func shown(conn *tls.Conn) bool {
	certificates := conn.ConnectionState().PeerCertificates
	return len(certificates) > 0 && certificates[0].Issuer.CommonName == authorityName
}

// tunnel asks a forward proxy for the origin's host (RFC 9110, 9.3.6).
func tunnel(conn net.Conn) error {
	target := groove.HostAPI + ":443"
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, target); err != nil {
		return err
	}
	// Nothing follows the head until the client has spoken TLS, so the reader
	// takes no byte too many.
	reader := bufio.NewReader(conn)
	line, err := reader.ReadString('\n')
	if err != nil {
		return err
	}
	if len(line) < 12 || line[9:12] != "200" {
		return fmt.Errorf("ask for %s: the answer begins with %q", target, line)
	}
	_, _, err = readFields(reader)
	return err
}
