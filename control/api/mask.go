package api

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/groovechaos/groovechaos/faults"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// inputFields are the parts of a fault that an update can change. A mask may
// name the others, as a client does that sends back what it got; they stay.
var inputFields = append([]string{
	"disabled", "match", "share", "first", "every", "attempts", "limit", "quota", "max_active", "ttl",
}, effectFields...)

// effectFields are the parts of which a fault has one.
var effectFields = []string{"answer", "soft_error", "delay", "break", "throttle", "truncate", "corrupt"}

// maskedFields returns the parts of f that an update is about: those that the
// mask names, without one those that are set. A path into a part is about it, too,
// and withinParts keeps its other fields; "*" stands for all parts.
func maskedFields(mask *fieldmaskpb.FieldMask, f *pb.Fault) ([]string, error) {
	if len(mask.GetPaths()) == 0 {
		return setFields(f), nil
	}
	var fields []string
	for _, path := range mask.GetPaths() {
		part, _, _ := strings.Cut(path, ".")
		switch {
		case path == "*":
			fields = append(fields, inputFields...)
		case !hasPath(f.ProtoReflect().Descriptor(), path):
			return nil, invalid(faults.Problem{Field: "update_mask", Text: fmt.Sprintf("names %.80q, want some of %s", path, strings.Join(inputFields, ", "))})
		case slices.Contains(inputFields, part):
			fields = append(fields, part)
		}
	}
	return fields, nil
}

// hasPath reports whether a message has the field that a path names. Below a
// map stand its keys, whatever they are.
func hasPath(message protoreflect.MessageDescriptor, path string) bool {
	name, below, nested := strings.Cut(path, ".")
	field := message.Fields().ByName(protoreflect.Name(name))
	switch {
	case field == nil:
		return false
	case !nested, field.IsMap():
		return true
	case field.IsList(), field.Message() == nil:
		return false
	default:
		return hasPath(field.Message(), below)
	}
}

// setFields returns the parts that are set.
func setFields(f *pb.Fault) []string {
	var fields []string
	for _, name := range inputFields {
		if f.ProtoReflect().Has(fieldOf(f, name)) {
			fields = append(fields, name)
		}
	}
	return fields
}

// replaceFields sets or clears the named parts of a fault as they are in
// another. An effect replaces those that the update is not about.
func replaceFields(f, by *pb.Fault, fields []string) {
	to, from := f.ProtoReflect(), by.ProtoReflect()
	replaces := false
	for _, name := range fields {
		field := fieldOf(f, name)
		if !from.Has(field) {
			to.Clear(field)
			continue
		}
		to.Set(field, from.Get(field))
		replaces = replaces || slices.Contains(effectFields, name)
	}
	if !replaces {
		return
	}
	for _, name := range effectFields {
		if !slices.Contains(fields, name) {
			to.Clear(fieldOf(f, name))
		}
	}
}

func fieldOf(f *pb.Fault, name string) protoreflect.FieldDescriptor {
	return f.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(name))
}
