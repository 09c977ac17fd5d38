package observe

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds a value from outside that lands in journals and reports, in bytes.
const maxText = 128

// clean makes a value that a client sent fit for a report: printable characters, no credentials, at most
// maxText bytes. What is cut off is kept apart by a digest, so that two long values
// that begin alike do not become one.
func clean(value string) string {
	value = strings.TrimSpace(value)
	value = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, value)
	value = concealTokens(value)
	if len(value) <= maxText {
		return value
	}
	cut := maxText - 1 - shortDigits
	for !utf8.RuneStart(value[cut]) {
		cut--
	}
	return value[:cut] + "~" + shortDigest("text", value)
}

// shortDigits is the length of a digest that stands for a text or a secret, in hex digits.
const shortDigits = 8

// shortDigest is the first shortDigits of a SHA-256 of value. The label keeps
// digests of different things apart.
func shortDigest(label, value string) string {
	var room [256]byte
	return string(appendDigest(room[:0], label, value, shortDigits))
}

// appendDigest appends so many hex digits of a SHA-256 of value. The room behind dst serves to put the
// parts together.
func appendDigest(dst []byte, label, value string, digits int) []byte {
	start := len(dst)
	dst = append(dst, "groovechaos "...)
	dst = append(dst, label...)
	dst = append(dst, 0)
	dst = append(dst, value...)
	sum := sha256.Sum256(dst[start:])
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return append(dst[:start], text[:digits]...)
}
