package route

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// destination is a host, which is a name in lower case without a final dot or
// an address, and a port.
type destination struct {
	name string
	addr netip.Addr
	port uint16
}

// host is the name or the address, without brackets.
func (d destination) host() string {
	if d.addr.IsValid() {
		return d.addr.String()
	}
	return d.name
}

func (d destination) String() string {
	return net.JoinHostPort(d.host(), strconv.Itoa(int(d.port)))
}

// refuse makes the error of a refusal.
func (d destination) refuse(reason Reason, detail string) error {
	return &RefusedError{Destination: d.String(), Reason: reason, Detail: detail}
}

// parseHost reads a host without brackets. Mapped addresses become IPv4. A
// name that is in lower case is not copied.
func parseHost(text string) (d destination, ok bool) {
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	if isName(name) {
		return destination{name: name}, true
	}
	addr, err := netip.ParseAddr(text)
	return destination{addr: addr.Unmap()}, err == nil && addr.Zone() == ""
}

// isName reports whether text is labels of letters, digits, hyphens and
// underscores, the last of which begins with no digit: "127.1" and "0x7f" are
// addresses to some resolvers, and no top-level domain begins so.
func isName(text string) bool {
	const longest, longestLabel = 253, 63
	start := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && text[i] != '.' {
			if !inLabel(text[i]) {
				return false
			}
			continue
		}
		if i == start || i-start > longestLabel || text[start] == '-' || text[i-1] == '-' {
			return false
		}
		if i < len(text) {
			start = i + 1
		}
	}
	return len(text) <= longest && (text[start] < '0' || text[start] > '9')
}

func inLabel(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// parseHostPort reads "name:port", "1.2.3.4:port" or "[address]:port".
func parseHostPort(text string) (destination, error) {
	host, portText, err := net.SplitHostPort(text)
	d, ok := parseHost(host)
	port, valid := parsePort(portText)
	if err != nil || !ok || !valid || strings.HasPrefix(text, "[") != strings.Contains(host, ":") {
		return destination{}, &RefusedError{Destination: text, Reason: ReasonHost}
	}
	d.port = port
	return d, nil
}

func parsePort(text string) (port uint16, ok bool) {
	number, err := strconv.ParseUint(text, 10, 16)
	return uint16(number), err == nil && number > 0 && text[0] != '0'
}
