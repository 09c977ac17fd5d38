package route

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// local are the IPv4 addresses that are not for public use (RFC 6890 and the
// IANA registry after it), and one that a cloud answers its machines on.
var local = prefixes(
	"0.0.0.0/8",        // this network
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // shared, of carriers
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // Azure's platform
	"169.254.0.0/16",   // link-local
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, broadcast
)

// never are addresses that name no single other machine. No list allows them.
var never = prefixes("0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8")

// IPv6 addresses that hold an IPv4 address, which starts at a byte.
var embedded = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, // NAT64, RFC 6052 §2.1
	{netip.MustParsePrefix("::/96"), 12},        // IPv4-compatible, RFC 4291 §2.5.5.1
	{netip.MustParsePrefix("2002::/16"), 2},     // 6to4, RFC 3056 §2
}

var (
	// global is all that is handed out for public use of IPv6 (RFC 4291 §2.4).
	global = netip.MustParsePrefix("2000::/3")
	// teredo holds an IPv4 address in disguise (RFC 4380 §4).
	teredo = netip.MustParsePrefix("2001::/32")
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

func within(addr netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// reached is the address that a packet to addr ends up at, as far as the
// address tells: the IPv4 address in it, if it has one.
func reached(addr netip.Addr) netip.Addr {
	addr = addr.WithZone("").Unmap()
	if !addr.Is6() || addr.IsUnspecified() || addr.IsLoopback() {
		return addr
	}
	for _, e := range embedded {
		if e.prefix.Contains(addr) {
			bytes := addr.As16()
			inner, _ := netip.AddrFromSlice(bytes[e.at : e.at+4])
			return inner
		}
	}
	return addr
}

// isPublic reports whether an address, as reached returns it, is one of the
// public Internet.
func isPublic(addr netip.Addr) bool {
	if addr.Is4() {
		return !within(addr, local)
	}
	return global.Contains(addr) && !teredo.Contains(addr)
}

// allowList is Options.Allow.
type allowList struct {
	hosts patterns[struct{}]
	nets  []allowedNet
}

// allowedNet is a prefix and a port; port 0 is every port.
type allowedNet struct {
	prefix netip.Prefix
	port   uint16
}

func (l *allowList) add(text string) error {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		l.nets = append(l.nets, allowedNet{prefix: prefix.Masked()})
		return nil
	}
	where, exact, err := parsePattern(text)
	switch {
	case err != nil:
		return fmt.Errorf("%w, or a prefix such as 10.0.0.0/8", err)
	case where.host == "":
		return fmt.Errorf("host pattern is %q, which would make an open proxy; want single hosts", text)
	}
	if addr, err := netip.ParseAddr(where.host); err == nil && exact {
		l.nets = append(l.nets, allowedNet{netip.PrefixFrom(addr, addr.BitLen()), where.port})
		return nil
	}
	return l.hosts.add(text, struct{}{})
}

// names reports whether a destination is listed as it was asked for.
func (l *allowList) names(d destination) bool {
	if d.addr.IsValid() {
		return l.covers(d.addr, d.port)
	}
	_, ok := l.hosts.find(d)
	return ok
}

// covers reports whether an address is listed.
func (l *allowList) covers(addr netip.Addr, port uint16) bool {
	for _, n := range l.nets {
		if (n.port == 0 || n.port == port) && (n.prefix.Contains(addr) || n.prefix.Contains(reached(addr))) {
			return true
		}
	}
	return false
}

// checkAddress holds an address that is about to be dialled to the rules of
// the package comment. Only the last of them binds what the operator fixed.
func (r *Router) checkAddress(d destination, addr netip.Addr, fixed bool) error {
	if r.isSelf(netip.AddrPortFrom(addr, d.port)) {
		return d.refuse(ReasonSelf, addr.String())
	}
	if fixed {
		return nil
	}
	inner := reached(addr)
	if addr.Zone() != "" || within(inner, never) {
		return d.refuse(ReasonAddress, addr.String()+" is never dialled")
	}
	if isPublic(inner) || r.allow.covers(addr, d.port) || r.allow.names(d) {
		return nil
	}
	return d.refuse(ReasonAddress, addr.String()+" is not public and not allowed")
}

// checkNamed holds what a client named to the rules, as far as it can be told
// without resolving it.
func (r *Router) checkNamed(d destination) error {
	if d.addr.IsValid() {
		return r.checkAddress(d, d.addr, false)
	}
	if isLocalhost(d.name) && !r.allow.names(d) && !r.allow.covers(loopback, d.port) {
		return d.refuse(ReasonAddress, "localhost is not allowed")
	}
	return nil
}

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// isLocalhost reports whether a name means loopback by itself (RFC 6761 §6.3).
func isLocalhost(name string) bool {
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// isSelf reports whether a connection to an address would arrive at one of our
// own listeners. A listener on the unspecified address has all of the machine's.
func (r *Router) isSelf(to netip.AddrPort) bool {
	addr := reached(to.Addr())
	for _, self := range r.self {
		if self.Port() != to.Port() {
			continue
		}
		own := self.Addr().WithZone("").Unmap()
		switch {
		case own == addr:
			return true
		case addr.IsUnspecified() && (own.IsLoopback() || own.IsUnspecified()):
			return true // it is dialled as loopback
		case own.IsUnspecified() && (addr.IsLoopback() || r.isOurs(addr)):
			return true
		}
	}
	return false
}

// isOurs reports whether an address is one of this machine.
func (r *Router) isOurs(addr netip.Addr) bool {
	addresses, err := r.interfaces()
	if err != nil {
		return true // better refused than looped
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok {
			if own, valid := netip.AddrFromSlice(n.IP); valid && own.Unmap() == addr {
				return true
			}
		}
	}
	return false
}
