package route

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Others is what becomes of hosts that are neither intercepted nor have a
// target or a place in Options.Allow.
type Others uint8

// What becomes of other hosts.
const (
	// RefuseOthers answers that they are refused.
	RefuseOthers Others = iota
	// TunnelOthers opens tunnels to their port 443 or 80 without looking inside,
	// and relays plain exchanges unharmed.
	TunnelOthers
)

// Resolver finds the addresses of a name; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options configure New.
type Options struct {
	// Default is the target of hosts that have none of their own.
	Default Target
	// Hosts are targets by host pattern: "host", "*.suffix" or "*", each with an
	// optional ":port". The one that says most wins: exact hosts before
	// suffixes, longer suffixes before shorter ones, ports before none.
	Hosts map[string]Target
	// Intercept are patterns of the hosts whose tunnels are decrypted and whose
	// plain exchanges are taken in.
	Intercept []string
	// Others is what becomes of the other hosts. The zero value refuses them.
	Others Others
	// Allow are destinations that are otherwise refused: host patterns, which
	// may then be reached on any port they are listed with, and at any address
	// they resolve to; addresses with an optional port; and prefixes such as
	// "10.0.0.0/8". "*" is not allowed.
	Allow []string
	// Self are our own listeners, which are never dialled.
	Self []netip.AddrPort
	// Redirected says that a listener takes redirected connections, so that
	// Returned is asked.
	Redirected bool

	// Proxy is the upstream proxy, of http or https, with user and password if
	// it wants them; nil dials directly.
	Proxy *url.URL
	// RootCAs are trusted to sign for upstreams and the upstream proxy; nil
	// means those of the system.
	RootCAs *x509.CertPool
	// DialTimeout is how long a connection may take until it can be used, with
	// proxy and TLS; 0 means 10 seconds.
	DialTimeout time.Duration
	// Resolver finds addresses; nil is net.DefaultResolver.
	Resolver Resolver
	// Dial opens a TCP connection to an address; nil is net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Router decides where exchanges may go and opens the connections. It is
// immutable and safe for concurrent use.
type Router struct {
	fallback   Target
	hosts      patterns[Target]
	intercept  patterns[struct{}]
	allow      allowList
	others     Others
	self       []netip.AddrPort
	own        *ownConns // nil unless Options.Redirected
	proxy      *upstreamProxy
	tls        *tls.Config
	timeout    time.Duration
	resolver   Resolver
	dial       func(ctx context.Context, network, address string) (net.Conn, error)
	interfaces func() ([]net.Addr, error)
}

// New returns a router, or an error that names the option.
func New(o Options) (*Router, error) {
	r := &Router{
		fallback: o.Default, others: o.Others, self: o.Self,
		timeout: o.DialTimeout, resolver: o.Resolver, dial: o.Dial,
		tls:        clientTLS(o.RootCAs),
		interfaces: net.InterfaceAddrs,
	}
	if r.timeout <= 0 {
		r.timeout = 10 * time.Second
	}
	if r.resolver == nil {
		r.resolver = net.DefaultResolver
	}
	if r.dial == nil {
		r.dial = new(net.Dialer).DialContext
	}
	if o.Redirected {
		r.own = newOwnConns()
	}
	if err := r.addLists(&o); err != nil {
		return nil, err
	}
	var err error
	if r.proxy, err = newUpstreamProxy(o.Proxy); err != nil {
		return nil, err
	}
	return r, r.checkFixed()
}

func (r *Router) addLists(o *Options) error {
	for pattern, target := range o.Hosts {
		if err := r.hosts.add(pattern, target); err != nil {
			return fmt.Errorf("hosts: %w", err)
		}
	}
	for _, pattern := range o.Intercept {
		if err := r.intercept.add(pattern, struct{}{}); err != nil {
			return fmt.Errorf("intercept: %w", err)
		}
	}
	for _, entry := range o.Allow {
		if err := r.allow.add(entry); err != nil {
			return fmt.Errorf("allow: %w", err)
		}
	}
	return nil
}

// checkFixed finds fixed targets and a proxy that are ourselves, as far as it
// can be told without resolving them.
func (r *Router) checkFixed() error {
	fixed := []destination{r.fallback.upstream.destination()}
	for _, patterns := range []map[place]Target{r.hosts.exact, r.hosts.below} {
		for _, t := range patterns {
			fixed = append(fixed, t.upstream.destination())
		}
	}
	if r.proxy != nil {
		fixed = append(fixed, r.proxy.destination)
	}
	for _, d := range fixed {
		if d.addr.IsValid() {
			if err := r.checkAddress(d, d.addr, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// destination is the upstream as something to dial.
func (u *Upstream) destination() destination {
	d, _ := parseHost(u.Host) // it was read before
	d.port = u.Port
	return d
}

// Reverse returns the upstream of an exchange in reverse mode, by its Host
// field, which may be empty and have a port. Its HostField names the target.
// The error is a *RefusedError.
func (r *Router) Reverse(host string) (Upstream, error) {
	target := r.fallback
	if len(r.hosts.exact)+len(r.hosts.below) > 0 && host != "" {
		d, err := parseAuthority(host)
		if err != nil {
			return Upstream{}, err
		}
		if own, ok := r.hosts.find(d); ok {
			target = own
		}
	}
	if target.upstream.Host == "" {
		return Upstream{}, &RefusedError{Destination: host, Reason: ReasonTarget}
	}
	return target.upstream, nil
}

// parseAuthority reads a Host field, whose port may be missing.
func parseAuthority(text string) (destination, error) {
	if strings.HasSuffix(text, "]") || !strings.Contains(text, ":") {
		d, err := parseHostPort(text + ":80")
		if err != nil {
			err = &RefusedError{Destination: text, Reason: ReasonHost}
		}
		return d, err
	}
	return parseHostPort(text)
}

// Forward returns the upstream of an exchange in forward or transparent mode:
// the host without brackets and the port that the client named, and whether
// it came by https. The client's Host field is kept. The error is a
// *RefusedError; that a name resolves to a refused address is found by Dial.
func (r *Router) Forward(host string, port uint16, secure bool) (Upstream, error) {
	d, ok := parseHost(host)
	d.port = port
	if !ok || port == 0 {
		return Upstream{}, &RefusedError{Destination: host, Reason: ReasonHost}
	}
	target, listed := r.hosts.find(d)
	if !listed {
		target = r.fallback
		_, listed = r.intercept.find(d)
	}
	if !listed {
		target = Target{origin: true}
		if err := r.checkOther(d); err != nil {
			return Upstream{}, err
		}
	}
	if !target.origin {
		return target.forward(d)
	}
	if err := r.checkNamed(d); err != nil {
		return Upstream{}, err
	}
	return Upstream{Secure: secure, Host: d.host(), Port: port, Foreign: !listed}, nil
}

// forward is a fixed target for an exchange that keeps its Host.
func (t Target) forward(d destination) (Upstream, error) {
	if t.upstream.Host == "" {
		return Upstream{}, d.refuse(ReasonTarget, "")
	}
	t.upstream.HostField = ""
	return t.upstream, nil
}

// checkOther holds a host that is neither intercepted nor has a target to what
// is said of such hosts.
func (r *Router) checkOther(d destination) error {
	switch {
	case r.allow.names(d):
		return nil
	case r.others == RefuseOthers:
		return d.refuse(ReasonUnlisted, "")
	case d.port != 80 && d.port != 443:
		return d.refuse(ReasonPort, "")
	}
	return nil
}

// Action is what becomes of a tunnel that a client asks for.
type Action uint8

// What becomes of a tunnel. The zero value refuses.
const (
	// Refuse opens none.
	Refuse Action = iota
	// Intercept takes the client's side in, to decrypt it if it is TLS.
	Intercept
	// Tunnel passes bytes both ways without looking at them, by DialTunnel.
	Tunnel
)

// Decision is what becomes of a tunnel.
type Decision struct {
	Action Action
	// Host is the name in lower case or the address without brackets, and Port
	// the port, as Forward takes them.
	Host string
	Port uint16
	// Reason is why it is refused, else 0.
	Reason Reason
}

// Connect decides about a tunnel to a host and port: the target of CONNECT, or
// where a transparent connection was going to. The error is a *RefusedError
// exactly if the action is Refuse.
func (r *Router) Connect(hostport string) (Decision, error) {
	d, err := parseHostPort(hostport)
	if err != nil {
		return Decision{Reason: ReasonHost}, err
	}
	decision := Decision{Action: Intercept, Host: d.host(), Port: d.port}
	if _, ok := r.intercept.find(d); ok {
		return decision, nil
	}
	decision.Action = Tunnel
	if err = r.checkOther(d); err == nil {
		err = r.checkNamed(d)
	}
	if refused, ok := err.(*RefusedError); ok { //nolint:errorlint // both return it as it is
		decision.Action, decision.Reason = Refuse, refused.Reason
	}
	return decision, err
}
