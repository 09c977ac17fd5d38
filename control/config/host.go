package config

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
)

// anyHost is the pattern of every host.
const anyHost = "*"

// place is a host pattern in its one spelling: a name in lower case, "*." and
// one for all names below it, "*" for every host, or an address. Port 0 stands
// for all ports.
type place struct {
	host string
	port uint16
}

// parsePlace reads a host pattern with or without ":port". Addresses of IPv6 may
// stand in brackets, and must before a port.
func parsePlace(text string) (p place, ok bool) {
	host := text
	if i := strings.LastIndexByte(text, ':'); i >= 0 && !isIPv6(text) && !strings.HasSuffix(text, "]") {
		number, err := strconv.ParseUint(text[i+1:], 10, 16)
		if err != nil || text[i+1] < '1' || text[i+1] > '9' {
			return place{}, false
		}
		host, p.port = text[:i], uint16(number)
	}
	if inner, bracketed := strings.CutPrefix(host, "["); bracketed {
		host, ok = strings.CutSuffix(inner, "]")
		if !ok || !isIPv6(host) {
			return place{}, false
		}
	}
	p.host, ok = spelling(host)
	return p, ok
}

// spelling is how a host pattern without a port is spelt.
func spelling(host string) (string, bool) {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Unmap().String(), address.Zone() == ""
	}
	host = strings.ToLower(host)
	return host, host == anyHost || validName(strings.TrimPrefix(host, "*."))
}

func isIPv6(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is6()
}

// validHost accepts addresses and names.
func validHost(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Zone() == ""
	}
	return validName(host)
}

// validName accepts what is a host name (RFC 1123, 2.1), with underscores, which
// some names have.
func validName(name string) bool {
	const longest, longestLabel = 253, 63
	last := ""
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > longestLabel || strings.Trim(label, "-") != label || strings.ContainsFunc(label, unusual) {
			return false
		}
		last = label
	}
	// A last label that begins with a digit is an address to some resolvers.
	return len(name) <= longest && (last[0] < '0' || last[0] > '9')
}

// unusual reports whether a character is none of those of host names.
func unusual(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_'
}

// hostReview reviews host patterns, no two of which may be the same.
type hostReview struct {
	// section is the table that the fields are below.
	section  string
	taken    map[place]string
	problems faults.Problems
}

func newHostReview(section string) *hostReview {
	return &hostReview{section: section, taken: make(map[place]string)}
}

func (r *hostReview) add(field string, hosts []string) {
	for i, text := range hosts {
		field := fmt.Sprintf("%s[%d]", field, i)
		where, ok := parsePlace(text)
		if !ok {
			r.problem(field, text, `want a host name, "*." before one, or an address, with a port or without`)
			continue
		}
		r.enter(field, text, where)
	}
}

// addDestinations is add for what may be reached: prefixes too, but not everything.
func (r *hostReview) addDestinations(field string, destinations []string) {
	for i, text := range destinations {
		field := fmt.Sprintf("%s[%d]", field, i)
		if prefix, err := netip.ParsePrefix(text); err == nil {
			r.enter(field, text, place{host: prefix.Masked().String()})
			continue
		}
		where, ok := parsePlace(text)
		if !ok || where.host == anyHost {
			r.problem(field, text, `want a host name, "*." before one, or an address, with a port or without, or a prefix such as "10.1.2.0/24"`)
			continue
		}
		r.enter(field, text, where)
	}
}

func (r *hostReview) enter(field, text string, where place) {
	if other, double := r.taken[where]; double {
		r.problem(field, text, "which "+r.section+other+" has already")
		return
	}
	r.taken[where] = field
}

func (r *hostReview) problem(field, text, rest string) {
	r.problems = append(r.problems, faults.Problem{Field: field, Text: fmt.Sprintf("is %s, %s", quote(text), rest)})
}
