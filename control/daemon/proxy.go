package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"runtime"

	"github.com/groovechaos/groovechaos/control/config"
	"github.com/groovechaos/groovechaos/faults/observe"
	"github.com/groovechaos/groovechaos/faults/proxy"
	"github.com/groovechaos/groovechaos/faults/route"
	"github.com/groovechaos/groovechaos/faults/wire"
)

// front is an open listener of the proxy.
type front struct {
	net.Listener
	modes proxy.Modes
}

type fronts []front

// close closes listeners that were never served.
func (f fronts) close() error {
	var errs []error
	for _, l := range f {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// openListeners opens all listeners of the proxy, or none.
func (d *Daemon) openListeners(ctx context.Context) (fronts, error) {
	var open fronts
	for i, l := range d.config.Proxy.AllListeners() {
		key := "[proxy] listen"
		if i > 0 {
			key = fmt.Sprintf("[proxy] listeners[%d].listen", i-1)
		}
		if l.Serves(config.ModeTransparent) && runtime.GOOS != "linux" {
			return nil, errors.Join(fmt.Errorf("open %s: the mode transparent needs Linux", key), open.close())
		}
		listener, err := listen(ctx, key, l.Listen)
		if err != nil {
			return nil, errors.Join(err, open.close())
		}
		open = append(open, front{Listener: listener, modes: modesOf(&l)})
		d.addresses.Listeners = append(d.addresses.Listeners, Listener{Address: listener.Addr().String(), Modes: l.Modes})
	}
	d.addresses.Proxy = open[0].Addr().String()
	return open, nil
}

func modesOf(l *config.Listener) proxy.Modes {
	return proxy.Modes{
		Reverse: l.Serves(config.ModeReverse), Forward: l.Serves(config.ModeForward), Transparent: l.Serves(config.ModeTransparent),
	}
}

// newProxy makes the proxy and the parts that serve its listeners.
func (d *Daemon) newProxy(open fronts, standin *url.URL) ([]part, error) {
	identity, err := observe.NewIdentity(d.config.Observe.ClientBy)
	if err != nil {
		return nil, fmt.Errorf("read [observe] client_by: %w", err)
	}
	router, err := d.newRouter(standin)
	if err != nil {
		return nil, err
	}
	c := &d.config.Proxy
	p, err := proxy.New(proxy.Options{
		Router: router, Authority: d.authority.open, Engine: d.engine, Identity: identity,
		Record: d.record, Logger: d.logger, Marker: d.config.Observe.Marker,
		HeadTimeout: c.HeadTimeout, ClientIdle: c.IdleTimeout, AnswerTimeout: c.AnswerTimeout,
		TotalTimeout: c.TotalTimeout, UpstreamIdle: c.UpstreamIdle, MaxConnections: c.MaxConnections,
		Limits: wire.Limits{Head: c.MaxHead, Fields: c.MaxFields, Target: c.MaxTarget},
		Drain:  drain(d.config),
	})
	if err != nil {
		return nil, err
	}
	d.proxy = p
	parts := make([]part, len(open))
	for i, l := range open {
		parts[i] = part{
			name:  "proxy",
			run:   func(ctx context.Context) error { return p.ServeModes(ctx, l.Listener, l.modes) },
			close: l.Close,
		}
	}
	return parts, nil
}

// record keeps an attempt, and counts it.
func (d *Daemon) record(a *observe.Attempt) {
	d.attempts.Record(a)
	d.metrics.Record(a)
}

// newRouter makes the router that the configuration describes.
func (d *Daemon) newRouter(standin *url.URL) (*route.Router, error) {
	c := &d.config.Proxy
	roots, err := c.UpstreamRoots()
	if err != nil {
		return nil, err
	}
	o := route.Options{
		Hosts: make(map[string]route.Target), Intercept: d.config.Intercept.Hosts, Allow: d.config.Intercept.Allow,
		Self: d.self(), Redirected: c.Serves(config.ModeTransparent), Proxy: c.ViaURL(), RootCAs: roots, DialTimeout: c.DialTimeout,
	}
	if d.config.Intercept.Tunnels() {
		o.Others = route.TunnelOthers
	}
	if o.Default, err = targetOf(c.Target(), standin); err != nil {
		return nil, fmt.Errorf("read [proxy] upstream: %w", err)
	}
	for i := range c.Upstreams {
		target, err := targetOf(c.Upstreams[i].Target(), standin)
		if err != nil {
			return nil, fmt.Errorf("read [proxy] upstreams[%d].url: %w", i, err)
		}
		for _, host := range c.Upstreams[i].Hosts {
			o.Hosts[host] = target
		}
	}
	return route.New(o)
}

func targetOf(t config.Target, standin *url.URL) (route.Target, error) {
	switch {
	case t.Origin:
		return route.ParseTarget(route.Origin)
	case t.Standin:
		return route.Fixed(standin)
	default:
		return route.Fixed(t.URL)
	}
}

// self are our own listeners, but for the stand-in, which is an upstream.
func (d *Daemon) self() []netip.AddrPort {
	var self []netip.AddrPort
	texts := []string{d.addresses.GRPC, d.addresses.REST, d.addresses.Health}
	for _, l := range d.addresses.Listeners {
		texts = append(texts, l.Address)
	}
	for _, text := range texts {
		if at, err := netip.ParseAddrPort(text); err == nil {
			self = append(self, at)
		}
	}
	return self
}
