package groove

import (
	"bytes"
	"regexp"
)

// readXML reads a body that is an XML document, or the beginning of one.
func readXML(body []byte) reading {
	s := xmlScanner{body: body}
	for s.markup() {
	}
	return s.reading
}

// maxPlaces is the depth of the deepest place: the Error of one result of a playlist.
const maxPlaces = 5

// xmlScanner walks through an XML text once and minds only the elements that
// lead to something. Namespaces are not resolved: prefixes are cut off. It
// knows no entities, for no code needs one, and stops at a DOCTYPE, which no
// answer of the service has.
type xmlScanner struct {
	body []byte
	at   int
	// places are the open elements that matter, open their number, skipped
	// the number of open elements inside that do not.
	places        [maxPlaces]place
	open, skipped int
	// content is where the content of the innermost place begins.
	content int
	reading
}

// markup reads up to the end of the next tag, comment or the like. It returns
// false where the text ends, stops making sense or has said everything.
func (s *xmlScanner) markup() bool {
	i := bytes.IndexByte(s.body[s.at:], '<')
	if i < 0 {
		return false
	}
	s.at += i
	rest := s.body[s.at:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		return s.pass("<!--", "-->")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return s.pass("<![CDATA[", "]]>")
	case bytes.HasPrefix(rest, []byte("<?")):
		return s.pass("<?", "?>")
	case bytes.HasPrefix(rest, []byte("<!")):
		return false
	case bytes.HasPrefix(rest, []byte("</")):
		return s.end()
	default:
		return s.start()
	}
}

// pass steps over everything from opening to closing.
func (s *xmlScanner) pass(opening, closing string) bool {
	from := s.at + len(opening)
	i := bytes.Index(s.body[from:], []byte(closing))
	s.at = from + i + len(closing)
	return i >= 0
}

// start reads a start tag.
func (s *xmlScanner) start() bool {
	tag, ok := s.tag()
	if !ok {
		return false
	}
	inner, empty := bytes.CutSuffix(tag, []byte("/"))
	name, attributes := splitTag(inner)
	p := s.inside(name)
	if p == elsewhere {
		if !empty {
			s.skipped++
		}
		return true
	}
	if !isNil(attributes) {
		s.present(p)
	}
	if !empty {
		s.places[s.open] = p
		s.open++
		s.content = s.at
	}
	return s.open > 0
}

// end reads an end tag. Which element it names is not looked at.
func (s *xmlScanner) end() bool {
	from := s.at
	if _, ok := s.tag(); !ok {
		return false
	}
	if s.skipped > 0 {
		s.skipped--
		return true
	}
	if s.open == 0 {
		return false
	}
	s.open--
	if s.places[s.open] == atCode {
		s.take(s.body[s.content:from])
	}
	return s.open > 0
}

// inside returns the place of an element that starts here.
func (s *xmlScanner) inside(name []byte) place {
	switch {
	case s.skipped > 0:
		return elsewhere
	case s.open == 0:
		return atTop
	default:
		return s.places[s.open-1].child(name)
	}
}

// tag steps over a tag and returns what is between "<" and ">". A ">" within a
// quoted attribute does not end it.
func (s *xmlScanner) tag() (inner []byte, ok bool) {
	start := s.at + 1
	for at := start; at < len(s.body); at++ {
		switch c := s.body[at]; c {
		case '>':
			s.at = at + 1
			return s.body[start:at], true
		case '"', '\'':
			i := bytes.IndexByte(s.body[at+1:], c)
			if i < 0 {
				return nil, false
			}
			at += 1 + i
		}
	}
	return nil, false
}

// splitTag splits the inside of a start tag into the name without its prefix
// and the attributes.
func splitTag(inner []byte) (name, attributes []byte) {
	name = inner
	if i := bytes.IndexAny(inner, " \t\r\n"); i >= 0 {
		name, attributes = inner[:i], inner[i:]
	}
	return name[bytes.IndexByte(name, ':')+1:], attributes
}

// nilAttribute is how a data-contract serializer writes null.
var nilAttribute = regexp.MustCompile(`[\s:]nil\s*=\s*["'](?:true|1)["']`)

func isNil(attributes []byte) bool {
	return len(attributes) > 0 && nilAttribute.Match(attributes)
}
