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
	const mark = 8
	cut := maxText - 1 - mark
	for !utf8.RuneStart(value[cut]) {
		cut--
	}
	return value[:cut] + "~" + shortDigest("text", value, mark)
}

// shortDigest is the first so many hex digits of a SHA-256 of value. The label keeps
// digests of different things apart.
func shortDigest(label, value string, digits int) string {
	sum := sha256.Sum256([]byte("groovechaos " + label + "\x00" + value))
	return hex.EncodeToString(sum[:])[:digits]
}
