package groove

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Template is a path with variables, as endpoints and faults name it. A
// {name} stands for one segment that is not empty, a final {name...} for all
// that follows the slash before it, even nothing. The zero Template matches
// the path "/" alone. A Template is immutable.
type Template struct {
	text string
	// segments hold the words, decoded and in lower case; "" is a variable.
	segments []string
	// open reports a final {name...}, which is not among the segments.
	open bool
}

// ParseTemplate reads a template such as "/1/content/{id}/lookup". Its errors
// say what is wrong and what is wanted; they leave it to the caller to repeat the text.
func ParseTemplate(text string) (Template, error) {
	rest, ok := strings.CutPrefix(text, "/")
	if !ok {
		return Template{}, errors.New(`does not begin with "/", want a path such as "/1/content/{id}/lookup"`)
	}
	t := Template{text: text}
	for more := rest != ""; more; {
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		word, open, err := parseSegment(segment)
		switch {
		case err != nil:
			return Template{}, err
		case open && more:
			return Template{}, fmt.Errorf("segment %q is followed by others, want it at the end only", segment)
		case open:
			t.open = true
		default:
			t.segments = append(t.segments, word)
		}
	}
	return t, nil
}

// parseSegment returns the word that a segment stands for, "" for a variable.
func parseSegment(segment string) (word string, open bool, err error) {
	switch {
	case segment == "":
		return "", false, errors.New(`has an empty segment, want a word or {name} after every "/"`)
	case strings.HasPrefix(segment, "{"):
		open, err = parseVariable(segment)
		return "", open, err
	case strings.ContainsAny(segment, "{}"):
		return "", false, fmt.Errorf("segment %q mixes a word with a brace, want one word or one {name}", segment)
	case strings.ContainsAny(segment, "?#"):
		return "", false, fmt.Errorf("segment %q has a query or a fragment, want the path alone", segment)
	}
	word, err = url.PathUnescape(segment)
	if err != nil {
		return "", false, fmt.Errorf(`segment %q has a bad percent-encoding, want two hexadecimal digits after "%%"`, segment)
	}
	return lowerASCII(word), false, nil
}

// parseVariable reports whether a variable is one for all the rest.
func parseVariable(segment string) (open bool, err error) {
	name, closed := strings.CutSuffix(segment[1:], "}")
	name, open = strings.CutSuffix(name, "...")
	if !closed || !isName(name) {
		return false, fmt.Errorf("segment %q is no variable, want {name} or {name...} of letters, digits and underscores", segment)
	}
	return open, nil
}

// String returns the text that the template was parsed from.
func (t Template) String() string {
	if t.text == "" {
		return "/"
	}
	return t.text
}

// Words returns the segments of the template in order: words decoded and in
// lower case, "" for a variable. A final {name...} is not among them. The caller owns
// the slice.
func (t Template) Words() []string { return slices.Clone(t.segments) }

// Match reports whether a path, as sent and without its query, fits the
// template. Words compare without regard to percent-encoding and to the case of ASCII
// letters. It does not allocate.
func (t Template) Match(path string) bool {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return false
	}
	more := rest != "" || (t.open && len(t.segments) == 0)
	for _, word := range t.segments {
		if !more {
			return false
		}
		var sent string
		sent, rest, more = strings.Cut(rest, "/")
		if !fits(word, sent) {
			return false
		}
	}
	return more == t.open
}

// CouldMatch reports whether there is a path that fits both the template and
// the endpoint. It compares paths only, neither methods nor hosts.
func (t Template) CouldMatch(endpoint Endpoint) bool {
	return t.meetsPath(endpoint.Template) || slices.ContainsFunc(endpoint.Aliases, t.meetsPath)
}

// meetsPath reports whether t and the template of an endpoint have a path in common.
func (t Template) meetsPath(text string) bool {
	other, ok := parsed[text]
	if !ok {
		var err error
		if other, err = ParseTemplate(text); err != nil || other.open {
			return false // no endpoint's template
		}
	}
	return t.meets(other)
}

// meets reports whether t and other, which is not open, have a path in common.
func (t Template) meets(other Template) bool {
	switch {
	case t.open && len(other.segments) <= len(t.segments):
		return false
	case !t.open && len(other.segments) != len(t.segments):
		return false
	}
	for i, word := range t.segments {
		if theirs := other.segments[i]; word != "" && theirs != "" && word != theirs {
			return false
		}
	}
	return true
}

// fits reports whether a segment as sent is what a template's segment wants.
func fits(word, sent string) bool {
	if word == "" {
		return sent != ""
	}
	return sameWord(word, sent)
}

// sameWord reports whether a segment as sent spells word, which is decoded and
// in lower case.
func sameWord(word, sent string) bool {
	for i := range len(word) {
		switch {
		case i == len(sent):
			return false
		case sent[i] == '%':
			return sameEncoded(word[i:], sent[i:])
		case lowerByte(sent[i]) != word[i]:
			return false
		}
	}
	return len(sent) == len(word)
}

// sameEncoded is sameWord for a segment with percent-encoding.
func sameEncoded(word, sent string) bool {
	for i := range len(word) {
		if sent == "" {
			return false
		}
		c, width := firstByte(sent)
		if lowerByte(c) != word[i] {
			return false
		}
		sent = sent[width:]
	}
	return sent == ""
}

// AppendWord appends a segment as sent in the spelling of Words, so that
// segments that a word fits come out as that word. It allocates only when dst has no room.
func AppendWord(dst []byte, segment string) []byte {
	for segment != "" {
		c, width := firstByte(segment)
		dst = append(dst, lowerByte(c))
		segment = segment[width:]
	}
	return dst
}

// firstByte decodes the first byte of a segment that is not empty and returns
// how many bytes it was sent as. A bad percent-encoding stands for itself.
func firstByte(sent string) (c byte, width int) {
	if sent[0] == '%' && len(sent) >= 3 {
		high, low := hexDigit(sent[1]), hexDigit(sent[2])
		if high >= 0 && low >= 0 {
			return byte(high<<4 | low), 3 //nolint:gosec // Two hexadecimal digits make a byte.
		}
	}
	return sent[0], 1
}

// hexDigit returns the value of a hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= lowerByte(c) && lowerByte(c) <= 'f':
		return int(lowerByte(c)-'a') + 10
	default:
		return -1
	}
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// lowerASCII leaves every byte outside A to Z alone, as the matching does.
func lowerASCII(s string) string {
	lower := []byte(s)
	for i, c := range lower {
		lower[i] = lowerByte(c)
	}
	return string(lower)
}

// isName reports whether s is made of ASCII letters, digits and underscores.
func isName(s string) bool {
	for i := range len(s) {
		c := lowerByte(s[i])
		letter := 'a' <= c && c <= 'z' || c == '_'
		digit := '0' <= c && c <= '9'
		if !letter && !digit {
			return false
		}
	}
	return s != ""
}
