package ca

import (
	"context"
	"crypto/tls"
)

// TLS returns the configuration of a server that answers in the name of any
// host it may. One is made for many connections, which share its session
// tickets. Protocols are what it offers by ALPN, best first.
//
// The certificate is for the name that the client sends (SNI, RFC 6066 §3). A
// client that sends none, as for an IP address, gets one for the host of
// WithHost in the context of HandshakeContext; without it the handshake fails.
func (a *Authority) TLS(protocols ...string) *tls.Config {
	return &tls.Config{
		GetCertificate: a.choose,
		MinVersion:     tls.VersionTLS12,
		NextProtos:     protocols,
	}
}

func (a *Authority) choose(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := hello.ServerName
	if name == "" {
		name, _ = hello.Context().Value(hostKey{}).(string)
	}
	return a.Certificate(name)
}

type hostKey struct{}

// WithHost returns a context for tls.Conn.HandshakeContext that names the host
// of clients that do not: the one of CONNECT, or the address they dialled.
func WithHost(ctx context.Context, host string) context.Context {
	return context.WithValue(ctx, hostKey{}, host)
}
