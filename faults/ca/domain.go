package ca

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// domains are what an authority may sign for. The zero value permits nothing.
type domains struct {
	any      bool
	names    []string
	prefixes []netip.Prefix
}

// host is a host name, in lower case and without a final dot, or an address.
type host struct {
	name string
	addr netip.Addr
}

func (h host) String() string {
	if h.addr.IsValid() {
		return h.addr.String()
	}
	return h.name
}

// parseHost reads what a client may ask a certificate for.
func parseHost(text string) (host, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return host{addr: addr.Unmap()}, nil
	}
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	if !isName(name) {
		return host{}, fmt.Errorf("certificate for %.80q: %w", text, ErrHost)
	}
	return host{name: name}, nil
}

// isName reports whether text is labels of letters, digits, hyphens and
// underscores, and no other spelling of an address, which a last label of
// digits would be.
func isName(text string) bool {
	const longest, longestLabel = 253, 63
	last := ""
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || len(label) > longestLabel || strings.Trim(label, "-") != label || !plain(label) {
			return false
		}
		last = label
	}
	return len(text) <= longest && (last[0] < '0' || last[0] > '9')
}

// plain reports whether a label has nothing but what a name may hold.
func plain(label string) bool {
	for i := range len(label) {
		c := label[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// parseDomains reads Options.Domains.
func parseDomains(texts []string) (domains, error) {
	var d domains
	for _, text := range texts {
		if err := d.add(text); err != nil {
			return domains{}, err
		}
	}
	if len(texts) == 0 {
		return domains{}, errors.New("there is no domain to sign for, want at least one")
	}
	return d, nil
}

func (d *domains) add(text string) error {
	if text == AnyHost {
		d.any = true
		return nil
	}
	if prefix, err := netip.ParsePrefix(text); err == nil {
		d.prefixes = append(d.prefixes, prefix.Masked())
		return nil
	}
	h, err := parseHost(strings.TrimPrefix(text, "*."))
	switch {
	case err != nil:
		return fmt.Errorf("domain is %.80q: %w", text, ErrHost)
	case h.addr.IsValid():
		d.prefixes = append(d.prefixes, netip.PrefixFrom(h.addr, h.addr.BitLen()))
	default:
		d.names = append(d.names, h.name)
	}
	return nil
}

// permit reports whether a host is among the domains or below one.
func (d *domains) permit(h host) bool {
	if d.any {
		return true
	}
	if h.addr.IsValid() {
		return d.covers(netip.PrefixFrom(h.addr, h.addr.BitLen()))
	}
	for _, name := range d.names {
		if rest, below := strings.CutSuffix(h.name, name); below && (rest == "" || strings.HasSuffix(rest, ".")) {
			return true
		}
	}
	return false
}

func (d *domains) covers(p netip.Prefix) bool {
	for _, wide := range d.prefixes {
		if wide.Bits() <= p.Bits() && wide.Contains(p.Addr()) {
			return true
		}
	}
	return d.any
}

// beyond returns what of d the other does not permit.
func (d *domains) beyond(other domains) []string {
	var missing []string
	if d.any && !other.any {
		missing = append(missing, AnyHost)
	}
	for _, name := range d.names {
		if !other.permit(host{name: name}) {
			missing = append(missing, name)
		}
	}
	for _, prefix := range d.prefixes {
		if !other.covers(prefix) {
			missing = append(missing, prefixText(prefix))
		}
	}
	return missing
}

// texts is the domains as they may be configured.
func (d *domains) texts() []string {
	if d.any {
		return []string{AnyHost}
	}
	out := append([]string(nil), d.names...)
	for _, prefix := range d.prefixes {
		out = append(out, prefixText(prefix))
	}
	return out
}

func prefixText(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// nowhere is permitted where no name is: an empty list would permit all
// (RFC 2606 §2).
const nowhere = "invalid"

// constrain writes the domains into a certificate. A kind of name that is not
// mentioned would be unconstrained, so both kinds always are.
func (d *domains) constrain(c *x509.Certificate) {
	if d.any {
		return
	}
	c.PermittedDNSDomainsCritical = true
	c.PermittedDNSDomains = d.names
	if len(d.names) == 0 {
		c.PermittedDNSDomains = []string{nowhere}
	}
	for _, p := range d.prefixes {
		c.PermittedIPRanges = append(c.PermittedIPRanges, ipNet(p))
	}
	if len(d.prefixes) == 0 {
		for _, all := range []string{"0.0.0.0/0", "::/0"} {
			c.ExcludedIPRanges = append(c.ExcludedIPRanges, ipNet(netip.MustParsePrefix(all)))
		}
	}
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// constraints reads back what constrain wrote.
func constraints(c *x509.Certificate) domains {
	if len(c.PermittedDNSDomains) == 0 {
		return domains{any: true}
	}
	var d domains
	for _, name := range c.PermittedDNSDomains {
		if name != nowhere {
			d.names = append(d.names, name)
		}
	}
	for _, n := range c.PermittedIPRanges {
		addr, _ := netip.AddrFromSlice(n.IP) // x509 parsed 4 or 16 bytes
		bits, _ := n.Mask.Size()
		d.prefixes = append(d.prefixes, netip.PrefixFrom(addr, bits))
	}
	return d
}
