package proxy

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/groovechaos/groovechaos/faults/route"
)

// http2Upstream is the way of the HTTP/2 side to the upstreams.
type http2Upstream struct {
	*http.Transport

	router *route.Router
	stall  time.Duration
	ctx    context.Context
	cancel context.CancelFunc
	tally  *tally
	// open counts dials in progress and connections.
	open sync.WaitGroup
}

func newHTTP2Upstream(o *Options, t *tally) *http2Upstream {
	u := &http2Upstream{router: o.Router, stall: o.Stall, tally: t}
	u.ctx, u.cancel = context.WithCancel(context.Background())
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	u.Transport = &http.Transport{
		DialContext:            u.dial,
		DisableCompression:     true,
		MaxIdleConns:           maxIdleUpstream,
		MaxIdleConnsPerHost:    maxIdleUpstream,
		IdleConnTimeout:        o.UpstreamIdle,
		ResponseHeaderTimeout:  o.AnswerTimeout,
		MaxResponseHeaderBytes: int64(headLimit(o.Limits)),
		Protocols:              protocols,
	}
	return u
}

type upstreamKey struct{}

// placeOf is the URL under which net/http pools the connections to an upstream.
// Its host is never looked up, since dial knows better, and its scheme is http
// in any case, since dial sees to TLS. Upstreams whose connections must not be
// shared have different hosts.
func placeOf(u *route.Upstream) *url.URL {
	kind := "plain."
	if u.Secure {
		kind = "secure."
	}
	if bare := (route.Upstream{Secure: u.Secure, Host: u.Host, Port: u.Port}); bare.Key() != u.Key() {
		kind = "fixed-" + kind
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(kind+u.Host, strconv.Itoa(int(u.Port)))}
}

// dial opens a connection for a request. The context of net/http's pool may
// outlive that, so the end of the pool is watched as well.
func (u *http2Upstream) dial(ctx context.Context, _, _ string) (c net.Conn, err error) {
	u.open.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(u.ctx, cancel)()
	if d := try(func() { c, err = u.router.Dial(ctx, ctx.Value(upstreamKey{}).(route.Upstream)) }); d != nil {
		err = d
	}
	u.tally.dial(err)
	if err != nil {
		u.open.Done()
		return nil, err
	}
	out := &http2Link{Conn: c, stall: u.stall, closed: sync.OnceFunc(func() {
		u.tally.open.Add(-1)
		u.open.Done()
	})}
	out.writes.set = c.SetWriteDeadline
	return out, nil
}

// close ends the pool when no exchange uses it any more.
func (u *http2Upstream) close() {
	u.cancel()
	u.CloseIdleConnections()
	u.open.Wait()
}

// http2Link is a connection to an upstream. It bounds how long a piece may
// take to be written, and counts what was.
type http2Link struct {
	net.Conn

	stall   time.Duration
	writes  deadline
	written atomic.Int64
	closed  func()
	// broken is a defect of ours that showed in the goroutines of net/http.
	broken atomic.Pointer[defect]
}

func (l *http2Link) Read(p []byte) (n int, err error) {
	if d := try(func() { n, err = l.Conn.Read(p) }); d != nil {
		l.broken.Store(d)
		return 0, d
	}
	return n, err
}

func (l *http2Link) Write(p []byte) (n int, err error) {
	d := try(func() {
		l.writes.atLeast(time.Now(), l.stall)
		n, err = l.Conn.Write(p)
		l.written.Add(int64(n))
	})
	if d != nil {
		l.broken.Store(d)
		return 0, d
	}
	return n, err
}

func (l *http2Link) Close() error {
	defer l.closed()
	return l.Conn.Close()
}
