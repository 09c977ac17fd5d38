package inject

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// maxPadding bounds what may stand before the "(" of JSONP, in bytes, as in
// groove.Classify.
const maxPadding = 256

// jsonIn finds the JSON text that a body is, or that it calls a function with.
// It reports false when that is not valid.
func jsonIn(body []byte) (from, to int, ok bool) {
	from = leading(body)
	to = len(bytes.TrimRight(body, blanks))
	if from < to && json.Valid(body[from:to]) {
		return from, to, true
	}
	if from == to || bytes.IndexByte([]byte(`{["`), body[from]) >= 0 {
		return 0, 0, false
	}
	opening := bytes.IndexByte(body[from:min(from+maxPadding, len(body))], '(')
	closing := bytes.LastIndexByte(body, ')')
	if opening < 0 || closing < from+opening {
		return 0, 0, false
	}
	from += opening + 1
	inside := bytes.TrimLeft(body[from:closing], blanks)
	from = closing - len(inside)
	to = from + len(bytes.TrimRight(inside, blanks))
	return from, to, json.Valid(body[from:to])
}

// errorIntoJSON changes the object that begins at from. The text is valid.
func errorIntoJSON(body []byte, from int, p plant) ([]byte, error) {
	top := objectAt(body, from)
	edits := top.give(nil, p.top, "Error")
	if p.share == nil {
		return apply(body, edits), nil
	}
	results := resultsIn(body, top)
	if len(results) == 0 {
		return nil, errNoResults
	}
	for i, fails := range p.chosen(len(results)) {
		if fails {
			edits = results[i].give(edits, p.item, "Error", "Id")
		}
	}
	return apply(body, edits), nil
}

// resultsIn returns the results of a batch write. Where a name is there several
// times the last one counts, as readers of JSON have it.
func resultsIn(body []byte, top object) []object {
	at, ok := top.value("TrackActionResults")
	if !ok {
		if at, ok = top.value("PlaylistActionResult"); !ok || body[at] != '{' {
			return nil
		}
		if at, ok = objectAt(body, at).value("TrackActionResults"); !ok {
			return nil
		}
	}
	if body[at] != '[' {
		return nil
	}
	return objectsIn(body, at)
}

// object is where an object of a valid JSON text stands.
type object struct {
	// open is where its first member may begin, right behind the brace.
	open    int
	members []member
}

// member is where a member of an object stands, from the quote of its name to the
// end of its value.
type member struct {
	name              string
	start, value, end int
}

// value returns where the last member of that name has its value.
func (o object) value(name string) (at int, ok bool) {
	for _, m := range slices.Backward(o.members) {
		if m.name == name {
			return m.value, true
		}
	}
	return 0, false
}

// give adds the edits that make e the first member and take those of the
// given names away, each with the comma before it.
func (o object) give(edits []edit, e groove.Error, without ...string) []edit {
	text := append([]byte(`"Error":`), errorJSON(e)...)
	end := o.open
	for i, m := range o.members {
		switch {
		case slices.Contains(without, m.name):
			edits = append(edits, edit{start: end, end: m.end})
		case i == 0:
			text = append(text, ',')
		}
		end = m.end
	}
	return append(edits, edit{start: o.open, end: o.open, text: text})
}

// errorJSON writes an Error object, as groove.RenderError has it.
func errorJSON(e groove.Error) []byte {
	whole := groove.RenderError(groove.Wanted{}, "", e).Body
	return whole[len(`{"Error":`) : len(whole)-len(`}`)]
}

// objectAt reads the object whose brace is at from.
func objectAt(body []byte, from int) object {
	o := object{open: from + 1}
	for at := skipBlanks(body, from+1); body[at] != '}'; {
		m := member{start: at, end: skipValue(body, at)}
		// The text is valid, so the name is a string.
		_ = json.Unmarshal(body[m.start:m.end], &m.name)
		at = skipBlanks(body, m.end)
		m.value = skipBlanks(body, at+len(":"))
		m.end = skipValue(body, m.value)
		o.members = append(o.members, m)
		if at = skipBlanks(body, m.end); body[at] == ',' {
			at = skipBlanks(body, at+1)
		}
	}
	return o
}

// objectsIn reads those elements of the list at from that are objects.
func objectsIn(body []byte, from int) []object {
	var objects []object
	for at := skipBlanks(body, from+1); body[at] != ']'; {
		if body[at] == '{' {
			objects = append(objects, objectAt(body, at))
		}
		if at = skipBlanks(body, skipValue(body, at)); body[at] == ',' {
			at = skipBlanks(body, at+1)
		}
	}
	return objects
}

func skipBlanks(body []byte, at int) int {
	for at < len(body) && (body[at] == ' ' || body[at] == '\t' || body[at] == '\r' || body[at] == '\n') {
		at++
	}
	return at
}

// skipValue returns the end of the value that begins at at.
func skipValue(body []byte, at int) int {
	depth := 0
	for at < len(body) {
		switch body[at] {
		case '"':
			at = skipString(body, at)
			if depth == 0 {
				return at
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return at
			}
			if depth--; depth == 0 {
				return at + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return at
			}
		}
		at++
	}
	return at
}

// skipString returns the end of the string whose quote is at at.
func skipString(body []byte, at int) int {
	for at++; body[at] != '"'; at++ {
		if body[at] == '\\' {
			at++
		}
	}
	return at + 1
}
