//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// walkRequests are the requests of the methods that want more than an empty one, in the names of the API. LAST_ID is that
// of the token that was made last.
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
}

// experiments is the one service that is not walked: most of its methods want a run that has begun, or is over. They are
// played in control/api.
const experiments = "ExperimentService"

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

// took notes the token that was made.
func (w *walked) took(t *testing.T, method, answer string) {
	t.Helper()
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
	seen := 0
	for _, service := range w.list(t) {
		if !strings.HasPrefix(service, "groovechaos.") || service == "groovechaos.v1."+experiments {
			continue
		}
		for _, full := range w.list(t, service) {
			seen++
			w.grpcurl(t, full)
		}
	}
	if seen < 31 {
		t.Errorf("reflection found %d methods, want 31 or more", seen)
	}
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
	out, log, status := execute(t, nil, "grpcurl", "-plaintext", "-max-time", longest, "-H", "authorization: Bearer "+w.token,
		"-d", w.request(method), w.GRPC, full[:dot]+"/"+method)
	if status != want || out == "" {
		t.Errorf("%s: exit status is %d, want %d: %s%s", full, status, want, out, log)
	}
	w.took(t, method, out)
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
	if len(found) < 31 {
		t.Errorf("the document has %d operations, want 31 or more", len(found))
	}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if !strings.HasPrefix(id, experiments+"_") {
			w.curl(t, found[id])
		}
	}
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
	out, log, status := execute(t, nil, "curl", args...)
	answer, code, _ := strings.Cut(out, "\n")
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
