package route

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Origin is the text of the target that is where the client wanted to go.
const Origin = "origin"

// Target says where exchanges go. The zero value is no target: nothing goes
// there.
type Target struct {
	origin   bool
	upstream Upstream
}

// ParseTarget reads a target: Origin, or a URL of http or https with a host,
// an optional port, and nothing else.
func ParseTarget(text string) (Target, error) {
	if text == Origin {
		return Target{origin: true}, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return Target{}, errors.New("target is no URL") // the cause could quote a password
	}
	return Fixed(u)
}

// Fixed returns the target that is a service: a URL of http or https with a
// host, an optional port, and nothing else.
func Fixed(u *url.URL) (Target, error) {
	if u.User != nil {
		return Target{}, errors.New("target holds a user or a password, want a URL without")
	}
	d, secure, err := parseURL(u)
	if err != nil {
		return Target{}, fmt.Errorf("target is %.100q, %w", u.String(), err)
	}
	up := Upstream{Secure: secure, Host: d.host(), Port: d.port, fixed: true}
	up.HostField = up.field()
	return Target{upstream: up}, nil
}

// parseURL reads scheme, host and port of a URL that has nothing else but
// perhaps a user.
func parseURL(u *url.URL) (d destination, secure bool, err error) {
	wrong := errors.New("want http:// or https:// with a host and an optional port, and nothing else")
	secure = u.Scheme == "https"
	if !secure && u.Scheme != "http" || u.Opaque != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return destination{}, false, wrong
	}
	d, ok := parseHost(u.Hostname())
	if !ok {
		return destination{}, false, wrong
	}
	d.port = defaultPort(secure)
	if port := u.Port(); port != "" {
		if d.port, ok = parsePort(port); !ok {
			return destination{}, false, wrong
		}
	}
	return d, secure, nil
}

func defaultPort(secure bool) uint16 {
	if secure {
		return 443
	}
	return 80
}

// Upstream is the place that an exchange goes to, made by a Router.
type Upstream struct {
	// Secure says that it is spoken to by TLS: https, else http.
	Secure bool
	// Host is a name in lower case or an address without brackets. For TLS it is
	// the name that is sent (SNI, unless it is an address) and verified.
	Host string
	Port uint16
	// HostField is what the Host field of the request becomes; "" keeps the
	// client's.
	HostField string
	// Foreign says that the exchange is none of the experiment's: its host is
	// neither intercepted nor has it a target. It is relayed and left alone.
	Foreign bool

	fixed bool
}

// Key tells upstreams apart for a pool of connections: those of equal keys may
// share them.
type Key struct {
	host          string
	port          uint16
	secure, fixed bool
}

// Key is what a pool of connections files the upstream under. It does not
// allocate.
func (u *Upstream) Key() Key { return Key{u.Host, u.Port, u.Secure, u.fixed} }

// Scheme is "http" or "https".
func (u *Upstream) Scheme() string {
	if u.Secure {
		return "https"
	}
	return "http"
}

// Address is host and port as net.Dial takes them.
func (u *Upstream) Address() string { return net.JoinHostPort(u.Host, strconv.Itoa(int(u.Port))) }

// field is Host as it stands in a request: without the port of the scheme.
func (u *Upstream) field() string {
	if u.Port != defaultPort(u.Secure) {
		return u.Address()
	}
	if strings.Contains(u.Host, ":") {
		return "[" + u.Host + "]"
	}
	return u.Host
}
