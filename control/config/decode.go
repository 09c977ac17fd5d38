package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
)

// decoder takes the values of a document over, key by key in the words of toml
// tags, and collects everything that is wrong. What the document does not give,
// and what is wrong, stays as it was.
type decoder struct {
	problems faults.Problems
	// unread are the fields that may have been meant and were not read.
	unread []string
}

// decode fills the struct that target points to.
func (d *decoder) decode(document map[string]any, target any) {
	d.table("", document, reflect.ValueOf(target).Elem())
}

func (d *decoder) problem(path, format string, args ...any) {
	d.problems = append(d.problems, faults.Problem{Field: path, Text: fmt.Sprintf(format, args...)})
	d.unread = append(d.unread, path)
}

func (d *decoder) unknown(path, key string, known []string) {
	near := nearest(key, known)
	d.problem(join(path, key), "is not a known key, %s", hint(near, known))
	if near != "" {
		d.unread = append(d.unread, join(path, near))
	}
}

func (d *decoder) table(path string, table map[string]any, target reflect.Value) {
	fields := keysOf(target.Type())
	for _, key := range sortedKeys(table) {
		field, ok := fields[key]
		if !ok {
			d.unknown(path, key, sortedKeys(fields))
			continue
		}
		d.value(join(path, key), table[key], target.FieldByIndex(field.Index))
	}
}

// value takes over one value of whatever kind.
func (d *decoder) value(path string, value any, target reflect.Value) {
	switch {
	case target.Kind() == reflect.Pointer:
		d.pointer(path, value, target)
	case target.Kind() == reflect.Struct:
		d.inner(path, value, target)
	case target.Type() == reflect.TypeFor[[]string]():
		d.strings(path, value, target)
	case target.Type() == reflect.TypeFor[[]int]():
		d.numbers(path, value, target)
	case target.Type() == reflect.TypeFor[map[string]string]():
		d.stringMap(path, value, target)
	case target.Kind() == reflect.Slice:
		d.tables(path, value, target)
	default:
		if text := setLeaf(value, target); text != "" {
			d.problem(path, "%s", text)
		}
	}
}

// pointer makes a new value to point to, and leaves nil what is wrong.
func (d *decoder) pointer(path string, value any, target reflect.Value) {
	before := len(d.problems)
	fresh := reflect.New(target.Type().Elem())
	d.value(path, value, fresh.Elem())
	if len(d.problems) == before || fresh.Elem().Kind() == reflect.Struct {
		target.Set(fresh)
	}
}

func (d *decoder) inner(path string, value any, target reflect.Value) {
	table, ok := value.(map[string]any)
	if !ok {
		d.problem(path, "is %s, want a table", describe(value))
		return
	}
	d.table(path, table, target)
}

func (d *decoder) tables(path string, value any, target reflect.Value) {
	elements, ok := elementsOf(value)
	if !ok {
		d.problem(path, "is %s, want tables, each headed by [[%s]]", describe(value), path)
		return
	}
	if len(elements) == 0 {
		target.SetZero() // As if the key were absent.
		return
	}
	made := reflect.MakeSlice(target.Type(), len(elements), len(elements))
	for i, element := range elements {
		d.inner(fmt.Sprintf("%s[%d]", path, i), element, made.Index(i))
	}
	target.Set(made)
}

func (d *decoder) strings(path string, value any, target reflect.Value) {
	elements, ok := elementsOf(value)
	if !ok {
		d.problem(path, "is %s, want a list of strings", describe(value))
		return
	}
	var list []string
	for i, element := range elements {
		text, ok := element.(string)
		if !ok {
			d.problem(fmt.Sprintf("%s[%d]", path, i), "is %s, want a string", describe(element))
			continue
		}
		list = append(list, text)
	}
	target.Set(reflect.ValueOf(list))
}

// numbers leaves an empty list that is given, which is not the same as none.
func (d *decoder) numbers(path string, value any, target reflect.Value) {
	elements, ok := elementsOf(value)
	if !ok {
		d.problem(path, "is %s, want a list of whole numbers", describe(value))
		return
	}
	list := make([]int, len(elements))
	for i, element := range elements {
		if text := setInt(element, reflect.ValueOf(list).Index(i)); text != "" {
			d.problem(fmt.Sprintf("%s[%d]", path, i), "%s", text)
		}
	}
	target.Set(reflect.ValueOf(list))
}

func (d *decoder) stringMap(path string, value any, target reflect.Value) {
	table, ok := value.(map[string]any)
	if !ok {
		d.problem(path, "is %s, want a table of strings", describe(value))
		return
	}
	texts := make(map[string]string, len(table))
	for _, key := range sortedKeys(table) {
		text, ok := table[key].(string)
		if !ok {
			d.problem(join(path, key), "is %s, want a string", describe(table[key]))
			continue
		}
		texts[key] = text
	}
	if len(texts) > 0 {
		target.Set(reflect.ValueOf(texts))
	}
}

// elementsOf returns the elements of an array in either form of the library.
func elementsOf(value any) ([]any, bool) {
	if tables, ok := value.([]map[string]any); ok {
		elements := make([]any, len(tables))
		for i, table := range tables {
			elements[i] = table
		}
		return elements, true
	}
	elements, ok := value.([]any)
	return elements, ok
}

// keysOf returns the fields of a struct by their keys.
func keysOf(t reflect.Type) map[string]reflect.StructField {
	fields := make(map[string]reflect.StructField)
	for _, field := range reflect.VisibleFields(t) {
		if key, _, _ := strings.Cut(field.Tag.Get("toml"), ","); key != "" {
			fields[key] = field
		}
	}
	return fields
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
