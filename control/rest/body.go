package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// maxFields bounds the fields that one failure lists.
const maxFields = 20

// checkBody holds the body against the message that it is to fill and returns
// its members. No body is right everywhere: what is missing is the service's to
// say.
func (b *binding) checkBody(text []byte, path map[string]string) (map[string]any, *failure) {
	if len(text) == 0 {
		return nil, nil
	}
	message := b.bodyMessage()
	if message == nil {
		return nil, badRequest("body: " + b.route + " takes none")
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, badRequest("body: " + err.Error())
	}
	if unknown := wrongFields(value, message, b.bodyPath(), unknownMember); len(unknown) > 0 {
		return nil, fieldsFailure("body", unknown[:min(len(unknown), maxFields)])
	}
	filled := dynamicpb.NewMessage(message)
	if err := protojson.Unmarshal(text, filled); err != nil {
		return nil, b.misfit(text, message, err)
	}
	if differing := b.contradictions(filled, path); len(differing) > 0 {
		return nil, fieldsFailure("body", differing)
	}
	content, _ := value.(map[string]any)
	return content, nil
}

// misfit words what protojson does not take of a body that is JSON.
func (b *binding) misfit(text []byte, message protoreflect.MessageDescriptor, err error) *failure {
	var value any
	exact := json.NewDecoder(bytes.NewReader(text))
	exact.UseNumber()
	if exact.Decode(&value) == nil {
		if unfit := wrongFields(value, message, b.bodyPath(), unfitMember); len(unfit) > 0 {
			return fieldsFailure("body", unfit[:min(len(unfit), maxFields)])
		}
	}
	return badRequest("body: " + plain(err))
}

func (b *binding) bodyPath() string {
	if b.body == "*" {
		return ""
	}
	return b.body
}

// plain is the text of a protojson error without its prefix, whose spaces differ
// from one build to the next on purpose.
func plain(err error) string {
	return strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\u00a0", " "), "proto: ")
}

// review says what is wrong with one member, "" for nothing. The field is nil
// for a member that the message does not have.
type review func(known protoreflect.FieldDescriptor, value any) string

func unknownMember(known protoreflect.FieldDescriptor, _ any) string {
	if known == nil {
		return "is unknown"
	}
	return ""
}

// unfitMember words what is common; anything else is left to protojson.
func unfitMember(known protoreflect.FieldDescriptor, value any) string {
	if known == nil || known.Cardinality() == protoreflect.Repeated {
		return ""
	}
	want := wantedMember(known)
	text, err := json.Marshal(value)
	if want == "" || err != nil {
		return ""
	}
	member := fmt.Appendf(nil, "{%q:%s}", known.Name(), text)
	if protojson.Unmarshal(member, dynamicpb.NewMessage(known.ContainingMessage())) == nil {
		return ""
	}
	return fmt.Sprintf("is %.80s, want %s", text, want)
}

// wantedMember says what protojson takes for a field, "" for nothing short to say.
func wantedMember(known protoreflect.FieldDescriptor) string {
	switch known.Kind() {
	case protoreflect.DoubleKind:
		return "a number such as 0.2"
	case protoreflect.StringKind:
		return "a string"
	default:
		return wantedText(known)
	}
}

// wrongFields collects what is wrong with the members of a message and of those
// in it, each by its whole path. Members that should be messages and are not are
// left to protojson.
func wrongFields(value any, message protoreflect.MessageDescriptor, path string, wrong review) []field {
	if wellKnown(message) {
		return nil
	}
	object, _ := value.(map[string]any)
	var fields []field
	for _, key := range slices.Sorted(maps.Keys(object)) {
		known, name := fieldByKey(message, key), key
		if known != nil {
			name = string(known.Name())
		}
		if text := wrong(known, object[key]); text != "" {
			fields = append(fields, field{Field: join(path, name), Description: text})
			continue
		}
		fields = append(fields, wrongWithin(object[key], known, join(path, name), wrong)...)
	}
	return fields
}

func wrongWithin(value any, known protoreflect.FieldDescriptor, path string, wrong review) []field {
	if known == nil || known.IsMap() || known.Message() == nil {
		return nil
	}
	if !known.IsList() {
		return wrongFields(value, known.Message(), path, wrong)
	}
	list, _ := value.([]any)
	var fields []field
	for i, item := range list {
		fields = append(fields, wrongFields(item, known.Message(), fmt.Sprintf("%s[%d]", path, i), wrong)...)
	}
	return fields
}

// wellKnown tells the messages that JSON writes as a single value.
func wellKnown(message protoreflect.MessageDescriptor) bool {
	return strings.HasPrefix(string(message.FullName()), "google.protobuf.")
}

// fieldByKey finds a field by either of the names that protojson takes.
func fieldByKey(message protoreflect.MessageDescriptor, key string) protoreflect.FieldDescriptor {
	if known := message.Fields().ByTextName(key); known != nil {
		return known
	}
	return message.Fields().ByJSONName(key)
}

// contradictions finds members of the body that the path gives another value.
// The gateway would take the path's without a word.
func (b *binding) contradictions(filled protoreflect.Message, path map[string]string) []field {
	var differing []field
	for _, name := range b.variables {
		known := filled.Descriptor().Fields().ByName(protoreflect.Name(b.memberName(name)))
		if known == nil || !filled.Has(known) {
			continue
		}
		if got := filled.Get(known).String(); got != path[name] {
			differing = append(differing, field{Field: name, Description: fmt.Sprintf("is %q, but the path says %q", got, path[name])})
		}
	}
	return differing
}

// memberName is the name that a field bound by the path has in the body.
func (b *binding) memberName(bound string) string {
	return strings.TrimPrefix(bound, b.body+".")
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
