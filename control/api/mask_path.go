package api

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// withinParts returns what an update of f is by, with whole parts: of one into which paths of the mask lead, the fields that
// they name are as in by, and the others as in f.
func withinParts(f, by *pb.Fault, mask *fieldmaskpb.FieldMask) *pb.Fault {
	whole := proto.CloneOf(by)
	var begun []string
	for _, path := range mask.GetPaths() {
		part, _, nested := strings.Cut(path, ".")
		if !nested || !slices.Contains(inputFields, part) || slices.Contains(mask.GetPaths(), part) || slices.Contains(mask.GetPaths(), "*") {
			continue
		}
		if !slices.Contains(begun, part) {
			begun = append(begun, part)
			copyField(whole.ProtoReflect(), proto.CloneOf(f).ProtoReflect(), fieldOf(f, part))
		}
		copyPath(whole.ProtoReflect(), by.ProtoReflect(), path)
	}
	return whole
}

// copyPath sets or clears the field that a path names as it is in another message.
func copyPath(to, from protoreflect.Message, path string) {
	name, below, nested := strings.Cut(path, ".")
	field := to.Descriptor().Fields().ByName(protoreflect.Name(name))
	switch {
	case !nested:
		copyField(to, from, field)
	case !to.Has(field) && !from.Has(field): // There is nothing to clear in it.
	case field.IsMap():
		copyKey(to.Mutable(field).Map(), from.Get(field).Map(), protoreflect.ValueOfString(below).MapKey())
	default:
		copyPath(to.Mutable(field).Message(), from.Get(field).Message(), below)
	}
}

func copyField(to, from protoreflect.Message, field protoreflect.FieldDescriptor) {
	if !from.Has(field) {
		to.Clear(field)
		return
	}
	to.Set(field, from.Get(field))
}

func copyKey(to, from protoreflect.Map, key protoreflect.MapKey) {
	if !from.Has(key) {
		to.Clear(key)
		return
	}
	to.Set(key, from.Get(key))
}
