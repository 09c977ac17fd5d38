package rest

import (
	"net/http"
	"regexp"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// binding is what one route takes, read from the descriptor of its method.
type binding struct {
	// route is method and path template, as in "GET /v1/faults/{name}".
	route string
	// input is the request message.
	input protoreflect.MessageDescriptor
	// body is the field that the body fills, "*" for the whole message, "" for
	// a route without a body.
	body string
	// stream says that the answer is a stream.
	stream bool
	// variables are the fields that the path fills.
	variables []string
}

var variable = regexp.MustCompile(`\{([^}=]+)`)

// bindings collects the routes of all services of the API by method and path.
func bindings() map[string]*binding {
	found := make(map[string]*binding)
	api := groovechaosv1.File_groovechaos_v1_fault_proto.Package()
	protoregistry.GlobalFiles.RangeFilesByPackage(api, func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				if b := bindingOf(methods.Get(j)); b != nil {
					found[b.route] = b
				}
			}
		}
		return true
	})
	return found
}

// bindingOf is nil for a method without a REST form.
func bindingOf(method protoreflect.MethodDescriptor) *binding {
	rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	for verb, template := range map[string]string{
		http.MethodGet:    rule.GetGet(),
		http.MethodPut:    rule.GetPut(),
		http.MethodPost:   rule.GetPost(),
		http.MethodDelete: rule.GetDelete(),
		http.MethodPatch:  rule.GetPatch(),
	} {
		if template == "" {
			continue
		}
		b := &binding{route: verb + " " + template, input: method.Input(), body: rule.GetBody(), stream: method.IsStreamingServer()}
		for _, match := range variable.FindAllStringSubmatch(template, -1) {
			b.variables = append(b.variables, match[1])
		}
		return b
	}
	return nil
}

// bodyMessage is the message that the body fills, nil for none.
func (b *binding) bodyMessage() protoreflect.MessageDescriptor {
	switch b.body {
	case "":
		return nil
	case "*":
		return b.input
	default:
		return b.input.Fields().ByName(protoreflect.Name(b.body)).Message()
	}
}
