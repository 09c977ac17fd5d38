//go:build e2e && unix

package main

import (
	"bufio"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKilledRunLeavesNothing kills groovechaos run, which can do nothing about it: neither its command goes on nor what that has started.
func TestKilledRunLeavesNothing(t *testing.T) {
	t.Parallel()
	command := exec.Command(binary, "run", save(t, twice), "--", "sh", "-c", "trap '' TERM; sleep 300 & echo $$ $!; wait")
	log, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	line, err := bufio.NewReader(log).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for word := range strings.FieldsSeq(line) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatalf("the command printed %q, want numbers", line)
		}
		pids = append(pids, pid)
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	deadline := time.Now().Add(longest / 2)
	for _, pid := range pids {
		for syscall.Kill(pid, 0) == nil && !defunct(pid) {
			if time.Now().After(deadline) {
				t.Fatalf("process %d still runs", pid)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// defunct reports that a process has ended and nobody has asked how.
func defunct(pid int) bool {
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err != nil || strings.HasPrefix(strings.TrimSpace(string(out)), "Z")
}
