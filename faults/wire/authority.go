package wire

import "bytes"

// SplitAuthority cuts an authority into its host, without the brackets of an
// IPv6 address, and its port, nil if it has none. It is not ok unless the host
// is a name of letters, digits, hyphens, dots, underscores and tildes or an
// address (RFC 3986 §3.2.2), and the port 1 to 65535.
func SplitAuthority(authority []byte) (host, port []byte, ok bool) {
	host = authority
	if bytes.HasPrefix(authority, []byte("[")) {
		end := bytes.IndexByte(authority, ']')
		if end < 0 || !isIPv6(authority[1:end]) {
			return nil, nil, false
		}
		host, port = authority[1:end], authority[end+1:]
		ok = len(port) == 0 || port[0] == ':'
	} else {
		if colon := bytes.IndexByte(authority, ':'); colon >= 0 {
			host, port = authority[:colon], authority[colon:]
		}
		ok = len(host) > 0 && only(inName, host)
	}
	if !ok || len(port) == 0 {
		return host, nil, ok
	}
	return host, port[1:], isPort(port[1:])
}

func isAuthority(b []byte) bool {
	_, _, ok := SplitAuthority(b)
	return ok
}

func isPort(b []byte) bool {
	number, ok := parseLength(b)
	return ok && 1 <= number && number <= 65535
}

// isIPv6 reports whether b is an IPv6 address without a zone (RFC 4291 §2.2).
// netip.ParseAddr would need a string, which allocates.
func isIPv6(b []byte) bool {
	const wanted = 8
	before, after, gap := bytes.Cut(b, []byte("::"))
	if !gap {
		return countGroups(b, true) == wanted
	}
	left, right := countGroups(before, false), countGroups(after, true)
	return left >= 0 && right >= 0 && left+right < wanted
}

// countGroups counts the groups of 16 bits in b, parted by single colons; -1
// when b is anything else. The last two may be an IPv4 address.
func countGroups(b []byte, last bool) int {
	if len(b) == 0 {
		return 0
	}
	for count := 1; ; count++ {
		group, rest, more := bytes.Cut(b, []byte(":"))
		switch {
		case !more && last && isIPv4(group):
			return count + 1
		case len(group) == 0 || len(group) > 4 || !isHex(group):
			return -1
		case !more:
			return count
		}
		b = rest
	}
}

func isHex(b []byte) bool {
	for _, c := range b {
		if _, ok := hexDigit(c); !ok {
			return false
		}
	}
	return true
}

// isIPv4 reports whether b is a dotted IPv4 address without leading zeros.
func isIPv4(b []byte) bool {
	for range 3 {
		dot := bytes.IndexByte(b, '.')
		if dot < 0 || !isByte(b[:dot]) {
			return false
		}
		b = b[dot+1:]
	}
	return isByte(b)
}

func isByte(b []byte) bool {
	number, ok := parseLength(b)
	return ok && number <= 255
}

func hexDigit(c byte) (digit byte, ok bool) {
	switch {
	case isDigit(c):
		return c - '0', true
	case 'a' <= lower(c) && lower(c) <= 'f':
		return lower(c) - 'a' + 10, true
	}
	return 0, false
}
