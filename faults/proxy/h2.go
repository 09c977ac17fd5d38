package proxy

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/groovechaos/groovechaos/faults/wire"
)

// maxStreams bounds the exchanges in progress on one HTTP/2 connection. A client
// that wants more opens another.
const maxStreams = 1000

// http2Side serves the connections of a server that speak HTTP/2, by net/http.
// It drives the same core as the wire path does, and reaches the upstream by
// HTTP/1.1 as that does. What net/http cannot do this side cannot do either:
//
//   - names of fields are written as net/http spells them, and sent in order of
//     their names; several Cookie fields become one
//   - a target with a broken percent-encoding is refused, by resetting its stream
//   - trailers of a request pass if the request announced them
//   - Expect stops here: the client is told to go on when its body is read
//   - what net/http itself refuses is not recorded
//   - a request whose answer ends before its body does is cut off by
//     RST_STREAM with NO_ERROR (RFC 9113 §8.1), and not read to its end
type http2Side struct {
	server   *server
	http     *http.Server
	upstream *http2Upstream
	feed     *feed
	// conns has a *http2Conn for every connection, open counts them.
	conns sync.Map
	open  sync.WaitGroup
}

// newHTTP2 starts the HTTP/2 side of a server. It ends when that drains. The
// caller serves a connection of the server.
func (s *server) newHTTP2() *http2Side {
	h := s.newHTTP2Side()
	h.feed = newFeed()
	h.http.Protocols = new(http.Protocols)
	h.http.Protocols.SetHTTP2(true)
	h.http.Protocols.SetUnencryptedHTTP2(true)
	s.open.Go(h.run)
	return h
}

// newHTTP2Side makes the side without starting it.
func (s *server) newHTTP2Side() *http2Side {
	o := &s.proxy.options
	h := &http2Side{server: s, upstream: newHTTP2Upstream(o, &s.proxy.core.tally)}
	h.http = &http.Server{
		Handler: h,
		// OPTIONS * is the upstream's to answer.
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            o.HeadTimeout,
		IdleTimeout:                  o.ClientIdle,
		MaxHeaderBytes:               headLimit(o.Limits),
		ErrorLog:                     slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
		ConnContext:                  h.contextOf,
		ConnState:                    h.stateChanged,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: maxStreams,
			// A client that is in the middle of a frame answers no ping.
			SendPingTimeout:  o.HeadTimeout,
			PingTimeout:      o.HeadTimeout,
			WriteByteTimeout: o.Stall,
		},
	}
	return h
}

// headLimit is how large a head may be.
func headLimit(l wire.Limits) int {
	const otherwise = 32 << 10 // the default of package wire
	if l.Head > 0 {
		return l.Head
	}
	return otherwise
}

// run serves until the server drains and the last connection has ended.
func (h *http2Side) run() {
	var ending sync.WaitGroup
	ending.Go(func() {
		<-h.server.drain.Done()
		at, cancel := context.WithCancel(context.Background())
		cancel()
		_ = h.http.Shutdown(at) // tells the clients; the waiting is done below
	})
	_ = h.http.Serve(h.feed) // ends by Shutdown
	ending.Wait()
	h.open.Wait()
	h.upstream.close()
}

// serveHTTP2 serves a connection that speaks HTTP/2 to its end: one of TLS
// whose handshake is done, or a plain one that begins with the preface.
func (s *session) serveHTTP2(c net.Conn, at origin) {
	defer c.Close()
	s.server.h2().serve(s.newHTTP2Conn(c, at), c)
}

// serve hands a connection to net/http and waits for its end, and for that of
// its streams.
func (h *http2Side) serve(n *http2Conn, c net.Conn) {
	h.open.Add(1)
	defer h.open.Done()
	h.conns.Store(c, n)
	defer h.conns.Delete(c)
	if h.feed.give(c) {
		<-n.closed
		n.finish()
	}
}

type connKey struct{}

// contextOf lets the handler know the connection.
func (h *http2Side) contextOf(ctx context.Context, c net.Conn) context.Context {
	n, _ := h.conns.Load(c)
	return context.WithValue(ctx, connKey{}, n)
}

// stateChanged learns from net/http that a connection has ended.
func (h *http2Side) stateChanged(c net.Conn, state http.ConnState) {
	if state != http.StateClosed {
		return
	}
	if n, ok := h.conns.Load(c); ok {
		close(n.(*http2Conn).closed)
	}
}

// feed is a listener of connections that were accepted elsewhere.
type feed struct {
	conns chan net.Conn
	done  chan struct{}
	close func()
}

func newFeed() *feed {
	f := &feed{conns: make(chan net.Conn), done: make(chan struct{})}
	f.close = sync.OnceFunc(func() { close(f.done) })
	return f
}

// give hands a connection over. It is false when none is taken any more.
func (f *feed) give(c net.Conn) bool {
	select {
	case f.conns <- c:
		return true
	case <-f.done:
		return false
	}
}

// Accept waits for a connection.
func (f *feed) Accept() (net.Conn, error) {
	select {
	case c := <-f.conns:
		return c, nil
	case <-f.done:
		return nil, net.ErrClosed
	}
}

// Close lets no connection in any more.
func (f *feed) Close() error {
	f.close()
	return nil
}

// Addr is of no interest to anybody.
func (*feed) Addr() net.Addr { return &net.TCPAddr{} }
