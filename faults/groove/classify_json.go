package groove

import (
	"bytes"
	"encoding/json"
)

// readJSON reads a body that is one JSON object, or the beginning of one.
func readJSON(body []byte) reading {
	s := jsonScanner{body: body}
	if c, ok := s.peek(); ok && c == '{' {
		s.object(atTop)
	}
	return s.reading
}

// jsonScanner walks through a JSON text once and descends only where there is
// something to be found; all else is skipped without a look at its inside, and
// without recursion, so that depth costs nothing. Its methods return false
// where the text ends or stops making sense.
type jsonScanner struct {
	body []byte
	at   int
	reading
}

// peek returns the next byte that is not blank.
func (s *jsonScanner) peek() (c byte, ok bool) {
	for ; s.at < len(s.body); s.at++ {
		switch c := s.body[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c, true
		}
	}
	return 0, false
}

// expect steps over c.
func (s *jsonScanner) expect(c byte) bool {
	next, ok := s.peek()
	if !ok || next != c {
		return false
	}
	s.at++
	return true
}

// value reads the value at p.
func (s *jsonScanner) value(p place) bool {
	c, ok := s.peek()
	switch {
	case !ok:
		return false
	case p == elsewhere:
		return s.skip()
	case c == '{' && p != atResults:
		s.present(p)
		return s.object(p)
	case c == '[' && p == atResults:
		return s.array(p)
	case c == '"':
		return s.text(p)
	default:
		return s.skip()
	}
}

// object reads the members of the object at p.
func (s *jsonScanner) object(p place) bool {
	s.at++
	if s.expect('}') {
		return true
	}
	for {
		if c, ok := s.peek(); !ok || c != '"' {
			return false
		}
		name, ok := s.quoted()
		if !ok || !s.expect(':') || !s.value(p.child(unquote(name))) {
			return false
		}
		if !s.expect(',') {
			return s.expect('}')
		}
	}
}

// array reads the elements of the list at p.
func (s *jsonScanner) array(p place) bool {
	s.at++
	if s.expect(']') {
		return true
	}
	for {
		if !s.value(p.child(nil)) {
			return false
		}
		if !s.expect(',') {
			return s.expect(']')
		}
	}
}

// text reads the string at p. An Error that is a text is one without a code.
func (s *jsonScanner) text(p place) bool {
	text, ok := s.quoted()
	if !ok {
		return false
	}
	switch {
	case p == atCode:
		s.take(unquote(text))
	case len(text) > len(`""`):
		s.present(p)
	}
	return true
}

// quoted steps over a string and returns it with its quotes.
func (s *jsonScanner) quoted() (text []byte, ok bool) {
	start := s.at
	for s.at++; ; s.at++ {
		i := bytes.IndexByte(s.body[s.at:], '"')
		if i < 0 {
			s.at = len(s.body)
			return nil, false
		}
		run := s.body[s.at : s.at+i]
		s.at += i
		if escapes := len(run) - len(bytes.TrimRight(run, `\`)); escapes%2 == 0 {
			s.at++
			return s.body[start:s.at], true
		}
	}
}

// skip steps over a value. It pairs opening with closing brackets of either
// kind: whether the text is sound is not its business.
func (s *jsonScanner) skip() bool {
	depth := 0
	for s.at < len(s.body) {
		switch s.body[s.at] {
		case '"':
			if _, ok := s.quoted(); !ok || depth == 0 {
				return ok
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return true // the end of what this value is in
			}
			if depth--; depth == 0 {
				s.at++
				return true
			}
		case ',':
			if depth == 0 {
				return true
			}
		}
		s.at++
	}
	return false
}

// maxQuoted bounds the strings whose escapes are worth resolving: a code in
// which every byte is an escape.
const maxQuoted = 6*maxCode + len(`""`)

// unquote returns the text of a string with its quotes; nil if it has escapes
// and is too long to matter, or is no string.
func unquote(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var text string
	if len(quoted) > maxQuoted || json.Unmarshal(quoted, &text) != nil {
		return nil
	}
	return []byte(text)
}
