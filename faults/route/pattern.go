package route

import (
	"fmt"
	"net/netip"
	"strings"
)

// place is a host and a port; port 0 is every port.
type place struct {
	host string
	port uint16
}

// patterns maps host patterns to values: "host", "*.suffix" or "*", each with
// an optional ":port". The zero value holds none.
type patterns[V any] struct {
	exact map[place]V
	// below has the suffixes with their leading dot, and "" for "*".
	below map[place]V
}

// add enters a pattern, once.
func (p *patterns[V]) add(text string, value V) error {
	where, exact, err := parsePattern(text)
	if err != nil {
		return err
	}
	if p.exact == nil {
		p.exact, p.below = make(map[place]V), make(map[place]V)
	}
	into := p.below
	if exact {
		into = p.exact
	}
	if _, double := into[where]; double {
		return fmt.Errorf("host pattern %q is there twice", text)
	}
	into[where] = value
	return nil
}

// parsePattern reads a pattern; the host of one that is not exact is its
// suffix.
func parsePattern(text string) (where place, exact bool, err error) {
	wrong := fmt.Errorf("host pattern is %.100q, want a name, an address, *.name or *, with an optional :port", text)
	host, port, cut := text, "", false
	if i := strings.LastIndexByte(text, ':'); i >= 0 && !isBareIPv6(text) && !strings.HasSuffix(text, "]") {
		host, port, cut = text[:i], text[i+1:], true
	}
	if cut {
		var ok bool
		if where.port, ok = parsePort(port); !ok {
			return place{}, false, wrong
		}
	}
	if host == "*" {
		return where, false, nil
	}
	suffix, wild := strings.CutPrefix(host, "*.")
	inner, bracketed := strings.CutPrefix(suffix, "[")
	if bracketed {
		if inner, bracketed = strings.CutSuffix(inner, "]"); !bracketed || !strings.Contains(inner, ":") {
			return place{}, false, wrong
		}
	}
	d, ok := parseHost(inner)
	if !ok || wild && d.addr.IsValid() {
		return place{}, false, wrong
	}
	where.host = d.host()
	if wild {
		where.host = "." + where.host
	}
	return where, !wild, nil
}

func isBareIPv6(text string) bool {
	addr, err := netip.ParseAddr(text)
	return err == nil && addr.Is6()
}

// find returns the value of the pattern that says most: an exact host before
// suffixes, longer suffixes before shorter ones, and for the same host one with
// a port before one without.
func (p *patterns[V]) find(d destination) (value V, ok bool) {
	if len(p.exact)+len(p.below) == 0 {
		return value, false
	}
	host := d.host()
	if value, ok = at(p.exact, host, d.port); ok || len(p.below) == 0 {
		return value, ok
	}
	for rest := host; d.name != "" && !ok; {
		dot := strings.IndexByte(rest, '.')
		if dot < 0 {
			break
		}
		value, ok = at(p.below, rest[dot:], d.port)
		rest = rest[dot+1:]
	}
	if !ok {
		value, ok = at(p.below, "", d.port)
	}
	return value, ok
}

func at[V any](m map[place]V, host string, port uint16) (value V, ok bool) {
	if value, ok = m[place{host, port}]; !ok {
		value, ok = m[place{host, 0}]
	}
	return value, ok
}
