package faults

import "strings"

// coded reports whether a name or value of a query may stand for another text.
func coded(sent string) bool {
	return strings.IndexByte(sent, '%') >= 0 || strings.IndexByte(sent, '+') >= 0
}

// appendDecoded appends what a name or value of a query stands for, as
// url.QueryUnescape has it; what cannot be decoded stands for itself. It
// allocates only when dst has no room.
func appendDecoded(dst []byte, sent string) []byte {
	start := len(dst)
	for i := 0; i < len(sent); i++ {
		switch c := sent[i]; c {
		case '+':
			dst = append(dst, ' ')
		case '%':
			if i+2 >= len(sent) || !isHex(sent[i+1]) || !isHex(sent[i+2]) {
				return append(dst[:start], sent...)
			}
			dst = append(dst, unhex(sent[i+1])<<4|unhex(sent[i+2]))
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= lower(c) && lower(c) <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return lower(c) - 'a' + 10
}
