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
	"github.com/groovechaos/groovechaos/faults/observe"
)

// Options steers a proxy. Upstream and Engine are mandatory.
type Options struct {
	// Upstream is where requests go: scheme http or https and a host, without
	// a path, for targets pass unchanged.
	Upstream *url.URL
	// Engine decides every exchange.
	Engine *faults.Engine
	// Identity tells the callers apart. The zero value uses the default rules.
	Identity observe.Identity
	// Record takes the record of every attempt once it has ended. It is
	// called concurrently and must not block. Nil drops them.
	Record func(observe.Attempt)
	// Logger gets one line per failure of ours, at debug. Nil logs nothing.
	Logger *slog.Logger
	// Now reads the clock; nil means time.Now. Offsets in attempts are taken
	// between its readings, so it should carry a monotonic part.
	Now func() time.Time
	// MaxTracked bounds the calls that are remembered to number attempts; 0 means 65 536.
	MaxTracked int

	// RootCAs are the authorities that vouch for an https upstream; nil means the system's.
	RootCAs *x509.CertPool
	// Dial opens connections to the upstream; nil means TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// DialTimeout bounds connecting to the upstream, and then again its TLS
	// handshake; 0 means 10 s.
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
	// Drain bounds how long Serve waits for exchanges in progress when it is
	// told to end; then it cuts them. 0 means 5 s.
	Drain time.Duration
}

// Proxy is a reverse proxy for one upstream. It is safe for concurrent use.
type Proxy struct {
	options Options
	core    *core
}

// New makes a proxy. The clock of its attempts starts now. The error names the
// option that is wrong.
func New(o Options) (*Proxy, error) {
	if err := checkUpstream(o.Upstream); err != nil {
		return nil, fmt.Errorf("make proxy: %w", err)
	}
	if o.Engine == nil {
		return nil, errors.New("make proxy: engine is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Record == nil {
		o.Record = func(observe.Attempt) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	o.MaxTracked = cmp.Or(o.MaxTracked, 1<<16)
	o.DialTimeout = cmp.Or(o.DialTimeout, 10*time.Second)
	o.AnswerTimeout = cmp.Or(o.AnswerTimeout, time.Minute)
	o.UpstreamIdle = cmp.Or(o.UpstreamIdle, 4*time.Second)
	o.HeadTimeout = cmp.Or(o.HeadTimeout, 30*time.Second)
	o.ClientIdle = cmp.Or(o.ClientIdle, 5*time.Minute)
	o.Drain = cmp.Or(o.Drain, 5*time.Second)
	return &Proxy{options: o, core: newCore(o)}, nil
}

// checkUpstream wants a scheme and a host and nothing else. It does not repeat the
// URL, which may hold a secret.
func checkUpstream(u *url.URL) error {
	switch {
	case u == nil:
		return errors.New("upstream is missing")
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("upstream has the scheme %q, want http or https", u.Scheme)
	case u.Hostname() == "":
		return errors.New("upstream has no host")
	case u.User != nil:
		return errors.New("upstream has user information, want scheme and host only")
	case u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		return errors.New("upstream has a path, a query or a fragment, want scheme and host only")
	default:
		return nil
	}
}
