package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func TestProcessAndItsChildrenEnd(t *testing.T) {
	t.Parallel()
	wantLinux(t)
	dir := t.TempDir()
	// The child ignores the polite signal; the file says that it is there.
	script := `sh -c 'trap "" TERM; touch there; while :; do sleep 1; done' & wait`
	p, err := spawn(t.Context(), dir, "parent", []string{"sh", "-c", script})
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(dir, "there")) {
		if err := p.alive(); err != nil {
			t.Fatal(err)
		}
		runtime.Gosched()
	}
	members, err := tree(p.pid)
	if err != nil || len(members) < 2 {
		t.Errorf("got the processes %v, %v, want the child among them", members, err)
	}
	p.stop()
	if err := p.alive(); err == nil {
		t.Error("got a process that runs after it was stopped")
	}
	// Those that are dead are gone once the system has taken note of it.
	for _, m := range members[1:] {
		for isRunning(t, m.pid) {
			runtime.Gosched()
		}
	}
}

func TestProcessThatEndsSaysWhy(t *testing.T) {
	t.Parallel()
	wantLinux(t)
	p, err := spawn(t.Context(), t.TempDir(), "broken", []string{"sh", "-c", "echo no such key >&2; exit 3"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	address, err := freeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = p.ready(t.Context(), address)
	if err == nil || !strings.Contains(err.Error(), "broken ended by itself: exit status 3: no such key") {
		t.Errorf("got %v, want the status and what it said", err)
	}
}

func TestNoAddressIsGivenTwice(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 { // of some 12 000
		address, err := freeAddress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if seen[address] {
			t.Fatalf("%s came twice", address)
		}
		seen[address] = true
	}
}

func TestMissingProgramsAreNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	s := &site{programs: map[string]string{}}
	err := s.find(&options{peers: []string{ours, haproxy}})
	if err == nil {
		t.Fatal("got no error on an empty path, want one")
	}
	for _, want := range []string{"wrk is not installed: Debian has it in the package wrk", "go is not installed"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q in it", err, want)
		}
	}
}

func TestInstalledProgramsAreFound(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	for _, name := range []string{"go", "nginx", "wrk", "haproxy"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s := &site{programs: map[string]string{}}
	if err := s.find(&options{peers: []string{ours, haproxy}}); err != nil {
		t.Fatal(err)
	}
	if got, want := s.programs["haproxy"], filepath.Join(dir, "haproxy"); got != want {
		t.Errorf("got haproxy at %q, want %q", got, want)
	}
}

func TestSiteLeavesNoFile(t *testing.T) {
	t.Parallel()
	s := &site{dir: filepath.Join(t.TempDir(), "site")}
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write("file", "text"); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil || exists(s.dir) {
		t.Errorf("got %v and a folder that is there: %v, want it gone", err, exists(s.dir))
	}
}

func wantLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("processes are accounted for on Linux alone")
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, os.ErrNotExist)
}

// isRunning reports whether a process runs: one that has ended and was not
// waited for does not.
func isRunning(t *testing.T, pid int) bool {
	t.Helper()
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(line), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}
