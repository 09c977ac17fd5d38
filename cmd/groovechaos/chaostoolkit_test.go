//go:build e2e && unix

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// toolkitExperiment is an experiment of Chaos Toolkit, as far as the one here uses its format.
type toolkitExperiment struct {
	Title         string `json:"title"`
	Description   string `json:"description"`
	Tags          []string
	Configuration map[string]struct{ Type, Key, Default string }
	Hypothesis    struct {
		Title  string
		Probes []toolkitActivity
	} `json:"steady-state-hypothesis"`
	Method, Rollbacks []toolkitActivity
}

// toolkitActivity is a call. A tolerance that is a number is the status that is wanted.
type toolkitActivity struct {
	Type, Name string
	Tolerance  int
	Provider   struct {
		Type, URL, Method string
		Headers           map[string]string
		Arguments         json.RawMessage
		Timeout           float64
	}
}

// TestExampleChaosToolkit makes the calls of the experiment in their order, as Chaos Toolkit's http provider does: the hypothesis holds before,
// and it holds while the fault strikes, which the rollbacks take away.
func TestExampleChaosToolkit(t *testing.T) {
	t.Parallel()
	need(t, "node")
	file, err := os.Open("examples/ci/chaostoolkit.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var e toolkitExperiment
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "", "", "")
	settings := map[string]string{"GROOVECHAOS_REST": "http://" + s.REST, "SERVICE_URL": startService(t, s)}
	perform := func(list []toolkitActivity) {
		t.Helper()
		for i := range list {
			e.perform(t, &list[i], settings)
		}
	}
	perform(e.Hypothesis.Probes)
	perform(e.Method)
	perform(e.Hypothesis.Probes)
	if out, _ := s.command(t, "fault", "list"); !strings.Contains(out, "chaostoolkit-overload  active") || len(injected(s.attempts(t))) != 2 {
		t.Errorf("the fault is not on, or struck %d attempts, want 2\n%s", len(injected(s.attempts(t))), out)
	}
	perform(e.Rollbacks)
	if out, _ := s.command(t, "fault", "list"); strings.Contains(out, "chaostoolkit") {
		t.Errorf("it is still there after the rollbacks:\n%s", out)
	}
	perform(e.Method) // An experiment is run again and again.
	perform(e.Rollbacks)
}

// startService starts the service of the Node example behind s, and returns its URL.
func startService(t *testing.T, s *served) string {
	t.Helper()
	port := strconv.Itoa(unused(t, 1)[0])
	service := exec.Command("node", "examples/node/service.mjs")
	service.Env = append(os.Environ(), "PORT="+port, "GROOVE_BASE_URL=http://"+s.Proxy)
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = service.Process.Kill(); _ = service.Wait() })
	url := "http://127.0.0.1:" + port
	deadline := time.Now().Add(longest)
	for {
		response, err := http.Get(url + "/nothing")
		if err == nil {
			response.Body.Close()
			return url
		}
		if time.Now().After(deadline) {
			t.Fatalf("the service does not answer: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// perform makes one call: JSON goes out as such where Content-Type says so, and "${name}" is replaced.
func (e *toolkitExperiment) perform(t *testing.T, a *toolkitActivity, settings map[string]string) {
	t.Helper()
	if a.Provider.Type != "http" || a.Type != "probe" && a.Type != "action" || a.Name == "" {
		t.Errorf("%q is a %s by %s, want a probe or an action by http", a.Name, a.Type, a.Provider.Type)
	}
	url := a.Provider.URL
	for name, setting := range e.Configuration {
		url = strings.ReplaceAll(url, "${"+name+"}", settings[setting.Key])
	}
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if a.Provider.Method != "" {
		method = a.Provider.Method
	}
	if len(a.Provider.Arguments) > 0 {
		body = bytes.NewReader(a.Provider.Arguments)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range a.Provider.Headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%s: %v", a.Name, err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if wanted := a.Tolerance; wanted != 0 && response.StatusCode != wanted || response.StatusCode > 399 {
		t.Errorf("%s: %s %s answers %d, want %d\n%s", a.Name, method, url, response.StatusCode, wanted, text)
	}
}

// injected are those attempts that a fault answered.
func injected(seen map[string][]attempt) []attempt {
	var list []attempt
	for _, attempts := range seen {
		for _, a := range attempts {
			if a.Origin == "injected" {
				list = append(list, a)
			}
		}
	}
	return list
}
