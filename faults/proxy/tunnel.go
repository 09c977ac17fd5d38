package proxy

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/route"
)

var establishedHead = []byte("HTTP/1.1 200 Connection established\r\n\r\n")

// connect takes a CONNECT: the tunnel is taken in, opened or refused. The
// connection carries no other request of its own afterwards.
func (s *session) connect() bool {
	s.upload.none()
	s.upstream = route.Upstream{}
	if !s.modes.Forward || s.origin.host != "" {
		return s.fail(failConnect)
	}
	target := text(s.request.Target())
	d, err := s.server.proxy.options.Router.Connect(target)
	if err != nil {
		return s.failRelay(err)
	}
	if d.Action == route.Tunnel {
		return s.openTunnel(target)
	}
	if _, err := s.server.tls(); err != nil {
		s.logInterception(d, err)
		return s.fail(failAuthority)
	}
	s.silent = true
	if s.send(establishedHead) == nil {
		s.in.used += s.prefix
		s.intercept(s.pushBack(), d)
	}
	s.broken = true
	return false
}

// openTunnel passes bytes both ways without looking at them.
func (s *session) openTunnel(target string) bool {
	upstream, err := s.server.proxy.options.Router.DialTunnel(s.server.base, target)
	if err != nil {
		return s.failRelay(err)
	}
	defer upstream.Close()
	s.silent = true
	if s.attach(upstream) && s.send(establishedHead) == nil {
		s.tunnel(upstream, nil)
	}
	s.attach(nil)
	s.broken = true
	return false
}

// pushBack is the client's connection with what was read ahead of it before it.
func (s *session) pushBack() net.Conn {
	s.reads.at(time.Time{})
	s.writes.at(time.Time{})
	early := append([]byte(nil), s.in.rest()...)
	s.in.used = s.in.end
	if len(early) == 0 {
		return s.client
	}
	return &readAheadConn{Conn: s.client, early: early}
}

// readAheadConn reads what was read ahead first.
type readAheadConn struct {
	net.Conn
	early []byte
}

func (c *readAheadConn) Read(p []byte) (int, error) {
	if len(c.early) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.early)
	c.early = c.early[n:]
	return n, nil
}

// NetConn is the connection beneath.
func (c *readAheadConn) NetConn() net.Conn { return c.Conn }

// CloseWrite closes the sending half where the connection has halves.
func (c *readAheadConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// intercept takes the place of the host that the client wants to reach.
func (s *session) intercept(c net.Conn, d route.Decision) {
	hello, c, err := route.Sniff(c, 0, s.server.proxy.options.HeadTimeout)
	if err != nil {
		s.logInterception(d, err)
		return
	}
	if !hello.TLS {
		s.serveOrigin(c, origin{host: d.Host, port: d.Port})
		return
	}
	s.decrypt(c, d)
}

// decrypt shakes hands in the name of the host, and serves what the client
// asks of it.
func (s *session) decrypt(c net.Conn, d route.Decision) {
	config, err := s.server.tls()
	if err != nil {
		s.logInterception(d, err)
		return
	}
	secure := tls.Server(carry(c), config)
	ctx, cancel := s.server.handshake(d.Host)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		s.logInterception(d, err)
		return
	}
	at := origin{host: d.Host, port: d.Port, secure: true, fixed: true}
	if secure.ConnectionState().NegotiatedProtocol == "h2" {
		s.serveHTTP2(secure, at)
		return
	}
	s.serveOrigin(quick(secure), at)
}

// serveOrigin serves the requests on a connection that is for a host.
func (s *session) serveOrigin(c net.Conn, at origin) {
	n := s.server.newSession(c, s.raw, s.number)
	n.origin, n.modes = at, s.modes
	s.server.run(n, n.serve)
}

func (s *session) logInterception(d route.Decision, err error) {
	s.server.proxy.options.Logger.Info("client not intercepted", slog.String("host", d.Host), slog.Any("error", err))
}

// serveRedirected serves a connection that was going somewhere else before the
// system redirected it.
func (s *session) serveRedirected() {
	to, err := route.OriginalDestination(s.raw)
	if err != nil {
		s.server.proxy.options.Logger.Warn("connection not redirected", slog.Any("error", err))
		s.linger()
		return
	}
	hello, c, err := route.Sniff(s.pushBack(), 0, s.server.proxy.options.HeadTimeout)
	if err != nil {
		return // the client said nothing, or nothing that could be served
	}
	if s.server.proxy.options.Router.Returned(s.raw.RemoteAddr(), to) {
		s.server.proxy.options.Logger.Warn("own connection redirected back: except this process from the firewall's rule",
			slog.String("destination", to.String()))
		s.linger()
		return
	}
	if !hello.TLS {
		s.serveOrigin(c, origin{host: to.Addr().String(), port: to.Port()})
		return
	}
	host := to.Addr().String()
	if hello.ServerName != "" {
		host = strings.ToLower(hello.ServerName)
	}
	s.redirected(c, net.JoinHostPort(host, strconv.Itoa(int(to.Port()))))
}

// redirected decides about a redirected connection that is TLS.
func (s *session) redirected(c net.Conn, named string) {
	router := s.server.proxy.options.Router
	d, err := router.Connect(named)
	s.mu.Lock()
	s.client = c // with what was read of it
	s.mu.Unlock()
	switch {
	case err != nil:
		s.server.proxy.options.Logger.Info("connection refused", slog.Any("error", err))
		s.refuseTLS()
	case d.Action == route.Intercept:
		s.decrypt(c, d)
	default:
		s.passRedirected(named)
	}
}

// unrecognizedName is the alert of a TLS server that does not serve the name it
// was asked for (RFC 8446 §6, RFC 6066 §3).
var unrecognizedName = []byte{21, 3, 3, 0, 2, 2, 112}

// refuseTLS answers a ClientHello that is not taken.
func (s *session) refuseTLS() {
	if s.send(unrecognizedName) == nil {
		s.linger()
	}
}

// passRedirected passes a redirected connection on undecrypted.
func (s *session) passRedirected(named string) {
	upstream, err := s.server.proxy.options.Router.DialTunnel(s.server.base, named)
	if err != nil {
		s.server.proxy.options.Logger.Info("connection not passed on", slog.Any("error", err))
		s.refuseTLS()
		return
	}
	defer upstream.Close()
	if s.attach(upstream) {
		s.tunnel(upstream, nil)
	}
	s.attach(nil)
}
