package proxy

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// maxIdleUpstream bounds the unused connections that are kept.
const maxIdleUpstream = 1024

// upstream is the way to the upstream: a pool of connections.
type upstream struct {
	*http.Transport
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	timeout time.Duration

	ctx    context.Context
	cancel context.CancelFunc
	// open counts dials in progress and connections.
	open sync.WaitGroup
}

func newUpstream(o *Options) *upstream {
	u := &upstream{dial: o.Dial, timeout: o.DialTimeout}
	u.ctx, u.cancel = context.WithCancel(context.Background())
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	u.Transport = &http.Transport{
		DialContext:           u.connect,
		TLSClientConfig:       &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   o.DialTimeout,
		DisableCompression:    true,
		MaxIdleConnsPerHost:   maxIdleUpstream,
		IdleConnTimeout:       o.UpstreamIdle,
		ResponseHeaderTimeout: o.AnswerTimeout,
		ExpectContinueTimeout: time.Second,
		Protocols:             protocols,
	}
	return u
}

// connect dials. The context of net/http's pool outlives the request that
// asked for the connection, so the pool's own end is watched as well.
func (u *upstream) connect(ctx context.Context, network, address string) (net.Conn, error) {
	u.open.Add(1)
	ctx, cancel := context.WithTimeout(ctx, u.timeout)
	defer cancel()
	defer context.AfterFunc(u.ctx, cancel)()
	c, err := u.dial(ctx, network, address)
	if err != nil {
		u.open.Done()
		return nil, err
	}
	return &upstreamConn{Conn: c, closed: sync.OnceFunc(u.open.Done)}, nil
}

// close ends the pool when no exchange uses it any more.
func (u *upstream) close() {
	u.cancel()
	u.CloseIdleConnections()
	u.open.Wait()
}

// upstreamConn tells when it is closed.
type upstreamConn struct {
	net.Conn
	closed func()
}

func (c *upstreamConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}

// CloseWrite closes the sending half of an upgraded connection.
func (c *upstreamConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}
