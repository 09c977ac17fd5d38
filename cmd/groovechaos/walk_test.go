//go:build e2e

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// walkRequests are the requests of the methods that want more than an empty one, in the names of the API. LAST_ID is that
// of the token or the run that was made last.
var walkRequests = map[string]string{
	"ApplyFaults":   `{"faults": [{"name": "applied", "match": {"endpoints": ["moods"]}, "answer": {"status": 503}}]}`,
	"CreateFault":   `{"fault": {"name": "created", "match": {"endpoints": ["activities"]}, "answer": {"status": 429}}, "request_id": "walk-1"}`,
	"DeleteFault":   `{"name": "created"}`,
	"DisableFault":  `{"name": "down"}`,
	"EnableFault":   `{"name": "down"}`,
	"GetFault":      `{"name": "down"}`,
	"UpdateFault":   `{"fault": {"name": "down", "share": 0.5}}`,
	"ReportOutcome": `{"outcome": {"call_id": "c1", "kind": "success"}}`,
	"CreateToken":   `{"name": "ci", "role": "viewer"}`,
	"DeleteToken":   `{"id": "LAST_ID"}`,

	"CheckExperiment": `{"toml": "name = 'walk'\n[[phases]]\nname = 'a'\nduration = '1h'\n"}`,
	"StartRun":        `{"toml": "name = 'walk'\n[[phases]]\nname = 'a'\nduration = '1h'\n"}`,
	"GetRun":          `{"id": "LAST_ID"}`,
	"WatchRun":        `{"id": "LAST_ID"}`,
	"StopRun":         `{"id": "LAST_ID", "reason": "seen enough"}`,
	"GetReport":       `{"id": "LAST_ID"}`,
}

// turns has those methods of a service that do not have their turn by the alphabet: below 0 before the others, above 0
// after them.
var turns = map[string]int{"StartRun": -1, "WatchRun": 1, "StopRun": 2, "GetReport": 3}

// inTurn sorts methods, each with its service before it, by their turns in that.
func inTurn(methods []string, between string) {
	slices.SortFunc(methods, func(a, b string) int {
		at, bt := strings.LastIndex(a, between), strings.LastIndex(b, between)
		return cmp.Or(cmp.Compare(a[:at], b[:bt]), cmp.Compare(turns[a[at+1:]], turns[b[bt+1:]]), cmp.Compare(a, b))
	})
}

// methodsOfAPI are all that the protos have, as "FaultService.GetFault".
func methodsOfAPI() (names []string) {
	protoregistry.GlobalFiles.RangeFilesByPackage(pb.File_groovechaos_v1_fault_proto.Package(), func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				names = append(names, string(service.Name())+"."+string(service.Methods().Get(j).Name()))
			}
		}
		return true
	})
	slices.Sort(names)
	return names
}

// wantAll holds that the walk left no method out.
func wantAll(t *testing.T, walked []string) {
	t.Helper()
	slices.Sort(walked)
	if want := methodsOfAPI(); !slices.Equal(walked, want) {
		t.Errorf("walked %q, want every method of the API: %q", walked, want)
	}
}

// walked is a groovechaos that asks who calls, on its way through all of its methods.
type walked struct {
	*served
	token  string
	lastID string
}

func startWalked(t *testing.T) *walked {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	s := serve(t, fmt.Sprintf("[intercept]\nca_dir = %q\n", filepath.Join(dir, "ca")), "",
		fmt.Sprintf("[control.auth]\nrequired = true\ntoken_file = %q\n%s", file, down))
	secret, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return &walked{served: s, token: strings.TrimSpace(string(secret))}
}

// request is what a method is sent.
func (w *walked) request(method string) string {
	text := walkRequests[method]
	if text == "" {
		text = "{}"
	}
	return strings.ReplaceAll(text, "LAST_ID", w.lastID)
}

// took notes the token or the run that was made.
func (w *walked) took(t *testing.T, method, answer string) {
	t.Helper()
	if method == "StartRun" {
		var run struct{ ID string }
		if err := json.Unmarshal([]byte(answer), &run); err != nil || run.ID == "" {
			t.Fatalf("%s answered %s, %v, want a run", method, answer, err)
		}
		w.lastID = run.ID
	}
	if method != "CreateToken" {
		return
	}
	var made struct {
		Token  struct{ ID string }
		Secret string
	}
	if err := json.Unmarshal([]byte(answer), &made); err != nil || made.Token.ID == "" || made.Secret == "" {
		t.Fatalf("%s answered %s, %v, want a token and its secret", method, answer, err)
	}
	w.lastID = made.Token.ID
}

func streams(method string) bool { return strings.HasPrefix(method, "Watch") }

// TestGRPCWalk finds all services and methods by reflection and calls each of them, with grpcurl alone.
func TestGRPCWalk(t *testing.T) {
	t.Parallel()
	need(t, "grpcurl")
	w := startWalked(t)
	if _, log, status := execute(t, nil, "grpcurl", "-plaintext", w.GRPC, "list"); status == 0 || !strings.Contains(log, "token is wanted") {
		t.Errorf("without a token: exit status is %d: %s, want it refused", status, log)
	}
	var walked []string
	for _, service := range w.list(t) {
		if !strings.HasPrefix(service, "groovechaos.") {
			continue
		}
		methods := w.list(t, service)
		inTurn(methods, ".")
		for _, full := range methods {
			walked = append(walked, strings.TrimPrefix(full, "groovechaos.v1."))
			w.grpcurl(t, full)
		}
	}
	wantAll(t, walked)
	out, log, status := execute(t, nil, "grpcurl", "-plaintext", "-reflect-header", "authorization: Bearer "+w.token, w.GRPC, "grpc.health.v1.Health/Check")
	if status != 0 || !strings.Contains(out, "SERVING") {
		t.Errorf("health without a token: exit status is %d: %s%s", status, out, log)
	}
}

// list asks reflection for services, or the methods of one.
func (w *walked) list(t *testing.T, of ...string) []string {
	t.Helper()
	args := slices.Concat([]string{"-plaintext", "-H", "authorization: Bearer " + w.token, w.GRPC, "list"}, of)
	out, log, status := execute(t, nil, "grpcurl", args...)
	if status != 0 {
		t.Fatalf("grpcurl list: exit status is %d: %s", status, log)
	}
	return strings.Fields(out)
}

// deadline is grpcurl's exit status for DEADLINE_EXCEEDED, with which a stream ends here.
const deadline = 64 + 4

func (w *walked) grpcurl(t *testing.T, full string) {
	t.Helper()
	dot := strings.LastIndexByte(full, '.')
	method, want, longest := full[dot+1:], 0, "60"
	if streams(method) {
		want, longest = deadline, "5"
	}
	var out, log string
	status := -1
	w.once(t, method, func() bool {
		out, log, status = execute(t, nil, "grpcurl", "-plaintext", "-max-time", longest, "-H", "authorization: Bearer "+w.token,
			"-d", w.request(method), w.GRPC, full[:dot]+"/"+method)
		return status == want
	})
	if status != want || out == "" {
		t.Errorf("%s: exit status is %d, want %d: %s%s", full, status, want, out, log)
	}
	w.took(t, method, out)
}

// once calls a method. The report of a run that was asked to stop is asked for until the run has ended.
func (w *walked) once(t *testing.T, method string, call func() bool) {
	t.Helper()
	for end := time.Now().Add(longest); !call() && method == "GetReport" && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
	}
}

// operation is a method as the OpenAPI document has it.
type operation struct {
	ID         string `json:"operationId"`
	Parameters []struct{ Name, In string }
	verb, path string
}

// TestRESTWalk finds all methods in the OpenAPI document and calls each of them, with curl alone.
func TestRESTWalk(t *testing.T) {
	t.Parallel()
	need(t, "curl")
	w := startWalked(t)
	out, log, status := execute(t, nil, "curl", "-sSf", "http://"+w.REST+"/openapi.json")
	if status != 0 {
		t.Fatalf("openapi.json: exit status is %d: %s", status, log)
	}
	var document struct {
		Paths map[string]map[string]operation
	}
	if err := json.Unmarshal([]byte(out), &document); err != nil {
		t.Fatal(err)
	}
	found := make(map[string]operation)
	for path, verbs := range document.Paths {
		for verb, o := range verbs {
			o.verb, o.path = strings.ToUpper(verb), path
			found[o.ID] = o
		}
	}
	var walked []string
	ids := slices.Collect(maps.Keys(found))
	inTurn(ids, "_")
	for _, id := range ids {
		walked = append(walked, strings.Replace(id, "_", ".", 1))
		w.curl(t, found[id])
	}
	wantAll(t, walked)
}

func (w *walked) curl(t *testing.T, o operation) {
	t.Helper()
	_, method, _ := strings.Cut(o.ID, "_")
	path, body := w.parts(t, o, method)
	args := []string{"-sS", "-w", "\n%{http_code}", "-X", o.verb, "-H", "Authorization: Bearer " + w.token, "http://" + w.REST + path}
	if body != "" {
		args = append(args, "--json", body)
	}
	want := 0
	if streams(method) {
		args, want = append(args, "--no-buffer", "--max-time", "5"), 28 // Given up at that time.
	}
	var answer, code, out, log string
	status := -1
	w.once(t, method, func() bool {
		out, log, status = execute(t, nil, "curl", args...)
		answer, code, _ = strings.Cut(out, "\n")
		return strings.HasSuffix(code, "200")
	})
	if status != want || !strings.HasSuffix(code, "200") || streams(method) && !strings.HasPrefix(answer, `{"result":{`) {
		t.Errorf("%s %s: exit status is %d, want %d, and 200: %s%s", o.verb, path, status, want, out, log)
	}
	w.took(t, method, answer)
}

// parts puts a request where the operation wants it: into the path and into the body.
func (w *walked) parts(t *testing.T, o operation, method string) (path, body string) {
	t.Helper()
	var request map[string]any
	if err := json.Unmarshal([]byte(w.request(method)), &request); err != nil {
		t.Fatal(err)
	}
	path = o.path
	for _, p := range o.Parameters {
		switch {
		case p.In == "path":
			name := p.Name[strings.LastIndexByte(p.Name, '.')+1:]
			from := request
			if inner, ok := request["fault"].(map[string]any); ok {
				from = inner
			}
			path = strings.ReplaceAll(path, "{"+p.Name+"}", fmt.Sprint(from[name]))
			delete(request, name)
		case p.In == "query" && request[p.Name] != nil:
			path += "?" + p.Name + "=" + fmt.Sprint(request[p.Name])
		case p.In == "body" && p.Name != "body":
			body = text(t, request[p.Name])
		case p.In == "body":
			body = text(t, request)
		}
	}
	return path, body
}

func text(t *testing.T, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}
