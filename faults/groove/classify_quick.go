package groove

import (
	"bytes"
	"encoding/binary"
)

// A body in which there is nothing to be found need not be read: an Error, at the top
// level or in a result, is a member or an element named Error or error, so that "rror" stands in the text. In JSON
// a letter can also be written as an escape, of which only \u can stand for one.

const (
	// errorTail is what both names have in common.
	errorTail = "rror"
	// letterEscape begins the escapes of all ASCII letters.
	letterEscape = `\u00`
)

// eachByte repeats a byte in a word of eight, highBit is the highest bit of each byte.
const (
	eachByte = 0x0101010101010101
	highBit  = 0x80 * eachByte
)

// mayHoldError reports whether there may be an Error in a body. It errs on the side of yes.
func mayHoldError(body []byte) bool { return holdsErrorTail(body) || holdsLetterEscape(body) }

// holdsErrorTail looks for errorTail, at sixteen places at a time: two r beside each other are rare. It reads
// each word twice, once shifted by a byte, so that a place with two is 0 in both.
func holdsErrorTail(body []byte) bool {
	for len(body) >= 17 {
		low := notR(body) | notR(body[1:])
		high := notR(body[8:]) | notR(body[9:])
		if marked(low)|marked(high) != 0 && bytes.Contains(body[:min(len(body), 16+len(errorTail))], []byte(errorTail)) {
			return true
		}
		body = body[16:]
	}
	return bytes.Contains(body, []byte(errorTail))
}

// notR reads eight bytes, of which each r becomes 0.
func notR(text []byte) uint64 { return binary.LittleEndian.Uint64(text) ^ 'r'*eachByte }

// marked returns the highest bit of each byte that is 0, and perhaps of some behind those.
func marked(word uint64) uint64 { return (word - eachByte) &^ word & highBit }

// holdsLetterEscape looks for an escape of a letter of Error or error.
func holdsLetterEscape(body []byte) bool {
	for {
		i := bytes.Index(body, []byte(letterEscape))
		if i < 0 || len(body) < i+len(letterEscape)+2 {
			return false
		}
		body = body[i+len(letterEscape):]
		switch string(body[:2]) {
		case "45", "65", "72", "6f", "6F":
			return true
		}
	}
}
