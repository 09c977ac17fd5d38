package observe

import "strings"

// isNamed reports whether a name as it came in a query is that one, which has only small letters.
func isNamed(raw, name string) bool {
	for i := 0; i < len(raw); i++ {
		char := raw[i]
		if escapeAt(raw, i) {
			char = unhex(raw[i+1])<<4 | unhex(raw[i+2])
			i += 2
		}
		if name == "" || char|0x20 != name[0] {
			return false
		}
		name = name[1:]
	}
	return name == ""
}

// lowerFrom lowers the letters of a normal name that stands in text from index start on, but not its escapes.
func lowerFrom(text []byte, start int) {
	for i := start; i < len(text); i++ {
		switch char := text[i]; {
		case char == '%':
			i += 2
		case char >= 'A' && char <= 'Z':
			text[i] = char | 0x20
		}
	}
}

// charset is a set of bytes.
type charset [256]bool

// plainInPath and plainInQuery are the bytes that stay as they are.
var plainInPath, plainInQuery = plainBut("?#"), plainBut("#")

// plainBut is the set of what may stand in a URL without an escape, but for those.
func plainBut(but string) (plain charset) {
	for char := range plain {
		plain[char] = mayStand(byte(char)) && strings.IndexByte(but, byte(char)) < 0
	}
	return plain
}

// appendNormal appends a text of which it decodes the escapes of unreserved characters, writes the others with upper-case
// digits, and escapes stray percent signs and what is not plain.
func appendNormal(dst []byte, text string, plain *charset) []byte {
	const digits = "0123456789ABCDEF"
	for i := 0; i < len(text); i++ {
		start := i
		for i < len(text) && plain[text[i]] {
			i++
		}
		dst = append(dst, text[start:i]...)
		if i == len(text) {
			break
		}
		char := text[i]
		if escapeAt(text, i) {
			char = unhex(text[i+1])<<4 | unhex(text[i+2])
			i += 2
		}
		if isUnreserved(char) {
			dst = append(dst, char)
		} else {
			dst = append(dst, '%', digits[char>>4], digits[char&15])
		}
	}
	return dst
}

// isUnreserved is the unreserved set of RFC 3986, 2.3.
func isUnreserved(char byte) bool {
	return isAlphanumeric(rune(char)) || strings.IndexByte("-._~", char) >= 0
}

// mayStand reports whether char may stand in a URL without an escape.
func mayStand(char byte) bool {
	return char > ' ' && char < 0x7f && strings.IndexByte("%\"<>\\^`{|}", char) < 0
}

func isHex(char byte) bool {
	return char >= '0' && char <= '9' || char >= 'a' && char <= 'f' || char >= 'A' && char <= 'F'
}

func unhex(char byte) byte {
	if char <= '9' {
		return char - '0'
	}
	return char&^0x20 - 'A' + 10
}
