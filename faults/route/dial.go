package route

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// clientTLS is how upstreams are spoken to. HTTP/2 is not offered: the relay
// speaks HTTP/1.1.
func clientTLS(roots *x509.CertPool) *tls.Config {
	const sessions = 256
	return &tls.Config{
		RootCAs:            roots,
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{"http/1.1"},
		ClientSessionCache: tls.NewLRUClientSessionCache(sessions),
	}
}

// Dial opens a connection to an upstream that Reverse or Forward returned, by
// TLS if it is secure, and through the upstream proxy if there is one. The
// error is or wraps a *RefusedError, a *ProxyError, a *net.DNSError, a
// *net.OpError, an error of crypto/tls, or context.DeadlineExceeded when it
// takes longer than Options.DialTimeout.
func (r *Router) Dial(ctx context.Context, u Upstream) (net.Conn, error) {
	return r.DialOver(ctx, u, func(c net.Conn) net.Conn { return c })
}

// DialOver is Dial with TLS, where there is some, on what wrap makes of the
// connection beneath.
func (r *Router) DialOver(ctx context.Context, u Upstream, wrap func(net.Conn) net.Conn) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	c, err := r.reach(ctx, u.destination(), u.fixed)
	if err != nil {
		return nil, err
	}
	if !u.Secure {
		return c, nil
	}
	return r.secure(ctx, wrap(c), u.Host)
}

// DialTunnel opens a connection to a host and port for a tunnel that Connect
// allowed; it asks Connect again. Errors are those of Dial.
func (r *Router) DialTunnel(ctx context.Context, hostport string) (net.Conn, error) {
	if _, err := r.Connect(hostport); err != nil {
		return nil, err
	}
	d, err := parseHostPort(hostport)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return r.reach(ctx, d, false)
}

// reach opens a connection over which the destination is spoken to.
func (r *Router) reach(ctx context.Context, d destination, fixed bool) (net.Conn, error) {
	if r.proxy == nil || fixed && (d.addr.IsLoopback() || isLocalhost(d.name)) {
		return r.connect(ctx, d, fixed)
	}
	if !fixed {
		if err := r.checkNamed(d); err != nil {
			return nil, err
		}
	}
	return r.throughProxy(ctx, d)
}

// connect resolves a destination, checks all its addresses, and dials them in
// turn.
func (r *Router) connect(ctx context.Context, d destination, fixed bool) (net.Conn, error) {
	addresses, err := r.resolve(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", d, err)
	}
	for _, addr := range addresses {
		if err := r.checkAddress(d, addr, fixed); err != nil {
			return nil, err
		}
	}
	var first error
	for i, addr := range addresses {
		c, err := r.dialOne(ctx, netip.AddrPortFrom(addr, d.port), len(addresses)-i)
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("dial %s: %w", d, first)
}

// resolve returns the addresses of a destination, at least one.
func (r *Router) resolve(ctx context.Context, d destination) ([]netip.Addr, error) {
	if d.addr.IsValid() {
		return []netip.Addr{d.addr}, nil
	}
	addresses, err := r.resolver.LookupNetIP(ctx, "ip", d.name)
	if err != nil {
		return nil, err
	}
	if len(addresses) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: d.name, IsNotFound: true}
	}
	for i, addr := range addresses {
		addresses[i] = addr.Unmap()
	}
	return addresses, nil
}

// dialOne dials an address with its share of the time that is left, so that
// one that swallows packets leaves some to the next.
func (r *Router) dialOne(ctx context.Context, to netip.AddrPort, left int) (net.Conn, error) {
	const least = 2 * time.Second
	if deadline, ok := ctx.Deadline(); ok && left > 1 {
		share := max(time.Until(deadline)/time.Duration(left), least)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, share)
		defer cancel()
	}
	c, err := r.dial(ctx, "tcp", to.String())
	if err == nil && r.own != nil {
		r.own.add(c, time.Now())
	}
	return c, err
}

// secure makes a connection one of TLS, or closes it.
func (r *Router) secure(ctx context.Context, c net.Conn, name string) (net.Conn, error) {
	config := r.tls.Clone()
	config.ServerName = name
	secured := tls.Client(c, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, fmt.Errorf("open TLS to %s: %w", name, err)
	}
	return secured, nil
}
