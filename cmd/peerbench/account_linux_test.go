package main

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

func TestAccountsWithoutWhatHasEnded(t *testing.T) {
	t.Parallel()
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	self, gone := stat{pid: os.Getpid(), user: time.Second}, stat{pid: ended.Process.Pid, user: time.Minute}
	got, err := sum(self.pid, []stat{self, gone})
	if err != nil || got.processes != 1 || got.user != time.Second {
		t.Errorf("got %+v, %v, want what one process used", got, err)
	}
	if got, err := sum(gone.pid, []stat{gone}); err == nil {
		t.Errorf("got %+v of a process that has ended itself, want an error", got)
	}
}

// TestAccountsOfThisProcess burns time until the accounts show it.
func TestAccountsOfThisProcess(t *testing.T) {
	t.Parallel()
	before, err := use(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if before.resident <= 0 || before.peak < before.resident/2 || before.processes < 1 {
		t.Errorf("got %+v, want sizes above 0 and a process", before)
	}
	limit := time.Now().Add(30 * time.Second)
	for {
		for range 1_000_000 {
			runtime.KeepAlive(limit)
		}
		after, err := use(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if used := after.since(before); used.user+used.system >= 3*tick {
			return
		}
		if time.Now().After(limit) {
			t.Fatal("got no time on the accounts after 30 s of work, want 30 ms")
		}
	}
}
