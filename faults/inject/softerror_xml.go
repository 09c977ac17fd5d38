package inject

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// errorIntoXML changes a data-contract document, whose root has to be of the
// type answer, or of any response type for "".
func errorIntoXML(body []byte, answer string, p plant) ([]byte, error) {
	root, err := readXML(body)
	if err != nil {
		return nil, err
	}
	if answer != "" && root.name != answer || !strings.HasSuffix(root.name, "Response") {
		return nil, fmt.Errorf("the body is no %s", cmp.Or(answer, "response type"))
	}
	edits := root.give(nil, body, p.top, "Error")
	if p.share == nil {
		return apply(body, edits), nil
	}
	results := root.results()
	if len(results) == 0 {
		return nil, errNoResults
	}
	for i, fails := range p.chosen(len(results)) {
		if fails {
			edits = results[i].give(edits, body, p.item, "Error", "Id")
		}
	}
	return apply(body, edits), nil
}

// element is where an element of a document stands. Of its children only those
// are known that may matter.
type element struct {
	// name is the name without its prefix.
	name string
	// start is where the start tag begins, inner where it ends, end where the
	// whole element does. Of an empty-element tag inner is end.
	start, inner, end int
	children          []*element
}

// results returns the results of a batch write.
func (e *element) results() []*element {
	list := e.child("TrackActionResults")
	if result := e.child("PlaylistActionResult"); list == nil && result != nil {
		list = result.child("TrackActionResults")
	}
	if list == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(list.children), func(child *element) bool { return child.name != "TrackActionResult" })
}

func (e *element) child(name string) *element {
	for _, child := range e.children {
		if child.name == name {
			return child
		}
	}
	return nil
}

// give adds the edits that make an Error the first child, in the namespace
// of e, and take those of the given names away.
func (e *element) give(edits []edit, body []byte, what groove.Error, without ...string) []edit {
	for _, child := range e.children {
		if slices.Contains(without, child.name) {
			edits = append(edits, edit{start: child.start, end: child.end})
		}
	}
	tag := e.tag(body)
	text := errorXML(tag[:bytes.IndexByte(tag, ':')+1], what)
	if e.inner < e.end {
		return append(edits, edit{start: e.inner, end: e.inner, text: text})
	}
	opened := fmt.Appendf(nil, ">%s</%s>", text, tag)
	return append(edits, edit{start: e.end - len("/>"), end: e.end, text: opened})
}

// tag is the name in the start tag, with its prefix.
func (e *element) tag(body []byte) []byte {
	tag := body[e.start+len("<") : e.inner]
	if i := bytes.IndexAny(tag, blanks+"/>"); i >= 0 {
		tag = tag[:i]
	}
	return tag
}

// errorXML writes an Error with the members in alphabetical order, which is the
// order a data-contract reader insists on.
func errorXML(prefix []byte, e groove.Error) []byte {
	out := fmt.Appendf(nil, "<%sError>", prefix)
	for _, member := range []struct{ name, text string }{
		{"Description", e.Description}, {"ErrorCode", string(e.Code)}, {"Message", e.Message},
	} {
		if member.text == "" {
			continue
		}
		var text bytes.Buffer
		// Writing into memory cannot go wrong.
		_ = xml.EscapeText(&text, []byte(member.text))
		out = fmt.Appendf(out, "<%s%s>%s</%s%s>", prefix, member.name, &text, prefix, member.name)
	}
	return fmt.Appendf(out, "</%sError>", prefix)
}

var errNoXML = errors.New("the body is no XML document")

// readXML reads a document. One with a DOCTYPE, which no answer of the service
// has, is none.
func readXML(body []byte) (*element, error) {
	r := xmlReader{decoder: xml.NewDecoder(bytes.NewReader(body))}
	var root *element
	for {
		start := int(r.decoder.InputOffset())
		token, err := r.decoder.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, errNoXML
		}
		switch token := token.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, errNoXML
			}
			if root, err = r.element(token.Name.Local, start, 0); err != nil {
				return nil, errNoXML
			}
		case xml.Directive:
			return nil, errNoXML
		}
	}
}

type xmlReader struct{ decoder *xml.Decoder }

// maxDepth is how deep what matters lies below the root: an Error in a result in the
// list of a playlist.
const maxDepth = 3

// element reads the rest of the element whose start tag was read last.
func (r xmlReader) element(name string, start, depth int) (*element, error) {
	e := &element{name: name, start: start, inner: r.at()}
	for {
		from := r.at()
		token, err := r.decoder.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.EndElement:
			e.end = r.at()
			return e, nil
		case xml.Directive:
			return nil, errNoXML
		case xml.StartElement:
			child, err := r.child(token.Name.Local, from, depth)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, child)
		}
	}
}

// child reads an element, and its own children where they may matter.
func (r xmlReader) child(name string, start, depth int) (*element, error) {
	leads := name == "PlaylistActionResult" || name == "TrackActionResults" || name == "TrackActionResult"
	if leads && depth < maxDepth {
		return r.element(name, start, depth+1)
	}
	e := &element{name: name, start: start, inner: r.at()}
	err := r.decoder.Skip()
	e.end = r.at()
	return e, err
}

func (r xmlReader) at() int { return int(r.decoder.InputOffset()) }
