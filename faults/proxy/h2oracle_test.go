package proxy

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
)

// ServeNetHTTP is Serve with the handler of HTTP/2 in the place of the wire
// path: HTTP/1.1 as net/http reads it, and the same decisions and effects.
func (p *Proxy) ServeNetHTTP(ctx context.Context, l net.Listener) {
	s := p.newServer(ctx, Modes{Reverse: true})
	defer s.cut(nil)
	h := s.newHTTP2Side()
	h.http.HTTP2 = nil
	h.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RequestURI = originForm(r) // HTTP/2 has no other
		h.ServeHTTP(w, r)
	})
	h.http.Protocols = new(http.Protocols)
	h.http.Protocols.SetHTTP1(true)
	var mu sync.Mutex
	var conns []*http2Conn
	h.http.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		n := s.newSession(c, c, p.core.connections.Add(1))
		n.modes = s.modes
		mu.Lock()
		defer mu.Unlock()
		conns = append(conns, n.newHTTP2Conn(c, origin{}))
		return context.WithValue(ctx, connKey{}, conns[len(conns)-1])
	}
	h.http.ConnState = nil
	stop := context.AfterFunc(ctx, func() { h.http.Close() })
	defer stop()
	_ = h.http.Serve(l) // ends by Close
	for _, c := range conns {
		c.finish()
	}
	h.upstream.close()
	s.stop()
	s.links.close()
}

// originForm is the target in the form that origins are sent (RFC 9112 §3.2.1,
// §3.2.4).
func originForm(r *http.Request) string {
	if !r.URL.IsAbs() || r.URL.Opaque != "" {
		return r.RequestURI
	}
	_, rest, _ := strings.Cut(r.RequestURI, "://")
	i := strings.IndexAny(rest, "/?")
	switch {
	case i < 0 && r.Method == http.MethodOptions:
		return "*"
	case i < 0:
		return "/"
	case rest[i] == '?':
		return "/" + rest[i:]
	default:
		return rest[i:]
	}
}
