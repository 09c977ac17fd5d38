//go:build e2e

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/standin"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// binary is the groovechaos under test: the one on the path, else one that is
// built here.
var binary string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	found, err := exec.LookPath("groovechaos")
	if err == nil {
		binary = found
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "groovechaos")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "groovechaos")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// need skips a test if a program is not there; on CI that is a failure.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not here", program)
	}
	t.Skipf("%s is not here", program)
}

// longest bounds every command.
const longest = time.Minute

// execute runs a program to its end.
func execute(t *testing.T, env []string, program string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Env = append(os.Environ(), env...)
	var out, log bytes.Buffer
	command.Stdout, command.Stderr = &out, &log
	err := command.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited || ctx.Err() != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, log.String())
	}
	return out.String(), log.String(), command.ProcessState.ExitCode()
}

// served is a groovechaos that serves.
type served struct {
	// Proxy, Standin, GRPC and REST are host:port.
	Proxy, Standin, GRPC, REST string
	stop                       func()
}

const freePorts = `
[standin]
listen = "127.0.0.1:0"
[control]
grpc = "127.0.0.1:0"
rest = "127.0.0.1:0"
`

// serve starts groovechaos on free ports with a configuration: faults, and what
// goes before the section proxy and into it.
func serve(t *testing.T, top, proxy, faults string) *served {
	t.Helper()
	file := save(t, top+"\n[proxy]\nlisten = \"127.0.0.1:0\"\n"+proxy+freePorts+faults)
	command := exec.Command(binary, "serve", "--json", "--config", file)
	command.Env = ownHome(t)
	var log bytes.Buffer
	command.Stderr = &log
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	s := &served{stop: sync.OnceFunc(func() {
		if err := errors.Join(command.Process.Signal(os.Interrupt), command.Wait()); err != nil {
			t.Errorf("serve ended with %v\n%s", err, log.String())
		}
	})}
	if err := json.NewDecoder(out).Decode(s); err != nil {
		_ = command.Wait()
		t.Fatalf("serve: %v\n%s", err, log.String())
	}
	t.Cleanup(s.stop)
	return s
}

// ownHome is the environment of a process whose files of the user are nobody else's.
func ownHome(t *testing.T) []string {
	t.Helper()
	return append(os.Environ(), "XDG_CONFIG_HOME="+t.TempDir())
}

func save(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// command runs groovechaos against s.
func (s *served) command(t *testing.T, args ...string) (stdout string, status int) {
	t.Helper()
	stdout, stderr, status := execute(t, []string{"GROOVECHAOS_CONTROL=" + s.GRPC}, binary, args...)
	if status == 1 || status == 2 {
		t.Errorf("groovechaos %s: exit status is %d\n%s", strings.Join(args, " "), status, stderr)
	}
	return stdout, status
}

// attempt is what the tests read of an attempt.
type attempt struct {
	Conn   string
	Client string
	Method string
	Target string
	Status int
	Origin string
	// Received and Answered are durations on one clock.
	Received, Answered string
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// attempts returns what the proxy saw, by method and target.
func (s *served) attempts(t *testing.T) map[string][]attempt {
	t.Helper()
	text, _ := s.command(t, "attempts", "--json")
	all := make(map[string][]attempt)
	decoder := json.NewDecoder(strings.NewReader(text))
	for {
		var a attempt
		err := decoder.Decode(&a)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		key := a.Method + " " + a.Target
		all[key] = append(all[key], a)
	}
}

// verdict judges callers that have ended.
func (s *served) verdict(t *testing.T) verdict.Report {
	t.Helper()
	text, _ := s.command(t, "verdict", "--ended", "--json")
	return parseReport(t, text)
}

func parseReport(t *testing.T, text string) verdict.Report {
	t.Helper()
	var report verdict.Report
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return report
}

// holds compares the findings about a client with those that are wanted: check,
// or check and status, to result.
func holds(t *testing.T, v verdict.Verdict, want map[string]verdict.Result) {
	t.Helper()
	got := make(map[string]verdict.Finding)
	for _, f := range v.Findings {
		name := f.Check
		if f.Status != 0 {
			name += fmt.Sprintf(" %d", f.Status)
		}
		got[name] = f
	}
	for name, result := range want {
		if f := got[name]; f.Result != result {
			t.Errorf("%s: %s is %q, want %q: %s; %s", v.Client, name, f.Result, result, f.Summary, f.Missing)
		}
	}
}

// caller sends requests on its own connections.
type caller struct {
	base   string
	client *http.Client
}

func (s *served) caller(t *testing.T, connections int) caller {
	t.Helper()
	transport := &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}
	t.Cleanup(transport.CloseIdleConnections)
	return caller{base: "http://" + s.Proxy, client: &http.Client{Transport: transport}}
}

// get returns the status of an answer, 0 for none.
func (c caller) get(t *testing.T, target string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.base+target, nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header.Set("Authorization", "Bearer "+standin.ApplicationToken)
	response, err := c.client.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Error(err)
	}
	return response.StatusCode
}

// sideBySide does something with each number up to n, so many at a time.
func sideBySide(n, width int, do func(int)) {
	var wg sync.WaitGroup
	numbers := make(chan int)
	for range width {
		wg.Go(func() {
			for i := range numbers {
				do(i)
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	wg.Wait()
}
