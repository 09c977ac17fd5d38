package proxy

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/ca"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/route"
	"github.com/groovechaos/groovechaos/faults/wire"
)

// Options steers a proxy. Router (or Upstream in its place) and Engine are
// mandatory.
type Options struct {
	// Router says where requests go and takes them there.
	Router *route.Router
	// Upstream is where all requests go if there is no Router: scheme http or
	// https and a host, without a path, for targets pass unchanged.
	Upstream *url.URL
	// Authority returns what signs for the hosts that are intercepted, and is
	// called when the first one is. Nil intercepts plain exchanges only.
	Authority func() (*ca.Authority, error)
	// Engine decides every exchange.
	Engine *faults.Engine
	// Identity tells the callers apart. The zero value uses the default rules.
	Identity observe.Identity
	// Record takes the record of every attempt once it has ended. It is
	// called concurrently and must not block, and the attempt holds only until
	// it returns: Clone keeps it. Nil drops them.
	Record func(*observe.Attempt)
	// Marker puts a text into the Error objects that faults make, and into the record: see faults.Engine.Marker. It shows
	// whether internal text reaches an end user; a client that looks for it can see the fault.
	Marker bool
	// Logger gets one line per failure of ours, at debug. Nil logs nothing.
	Logger *slog.Logger
	// Now reads the clock; nil means time.Now. Offsets in attempts are taken
	// between its readings, so it should carry a monotonic part.
	Now func() time.Time
	// MaxTracked bounds the calls that are remembered to number attempts; 0 means 65 536.
	MaxTracked int

	// RootCAs are the authorities that vouch for an https Upstream; nil means
	// the system's. Dial opens connections to it; nil means TCP. DialTimeout
	// bounds connecting to it, with its TLS handshake; 0 means 10 s. A Router
	// has its own.
	RootCAs     *x509.CertPool
	Dial        func(ctx context.Context, network, address string) (net.Conn, error)
	DialTimeout time.Duration
	// AnswerTimeout bounds the wait for the head of an upstream's answer once
	// the request is sent; 0 means 60 s.
	AnswerTimeout time.Duration
	// UpstreamIdle is how long an unused upstream connection is kept; 0 means
	// 4 s. It should be shorter than the upstream's own bound, since a request
	// that meets a dying connection fails rather than being sent twice.
	UpstreamIdle time.Duration
	// HeadTimeout bounds the arrival of a request's head; 0 means 30 s.
	HeadTimeout time.Duration
	// ClientIdle is how long an unused client connection is kept; 0 means 5 min.
	ClientIdle time.Duration
	// Stall bounds how long a body may stand still, in either direction and on
	// either side; 0 means 1 min.
	Stall time.Duration
	// TotalTimeout bounds an exchange from its first byte to the head of the
	// upstream's answer; 0 means no bound but the others.
	TotalTimeout time.Duration
	// MaxConnections bounds the clients' connections of a listener; what exceeds it waits
	// to be accepted. 0 means no bound.
	MaxConnections int
	// Limits bound heads. Zeros mean the defaults of the wire package.
	Limits wire.Limits
	// Drain bounds how long Serve waits for exchanges in progress when it is
	// told to end; then it cuts them. 0 means 5 s.
	Drain time.Duration
}

// Proxy relays what its listeners take. It is safe for concurrent use.
type Proxy struct {
	options Options
	core    *core
}

// New makes a proxy. The clock of its attempts starts now. The error names the
// option that is wrong.
func New(o Options) (*Proxy, error) {
	if err := o.settleRouter(); err != nil {
		return nil, fmt.Errorf("make proxy: %w", err)
	}
	if o.Engine == nil {
		return nil, errors.New("make proxy: engine is missing")
	}
	if err := o.Limits.Validate(); err != nil {
		return nil, fmt.Errorf("make proxy: limits: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Record == nil {
		o.Record = func(*observe.Attempt) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.MaxTracked = cmp.Or(o.MaxTracked, 1<<16)
	o.AnswerTimeout = cmp.Or(o.AnswerTimeout, time.Minute)
	o.UpstreamIdle = cmp.Or(o.UpstreamIdle, 4*time.Second)
	o.HeadTimeout = cmp.Or(o.HeadTimeout, 30*time.Second)
	o.ClientIdle = cmp.Or(o.ClientIdle, 5*time.Minute)
	o.Stall = cmp.Or(o.Stall, time.Minute)
	o.Drain = cmp.Or(o.Drain, 5*time.Second)
	return &Proxy{options: o, core: newCore(o)}, nil
}

// Renew lets what comes from now on belong to no call from before: see observe.Tracker.Renew.
func (p *Proxy) Renew() { p.core.tracker.Renew() }

// settleRouter makes the router of a proxy that has one upstream.
func (o *Options) settleRouter() error {
	if o.Router != nil {
		return nil
	}
	if o.Upstream == nil {
		return errors.New("router is missing")
	}
	target, err := route.Fixed(o.Upstream)
	if err != nil {
		return fmt.Errorf("upstream: %w", err)
	}
	o.Router, err = route.New(route.Options{Default: target, RootCAs: o.RootCAs, Dial: o.Dial, DialTimeout: o.DialTimeout})
	return err
}
