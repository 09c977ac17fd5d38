package rest

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// checkQuery finds parameters that the route does not take, and values that do
// not fit. The gateway drops the former without a word and looks at no query at
// all where it expects none.
func (b *binding) checkQuery(query url.Values) []field {
	var wrong []field
	for _, name := range slices.Sorted(maps.Keys(query)) {
		known := b.parameter(name)
		if known == nil {
			wrong = append(wrong, field{Field: name, Description: "is unknown, want " + b.parameters()})
			continue
		}
		if !utf8.ValidString(strings.Join(query[name], "")) {
			wrong = append(wrong, field{Field: name, Description: "is " + quoted(query[name]) + ", want UTF-8"})
			continue
		}
		scratch := dynamicpb.NewMessage(b.input)
		err := runtime.PopulateQueryParameters(scratch, url.Values{name: query[name]}, utilities.NewDoubleArray(nil))
		if err != nil {
			wrong = append(wrong, field{Field: name, Description: misfit(known, query[name], err)})
		}
	}
	return wrong[:min(len(wrong), maxFields)]
}

// parameter finds the field that a parameter fills, nil for none. Parameters
// have the names of the OpenAPI document; a dot leads into a message.
func (b *binding) parameter(name string) protoreflect.FieldDescriptor {
	names := strings.Split(name, ".")
	if b.body == "*" || b.taken(names[0]) {
		return nil
	}
	message := b.input
	var known protoreflect.FieldDescriptor
	for _, name := range names {
		if message == nil {
			return nil
		}
		if known = message.Fields().ByTextName(name); known == nil {
			return nil
		}
		message = inner(known)
	}
	if message != nil {
		return nil
	}
	return known
}

// inner is the message whose fields are parameters of their own: not a list, a
// map, or a well-known type, which has one value.
func inner(known protoreflect.FieldDescriptor) protoreflect.MessageDescriptor {
	message := known.Message()
	if message == nil || known.Cardinality() == protoreflect.Repeated || wellKnown(message) {
		return nil
	}
	return message
}

// taken tells whether body or path fill a field of the request.
func (b *binding) taken(name string) bool {
	return name == b.body || slices.ContainsFunc(b.variables, func(bound string) bool {
		return bound == name || strings.HasPrefix(bound, name+".")
	})
}

// parameters lists what the route takes, for a text.
func (b *binding) parameters() string {
	var names []string
	for i := range b.input.Fields().Len() {
		if name := string(b.input.Fields().Get(i).Name()); b.body != "*" && !b.taken(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "no parameters"
	}
	return strings.Join(names, ", ")
}

// misfit says what is wrong with the values of a parameter.
func misfit(known protoreflect.FieldDescriptor, values []string, err error) string {
	if len(values) > 1 && !known.IsList() {
		return fmt.Sprintf("is given %d times, want once", len(values))
	}
	given := "is " + quoted(values)
	if want := wantedText(known); want != "" {
		return given + ", want " + want
	}
	return given + ": " + err.Error()
}

// quoted writes values as one text that can be printed.
func quoted(values []string) string { return strconv.Quote(strings.Join(values, ", ")) }

// checkPath finds what of the path is no text.
func checkPath(path map[string]string) []field {
	var wrong []field
	for _, name := range slices.Sorted(maps.Keys(path)) {
		if !utf8.ValidString(path[name]) {
			wrong = append(wrong, field{Field: name, Description: "is " + quoted([]string{path[name]}) + ", want UTF-8"})
		}
	}
	return wrong
}

// wantedText says what stands for a field in a query and in JSON alike, "" for
// nothing short to say.
func wantedText(known protoreflect.FieldDescriptor) string {
	switch known.Kind() {
	case protoreflect.BoolKind:
		return "true or false"
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		return "a whole number"
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind:
		return "a whole number from 0 on"
	case protoreflect.MessageKind:
		return spelling[known.Message().FullName()]
	default:
		return ""
	}
}

// spelling says how messages are written that stand for one value.
var spelling = map[protoreflect.FullName]string{
	"google.protobuf.Duration":  `seconds such as "600s" or "0.25s"`,
	"google.protobuf.Timestamp": `a time such as "2026-01-31T12:00:00Z"`,
}
