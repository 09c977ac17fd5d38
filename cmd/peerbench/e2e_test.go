//go:build e2e

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// built is a peerbench to run, and a folder for what it leaves behind.
func built(t *testing.T) (program, temporary string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "peerbench")
	if text, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, text)
	}
	return program, t.TempDir()
}

// benchCommand runs in this folder; everything temporary goes to the other one.
func benchCommand(ctx context.Context, program, temporary string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	return cmd
}

// TestEveryPeerTakesItsTurn runs all scenarios for the shortest time there is.
func TestEveryPeerTakesItsTurn(t *testing.T) {
	t.Parallel()
	program, temporary := built(t)
	out := t.TempDir()
	var printed, said bytes.Buffer
	cmd := benchCommand(t.Context(), program, temporary, "--rounds", "1", "--seconds", "1", "--connections", "8", "--json", "--out", out)
	cmd.Stdout, cmd.Stderr = &printed, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("got %v, want no failure:\n%s", err, said.String())
	}
	var d document
	if err := json.Unmarshal(printed.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	all := scenarios()
	if len(d.Scenarios) != len(all) {
		t.Fatalf("got %d scenarios, want %d", len(d.Scenarios), len(all))
	}
	for i := range all {
		checkReport(t, &all[i], &d.Scenarios[i])
	}
	for _, name := range []string{"peers.txt", "peers.json", "peers.svg"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("got %v for %s, want a file", err, name)
		}
	}
	checkNothingLeft(t, temporary)
}

func checkReport(t *testing.T, c *scenario, r *report) {
	t.Helper()
	if r.Unavailable != "" {
		t.Errorf("%s: %s", c.name, r.Unavailable)
		return
	}
	for _, p := range among(peerNames(), c) {
		at := slices.IndexFunc(r.Turns, func(t turn) bool { return t.Peer == p.name })
		held := slices.IndexFunc(r.Delays, func(t delayTurn) bool { return t.Peer == p.name })
		switch {
		case at < 0 && held < 0:
			t.Errorf("%s: %s had no turn", c.name, p.name)
		case at >= 0:
			if m := r.Turns[at]; m.Requests == 0 || m.UserMicros+m.SystemMicros <= 0 || m.PeakBytes == 0 || m.AloneMicros <= 0 {
				t.Errorf("%s: got %+v, want figures above 0", c.name, m)
			}
		default:
			// So few exchanges may fit into what the warm-up has left: BytesEach is 0 or less then.
			if m := r.Delays[held]; m.P50Micros <= 0 || m.TimerP50Micros <= 0 || m.Exchanges == 0 {
				t.Errorf("%s: got %+v, want figures above 0", c.name, m)
			}
		}
	}
}

// TestAProfileLeavesTheFaultsInForce wants a profile, and injected answers while it is made.
func TestAProfileLeavesTheFaultsInForce(t *testing.T) {
	t.Parallel()
	program, temporary := built(t)
	out := t.TempDir()
	cmd := benchCommand(t.Context(), program, temporary, "--scenario", "injected-503", "--peers", "groovechaos",
		"--rounds", "1", "--seconds", "1", "--connections", "8", "--profile", "--out", out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("got %v, want no failure:\n%s", err, text)
	}
	profile, err := os.ReadFile(filepath.Join(out, "injected-503.0.pprof"))
	if err != nil || !bytes.HasPrefix(profile, []byte("\x1f\x8b")) {
		t.Errorf("got %d bytes, %v; want a profile", len(profile), err)
	}
	checkNothingLeft(t, temporary)
}

// TestAScenarioThatBreaksOffLeavesTheOthers measures a program that ends at once: it costs its own scenario and no more.
func TestAScenarioThatBreaksOffLeavesTheOthers(t *testing.T) {
	t.Parallel()
	program, temporary := built(t)
	var printed bytes.Buffer
	cmd := benchCommand(t.Context(), program, temporary, "--scenario", "injected-503,injected-429", "--peers", "groovechaos",
		"--groovechaos", "/bin/false", "--rounds", "1", "--seconds", "1", "--json")
	cmd.Stdout = &printed
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != exitFailed {
		t.Errorf("got %v, want exit status %d", err, exitFailed)
	}
	var d document
	if err := json.Unmarshal(printed.Bytes(), &d); err != nil || len(d.Scenarios) != 2 {
		t.Fatalf("got %d scenarios, %v; want both", len(d.Scenarios), err)
	}
	for i := range d.Scenarios {
		if r := &d.Scenarios[i]; !strings.Contains(r.Unavailable, "broke off") {
			t.Errorf("%s says %q, want that it broke off", r.Name, r.Unavailable)
		}
	}
	checkNothingLeft(t, temporary)
}

func TestInterruptLeavesNothing(t *testing.T) {
	t.Parallel()
	program, temporary := built(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := benchCommand(ctx, program, temporary, "--scenario", "relay-32", "--peers", "nginx,haproxy,reverseproxy")
	said := &trigger{want: "round 1, ", fire: cancel}
	cmd.Stderr = said
	cmd.WaitDelay = time.Minute
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("got %v, want exit status %d:\n%s", err, exitInterrupted, said.text.String())
	}
	checkNothingLeft(t, temporary)
}

// trigger fires once a text has been written to it.
type trigger struct {
	text bytes.Buffer
	want string
	fire func()
}

func (g *trigger) Write(text []byte) (int, error) {
	g.text.Write(text)
	if strings.Contains(g.text.String(), g.want) {
		g.fire()
	}
	return len(text), nil
}

// checkNothingLeft looks for files, and for processes that were started in the folder.
func checkNothingLeft(t *testing.T, temporary string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(temporary, "peerbench-*"))
	if err != nil || len(files) > 0 {
		t.Errorf("got the files %q, %v, want none left", files, err)
	}
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	limit := time.Now().Add(time.Minute) // whoever was killed may take a while to go
	for _, file := range environments {
		for runsIn(file, temporary) {
			if time.Now().After(limit) {
				t.Fatalf("got %s of a process that is left, want none", file)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// runsIn reports whether the process that an environment is of runs, and was started in a folder.
func runsIn(environment, temporary string) bool {
	text, err := os.ReadFile(environment)
	return err == nil && bytes.Contains(text, []byte("TMPDIR="+temporary))
}
