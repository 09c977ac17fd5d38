package datacontract

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// object writes one JSON object.
type object struct {
	out   []byte
	begun bool
}

func begin(out []byte) object { return object{out: append(out, '{')} }

func (o *object) end() []byte { return append(o.out, '}') }

// name writes the name of the next member, which must be plain ASCII.
func (o *object) name(name string) {
	if o.begun {
		o.out = append(o.out, ',')
	}
	o.begun = true
	o.out = append(o.out, '"')
	o.out = append(o.out, name...)
	o.out = append(o.out, '"', ':')
}

// plain writes a text that needs no escapes, unless it is empty: an id, a URL,
// a date or one of the contract's own words.
func (o *object) plain(name, value string) {
	if value == "" {
		return
	}
	o.name(name)
	o.out = append(o.out, '"')
	o.out = append(o.out, value...)
	o.out = append(o.out, '"')
}

func (o *object) text(name, value string) {
	o.name(name)
	o.out = appendText(o.out, value)
}

// optional is text for a member that is left out when it is empty.
func (o *object) optional(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

func (o *object) texts(name string, values []string) {
	if len(values) == 0 {
		return
	}
	o.name(name)
	for i, value := range values {
		o.out = append(o.out, "[,"[min(i, 1)])
		o.out = appendText(o.out, value)
	}
	o.out = append(o.out, ']')
}

func (o *object) number(name string, value int) {
	o.name(name)
	o.out = strconv.AppendInt(o.out, int64(value), 10)
}

// flag leaves nil out.
func (o *object) flag(name string, value *bool) {
	if value != nil {
		o.name(name)
		o.out = strconv.AppendBool(o.out, *value)
	}
}

// items leaves an empty list out.
func items[T any](o *object, name string, all []T, one func(*T, []byte) []byte) {
	if len(all) > 0 {
		o.name(name)
		o.out = appendItems(o.out, all, one)
	}
}

func appendItems[T any](out []byte, all []T, one func(*T, []byte) []byte) []byte {
	out = append(out, '[')
	for i := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = one(&all[i], out)
	}
	return append(out, ']')
}

// list leaves nil out, but not a list without items.
func list[T any](o *object, name string, l *List[T], one func(*T, []byte) []byte) {
	if l == nil {
		return
	}
	o.name(name)
	inner := begin(o.out)
	inner.optional("ContinuationToken", l.ContinuationToken)
	inner.name("Items")
	inner.out = appendItems(inner.out, l.Items, one)
	if l.TotalItemCount != 0 {
		inner.number("TotalItemCount", l.TotalItemCount)
	}
	o.out = inner.end()
}

// appendText writes a string. What needs an escape is left to encoding/json.
func appendText(out []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c > '~' {
			return appendEscaped(out, text)
		}
	}
	out = append(out, '"')
	out = append(out, text...)
	return append(out, '"')
}

func appendEscaped(out []byte, text string) []byte {
	var escaped bytes.Buffer
	encoder := json.NewEncoder(&escaped)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		// Every string can be written; this is unreachable.
		panic(err)
	}
	return append(out, bytes.TrimSuffix(escaped.Bytes(), []byte("\n"))...)
}
