package config

import "strings"

// statement is one "key = value", "[table]" or "[[table]]" of a document. The
// library does not tell the lines of repeated tables apart, so that we look
// for them ourselves.
type statement struct {
	line int
	// key is the key as written.
	key string
	// table marks a header, array one in double brackets.
	table, array bool
}

// scanner walks over the text of a TOML document. It knows strings, comments and
// brackets, which is all it takes to find where statements begin. Of a text that
// is no TOML it finds something or other.
type scanner struct {
	text string
	at   int
	line int
	// deep is the first line that nests too deeply, 0 for none.
	deep int
}

// scan returns the statements of a document, and the first line that nests
// too deeply, 0 for none.
func scan(text string) ([]statement, int) {
	s := &scanner{text: text, line: 1}
	var statements []statement
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.next()
		case '#':
			s.skipComment()
		default:
			statements = append(statements, s.statement())
		}
	}
	return statements, s.deep
}

func (s *scanner) statement() statement {
	found := statement{line: s.line}
	if s.text[s.at] == '[' {
		found.table = true
		s.next()
		if found.array = strings.HasPrefix(s.text[s.at:], "["); found.array {
			s.next()
		}
		found.key = s.until(']')
	} else {
		found.key = s.until('=')
	}
	s.skipValue()
	return found
}

// until returns the text up to a mark outside of quotes, or to the end of the
// line.
func (s *scanner) until(mark byte) string {
	start, parts := s.at, 1
	for s.at < len(s.text) && s.text[s.at] != mark && s.text[s.at] != '\n' {
		switch s.text[s.at] {
		case '"', '\'':
			s.skipString()
			continue
		case '.':
			parts++
			s.limit(parts)
		}
		s.next()
	}
	return s.text[start:s.at]
}

// skipValue goes to the end of the line on which the value ends.
func (s *scanner) skipValue() {
	depth, parts := 0, 1
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '"', '\'':
			s.skipString()
			continue
		case '#':
			s.skipComment()
			continue
		case '[', '{':
			depth++
			parts = 1
		case ']', '}':
			depth--
		case ',':
			parts = 1
		case '.':
			parts++
		case '\n':
			if depth <= 0 {
				return
			}
		}
		s.limit(max(depth, parts))
		s.next()
	}
}

func (s *scanner) limit(depth int) {
	if depth > maxDepth && s.deep == 0 {
		s.deep = s.line
	}
}

func (s *scanner) skipComment() {
	for s.at < len(s.text) && s.text[s.at] != '\n' {
		s.next()
	}
}

// skipString goes past a string of any of the four kinds.
func (s *scanner) skipString() {
	quote := s.text[s.at : s.at+1]
	long := strings.HasPrefix(s.text[s.at:], quote+quote+quote)
	if long {
		s.skip(3)
	} else {
		s.skip(1)
	}
	for s.at < len(s.text) {
		rest := s.text[s.at:]
		switch {
		case quote == `"` && rest[0] == '\\':
			s.skip(2)
		case !long && rest[0] == '\n':
			return
		case !long && rest[0] == quote[0]:
			s.skip(1)
			return
		case long && strings.HasPrefix(rest, quote+quote+quote):
			s.skipQuotes(quote[0])
			return
		default:
			s.next()
		}
	}
}

// skipQuotes goes past the quotes that end a long string: up to two of its own
// stand directly before the three.
func (s *scanner) skipQuotes(quote byte) {
	for n := 0; n < 5 && s.at < len(s.text) && s.text[s.at] == quote; n++ {
		s.next()
	}
}

func (s *scanner) skip(n int) {
	for range min(n, len(s.text)-s.at) {
		s.next()
	}
}

func (s *scanner) next() {
	if s.text[s.at] == '\n' {
		s.line++
	}
	s.at++
}
