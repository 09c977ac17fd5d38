package wire

import "encoding/binary"

// What an octet may be part of.
const (
	inToken  = 1 << iota // RFC 9110 §5.6.2
	inValue              // RFC 9110 §5.5: visible, space, tab and above 0x7f
	inTarget             // what a target may hold here, see doc.go
	inName               // the unreserved characters of RFC 3986 §2.3
)

var octets = classify()

func classify() (classes [256]uint8) {
	for c := range 256 {
		visible := c > ' ' && c != 0x7f
		if visible || c == ' ' || c == '\t' {
			classes[c] |= inValue
		}
		if visible && c != '#' {
			classes[c] |= inTarget
		}
	}
	const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for _, c := range []byte(alphanumeric + "!#$%&'*+-.^_`|~") {
		classes[c] |= inToken
	}
	for _, c := range []byte(alphanumeric + "-._~") {
		classes[c] |= inName
	}
	return classes
}

// only reports whether all octets of b are of the class.
func only(class uint8, b []byte) bool {
	for _, c := range b {
		if octets[c]&class == 0 {
			return false
		}
	}
	return true
}

// isToken reports whether b is a token.
func isToken(b []byte) bool { return len(b) > 0 && only(inToken, b) }

// checkValue says what in b may not be in a field value. It looks at eight
// octets at a time, the last eight overlapping: values are most of a head.
func checkValue(b []byte) Error {
	const word = 8
	if len(b) < word {
		return checkOctets(b)
	}
	for rest := b; len(rest) > 0; rest = rest[min(word, len(rest)):] {
		if len(rest) < word {
			rest = b[len(b)-word:]
		}
		if suspicious(binary.LittleEndian.Uint64(rest)) {
			if err := checkOctets(rest[:word]); err != 0 {
				return err
			}
		}
	}
	return 0
}

func checkOctets(b []byte) Error {
	for _, c := range b {
		switch {
		case octets[c]&inValue != 0:
		case c == '\r':
			return ErrBareCR
		default:
			return ErrControl
		}
	}
	return 0
}

// suspicious reports whether an octet of x is below 0x20 or is 0x7f. Taking n
// from every octet at once borrows into the top bit of those below n; a borrow
// that spills into the next octet only does so where there is one to report.
func suspicious(x uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	control := (x - ones*0x20) &^ x
	y := x ^ ones*0x7f
	deleted := (y - ones) &^ y
	return (control|deleted)&tops != 0
}

// octetString is text as it comes: from the wire or from the code.
type octetString interface{ ~string | ~[]byte }

// equalFold reports whether a and b are equal but for the case of ASCII
// letters. The folding of Unicode would make a Kelvin sign a k.
func equalFold[A, B octetString](a A, b B) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// trim takes optional white space off both ends (RFC 9110 §5.6.3).
func trim(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}
