package api

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

var update = flag.Bool("update", false, "write the replies of this run to testdata/exchanges")

// exchange is one request and its reply. Those of one file are played one after
// the other on one server.
type exchange struct {
	// About says what it shows.
	About string `json:"about"`
	// Pass is the time that goes by before.
	Pass string `json:"pass,omitempty"`
	// Call is Service/Method.
	Call string `json:"call"`
	// Request is in JSON. NEXT_PAGE_TOKEN stands for the last one that was given out.
	Request json.RawMessage `json:"request,omitempty"`
	// Reply is the answer in JSON, Error what is told instead.
	Reply json.RawMessage `json:"reply,omitempty"`
	Error *refusal        `json:"error,omitempty"`
}

// refusal is an error with its details.
type refusal struct {
	Code     string            `json:"code"`
	Message  string            `json:"message"`
	Fields   []field           `json:"fields,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

type field struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

func exchangeFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/exchanges/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files, %v, want some", len(files), err)
	}
	return files
}

func readExchanges(t *testing.T, file string) []exchange {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var exchanges []exchange
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&exchanges); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return exchanges
}

func TestExchanges(t *testing.T) {
	t.Parallel()
	for _, file := range exchangeFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			exchanges := readExchanges(t, file)
			s := serve(t)
			s.watchSome()
			for i := range exchanges {
				s.play(t, &exchanges[i])
			}
			if *update {
				writeExchanges(t, file, exchanges)
			}
		})
	}
}

func writeExchanges(t *testing.T, file string, exchanges []exchange) {
	t.Helper()
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(exchanges); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// play sends a request and compares the reply, or takes it over.
func (s *served) play(t *testing.T, x *exchange) {
	t.Helper()
	if x.Pass != "" {
		d, err := time.ParseDuration(x.Pass)
		if err != nil {
			t.Fatal(err)
		}
		s.now.Store(new(s.now.Load().Add(d)))
	}
	asked := *x
	asked.Request = json.RawMessage(strings.ReplaceAll(string(x.Request), "NEXT_PAGE_TOKEN", s.nextPage))
	request, reply := messagesOf(t, &asked)
	err := s.conn.Invoke(t.Context(), "/groovechaos.v1."+x.Call, request, reply)
	got := exchange{About: x.About, Pass: x.Pass, Call: x.Call, Request: x.Request, Error: refusalOf(err)}
	if err == nil {
		got.Reply = plainJSON(t, reply)
		if paged, ok := reply.(interface{ GetNextPageToken() string }); ok && paged.GetNextPageToken() != "" {
			s.nextPage = paged.GetNextPageToken()
		}
	}
	if *update {
		*x = got
		return
	}
	if diff := cmp.Diff(x.Error, got.Error); diff != "" {
		t.Errorf("%s: %s: error (-want +got):\n%s", x.About, x.Call, diff)
	}
	if diff := cmp.Diff(parsed(t, x.Reply), parsed(t, got.Reply)); diff != "" {
		t.Errorf("%s: %s: reply (-want +got):\n%s", x.About, x.Call, diff)
	}
}

// messagesOf makes the request and an empty reply of a call.
func messagesOf(t *testing.T, x *exchange) (request, reply proto.Message) {
	t.Helper()
	name := protoreflect.FullName("groovechaos.v1." + strings.ReplaceAll(x.Call, "/", "."))
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		t.Fatalf("%s: %v", x.Call, err)
	}
	method, ok := descriptor.(protoreflect.MethodDescriptor)
	if !ok {
		t.Fatalf("%s is no method", x.Call)
	}
	request, reply = newMessage(t, method.Input()), newMessage(t, method.Output())
	if len(x.Request) == 0 {
		return request, reply
	}
	if err := protojson.Unmarshal(x.Request, request); err != nil {
		t.Fatalf("%s: %s: %v", x.About, x.Call, err)
	}
	return request, reply
}

func newMessage(t *testing.T, d protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	message, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		t.Fatal(err)
	}
	return message.New().Interface()
}

// plainJSON writes a message in one way only: protojson varies its spaces.
func plainJSON(t *testing.T, m proto.Message) json.RawMessage {
	t.Helper()
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := json.Marshal(parsed(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func parsed(t *testing.T, text []byte) any {
	t.Helper()
	if len(text) == 0 {
		return nil
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func refusalOf(err error) *refusal {
	if err == nil {
		return nil
	}
	st := status.Convert(err)
	r := &refusal{Code: st.Code().String(), Message: st.Message()}
	for _, detail := range st.Details() {
		switch detail := detail.(type) {
		case *errdetails.BadRequest:
			for _, v := range detail.GetFieldViolations() {
				r.Fields = append(r.Fields, field{Field: v.GetField(), Description: v.GetDescription()})
			}
		case *errdetails.ErrorInfo:
			r.Reason, r.Metadata = detail.GetDomain()+"/"+detail.GetReason(), detail.GetMetadata()
		}
	}
	return r
}

// TestEveryMethodIsCalledTwice holds that the table leaves no method out, and
// that none of them works only once. The contract and the
// verdict have tests of their own, whose words are others'.
func TestEveryMethodIsCalledTwice(t *testing.T) {
	t.Parallel()
	calls, kept := make(map[string]int), make(map[string]int)
	for _, file := range exchangeFiles(t) {
		for _, x := range readExchanges(t, file) {
			calls[x.Call]++
			if x.Error == nil {
				kept[x.Call]++
			}
		}
	}
	for _, service := range []string{
		pb.FaultService_ServiceDesc.ServiceName, pb.BrakeService_ServiceDesc.ServiceName,
		pb.ObservationService_ServiceDesc.ServiceName, pb.SystemService_ServiceDesc.ServiceName,
	} {
		descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
		if err != nil {
			t.Fatal(err)
		}
		methods := descriptor.(protoreflect.ServiceDescriptor).Methods() //nolint:forcetypeassert // Named as a service by generated code.
		for i := range methods.Len() {
			call := strings.TrimPrefix(service, "groovechaos.v1.") + "/" + string(methods.Get(i).Name())
			if kept[call] < 2 && !methods.Get(i).IsStreamingServer() && call != "ObservationService/GetVerdict" {
				t.Errorf("%s is answered %d times in %d calls, want at least twice", call, kept[call], calls[call])
			}
		}
	}
}
