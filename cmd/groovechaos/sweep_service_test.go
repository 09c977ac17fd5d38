//go:build e2e && unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/control/report"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// shippedPort is the port of the service in the example's own file.
const shippedPort = ":8080/"

// probesOf writes the example's probes with another port, which it returns, and with or without the command.
func probesOf(t *testing.T, command bool) (file, port string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("examples", "node", "sweep.toml"))
	if err != nil || !bytes.Contains(text, []byte(shippedPort)) {
		t.Fatalf("the example has no probes at %s: %v", shippedPort, err)
	}
	port = strconv.Itoa(unused(t, 1)[0])
	text = bytes.ReplaceAll(text, []byte(shippedPort), []byte(":"+port+"/"))
	if !command {
		text = bytes.ReplaceAll(text, []byte("command = "), []byte("# "))
	}
	file = filepath.Join(t.TempDir(), "sweep.toml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file, port
}

// swept is what came of a sweep of the Node service.
type swept struct {
	status int
	cells  []report.SweepCell
	out    string
}

// sweepService sweeps the Node service in those cases that fit the patterns.
func sweepService(t *testing.T, file string, environment, only []string, flags ...string) swept {
	t.Helper()
	to := filepath.Join(t.TempDir(), "report.json")
	args := append([]string{"sweep", "--file", file, "--state", "", "--report", to}, flags...)
	for _, pattern := range only {
		args = append(args, "--only", pattern)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*longest)
	defer cancel()
	command := exec.CommandContext(ctx, binary, args...)
	command.Dir, command.Env = filepath.Join("examples", "node"), append(os.Environ(), environment...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	_ = command.Run() // The exit status is looked at.
	s := swept{status: command.ProcessState.ExitCode(), out: printed.String()}
	text, err := os.ReadFile(to)
	if err != nil {
		t.Fatalf("exit status %d: %v\n%s", s.status, err, s.out)
	}
	var document struct {
		Sweep report.Sweep `json:"sweep"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	s.cells = document.Sweep.Cells
	return s
}

// failed names the cells that fail, with what they fail by.
func (s *swept) failed() []string {
	var list []string
	for _, c := range s.cells {
		if c.Result == verdict.Fail && c.State != report.SweepSame {
			list = append(list, fmt.Sprintf("%s/%s/%s: %s", c.Endpoint, c.Fault, c.Mode, c.Check))
		}
	}
	slices.Sort(list)
	return list
}

// tried are the cases by which the planted faults are found, and which the sound service passes.
var tried = []string{"search/503/once", "lookup/404/once", "search/503-seconds/once", "collection.add/lost-answer/once", "search/soft-error/once"}

// TestServiceIsSweptByProbes sweeps the shipped service while it stays up: as it is it passes, and a planted fault is found by its name and by
// nothing else.
func TestServiceIsSweptByProbes(t *testing.T) {
	t.Parallel()
	need(t, "node")
	for plant, want := range map[string][]string{
		"":                    nil,
		"never-repeats-503":   {"search/503-seconds/once: probe", "search/503/once: probe"},
		"repeats-writes":      {"collection.add/lost-answer/once: write-not-repeated"},
		"ignores-retry-after": {"search/503-seconds/once: retry-after-honoured"},
		"misses-soft-errors":  {"search/soft-error/once: soft-error-noticed"},
		"hides-errors":        {"collection.add/lost-answer/once: error-surfaced", "lookup/404/once: error-surfaced"},
	} {
		t.Run(strings.TrimSpace("sound "+plant), func(t *testing.T) {
			t.Parallel()
			file, port := probesOf(t, true)
			s := sweepService(t, file, []string{"PORT=" + port, "PLANTED=" + plant}, tried, "--config", "../groovechaos.toml")
			status := 0
			if len(want) > 0 {
				status = 3
			}
			if got := s.failed(); !slices.Equal(got, want) || s.status != status || len(s.cells) != len(tried) {
				t.Errorf("exit status %d with %d cells, it fails %q, want %d and %q\n%s", s.status, len(s.cells), got, status, want, s.out)
			}
		})
	}
}

// TestServiceElsewhereIsSwept sweeps a service that somebody else runs, which calls where the proxy listens.
func TestServiceElsewhereIsSwept(t *testing.T) {
	t.Parallel()
	need(t, "node")
	file, port := probesOf(t, false)
	_, proxy := probesOf(t, false) // Another free port.
	service := exec.CommandContext(t.Context(), "node", "service.mjs")
	service.Dir = filepath.Join("examples", "node")
	service.Env = append(os.Environ(), "PORT="+port, "GROOVE_BASE_URL=http://127.0.0.1:"+proxy, "PLANTED=repeats-404")
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = service.Process.Kill()
		_ = service.Wait()
	})
	setup := save(t, "[proxy]\nlisten = \"127.0.0.1:"+proxy+"\"\n")
	s := sweepService(t, file, nil, []string{"lookup/404/always", "search/503/once"}, "--config", setup)
	if got, want := s.failed(), []string{"lookup/404/always: final-not-retried"}; !slices.Equal(got, want) || s.status != 3 {
		t.Errorf("exit status %d, it fails %q, want 3 and %q\n%s", s.status, got, want, s.out)
	}
	if !strings.Contains(s.out, "the service is to call http://127.0.0.1:"+proxy) {
		t.Errorf("it is not said where the proxy is:\n%s", s.out)
	}
	if service.ProcessState != nil {
		t.Error("the service has ended, which belongs to somebody else")
	}
}
