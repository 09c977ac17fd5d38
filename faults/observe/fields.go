package observe

import (
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults"
)

// extract holds the fields of a header section that say who sends a request and what call it belongs to. The
// first of each name counts.
type extract struct {
	// rules are the names that the rules of an identity ask for.
	rules []string
	found []sentField
	// naming reports that there may be something that names the call.
	naming bool
}

type sentField struct{ name, value string }

// Value returns the value of a field, by its name as this package or the rules write it.
func (f *extract) Value(name string) (string, bool) {
	for i := range f.found {
		if f.found[i].name == name {
			return f.found[i].value, true
		}
	}
	return "", false
}

var (
	// sentFields are all names that matter, sentByLength the same by their length.
	sentFields = slices.Concat([]string{authorizationField, userAgentField, traceField, awsRequestField},
		callFields, keyFields, counterFields, candidateFields)
	sentByLength = func() (names [27][]string) {
		for _, name := range sentFields {
			names[len(name)] = append(names[len(name)], name)
		}
		return names
	}()
)

// collect takes up the fields of h.
func (f *extract) collect(h faults.Header) {
	f.found, f.naming = f.found[:0], false
	switch list := h.(type) {
	case nil:
	case FieldList:
		for i := range list.Len() {
			f.take(list.At(i))
		}
	default:
		f.lookUp(h)
	}
}

// lookUp asks h for each field.
func (f *extract) lookUp(h faults.Header) {
	for _, name := range sentFields {
		if value, ok := h.Value(name); ok {
			f.add(name, value)
		}
	}
	for _, name := range f.rules {
		if value, ok := h.Value(name); ok {
			f.add(name, value)
		}
	}
}

// take takes up a field if its name is one that matters.
func (f *extract) take(name, value string) {
	if len(name) < len(sentByLength) {
		for _, known := range sentByLength[len(name)] {
			if strings.EqualFold(name, known) {
				f.add(known, value)
			}
		}
	}
	for _, known := range f.rules {
		if strings.EqualFold(name, known) {
			f.add(known, value)
		}
	}
}

func (f *extract) add(name, value string) {
	if _, ok := f.Value(name); ok {
		return
	}
	f.found = append(f.found, sentField{name: name, value: value})
	f.naming = f.naming || name != authorizationField && name != userAgentField && name != traceField
}

// ruleFields returns the fields that the rules of an identity ask for.
func ruleFields(identity *Identity) []string {
	var names []string
	for _, rule := range identity.rules {
		if rule.kind == headerRule {
			names = append(names, rule.header)
		}
	}
	return names
}
