package proxy

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/route"
	"github.com/groovechaos/groovechaos/faults/wire"
)

// origin is where the client of a connection believes itself to be connected
// to. The zero value is the proxy: the client knows that it is one, or takes
// it for the upstream.
type origin struct {
	// host is a name or an address, in lower case and without brackets.
	host string
	port uint16
	// secure is set when the client came by TLS, fixed when no other host may be
	// asked for.
	secure, fixed bool
}

// destination is where the requests of a session go.
type destination struct {
	origin origin
	modes  Modes
	// upstream is that of the request, which wanted names, and key where its
	// connections are kept.
	upstream route.Upstream
	key      route.Key
	// shelf is where such connections were last, nil for not known.
	shelf  *shelf
	wanted string
}

// errMisdirected is a request for another host than the connection is for.
var errMisdirected = errors.New("the request is for another host than its connection")

// errForm is a request in a form that the listener does not take.
var errForm = errors.New("the listener does not take requests of this form")

// locate finds out where the request goes. What it found for the last one holds
// if this one is for the same host.
func (s *session) locate() error {
	authority := text(s.request.Authority())
	absolute := s.request.Form() == wire.AbsoluteForm
	if !absolute && authority != "" && s.wanted == authority {
		return nil
	}
	s.forgetPlace()
	upstream, err := s.upstreamOf(authority, absolute, s.request.Secure())
	if err != nil {
		return err
	}
	s.upstream, s.key, s.shelf, s.wanted = upstream, upstream.Key(), nil, strings.Clone(authority)
	if absolute {
		s.wanted = "" // in another form the same host may mean something else
	}
	return nil
}

// forgetPlace forgets where the last request went.
func (s *session) forgetPlace() { s.upstream, s.wanted = route.Upstream{}, "" }

func (s *session) upstreamOf(authority string, absolute, secure bool) (route.Upstream, error) {
	router := s.server.proxy.options.Router
	switch {
	case s.origin.host != "":
		return s.throughOrigin(authority)
	case absolute && s.modes.Forward:
		host, port, err := hostPort(authority, secure)
		if err != nil {
			return route.Upstream{}, err
		}
		return router.Forward(host, port, secure)
	case s.modes.Reverse:
		return router.Reverse(authority)
	default:
		return route.Upstream{}, errForm
	}
}

// throughOrigin is the upstream of a request on a connection that is for
// another host than the proxy.
func (s *session) throughOrigin(authority string) (route.Upstream, error) {
	host, port := s.origin.host, s.origin.port
	if authority != "" {
		named, _, err := hostPort(authority, s.origin.secure)
		switch {
		case err != nil:
			return route.Upstream{}, err
		case s.origin.fixed && named != host:
			return route.Upstream{}, errMisdirected
		}
		host = named
	}
	return s.server.proxy.options.Router.Forward(host, port, s.origin.secure)
}

// hostPort cuts an authority, and gives it the port of its scheme if it has none.
func hostPort(authority string, secure bool) (host string, port uint16, err error) {
	name, number, ok := wire.SplitAuthority([]byte(authority))
	if !ok {
		return "", 0, &route.RefusedError{Destination: authority, Reason: route.ReasonHost}
	}
	port = 80
	if secure {
		port = 443
	}
	if number != nil {
		n, err := strconv.ParseUint(string(number), 10, 16)
		if err != nil {
			return "", 0, &route.RefusedError{Destination: authority, Reason: route.ReasonHost}
		}
		port = uint16(n)
	}
	return strings.ToLower(string(name)), port, nil
}

// hostEdit is what Host becomes, nil to leave it (RFC 9112 §3.2.2).
func (s *session) hostEdit() []byte {
	switch {
	case s.upstream.HostField != "":
		return octets(s.upstream.HostField)
	case s.request.Form() == wire.AbsoluteForm:
		return s.request.Authority()
	default:
		return nil
	}
}

// reach takes a connection to where the request goes: one that was used
// before, unless fresh is set, or a new one. The request is sent from then on,
// which is now.
func (s *session) reach(fresh bool, now time.Time) error {
	s.sent = now
	if fresh {
		s.core.tally.stale.Add(1)
	} else {
		s.link = s.server.links.take(s.shelf, s.key, now)
	}
	if s.link == nil {
		c, err := s.server.proxy.options.Router.DialOver(s.server.base, s.upstream, carry)
		s.core.tally.dial(err)
		if err != nil {
			return err
		}
		s.link = newLink(quick(c), s.key, s.server.proxy.options.Stall)
		s.link.tally = &s.core.tally
		s.sent = time.Now()
	}
	if !s.attach(s.link.Conn) {
		return net.ErrClosed
	}
	return nil
}
