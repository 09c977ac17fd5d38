package main

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

const statLine = "4711 (a (b) c) S 12 4711 4711 0 -1 4194304 1234 0 0 0 250 75 20 5 20 0 3 0 123456 1000000 500 18446744073709551615 0 0"

func TestParseStat(t *testing.T) {
	t.Parallel()
	got, err := parseStat(statLine + "\n")
	want := stat{pid: 4711, parent: 12, user: 2700 * time.Millisecond, system: 800 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestParseStatRefuses(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"nothing":              "",
		"no name":              "4711 S 12",
		"the parts turned":     "4711 )x( S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
		"too few fields":       "4711 (x) S 12 1 1 0 -1 0 0 0 0 0 250 75 20",
		"a time is a word":     strings.Replace(statLine, " 250 ", " much ", 1),
		"the number is a word": strings.Replace(statLine, "4711 (", "me (", 1),
	} {
		if got, err := parseStat(line); err == nil {
			t.Errorf("%s: got %+v, want an error", name, got)
		}
	}
}

func TestParseMemory(t *testing.T) {
	t.Parallel()
	resident, peak, err := parseMemory("Name:\tx\nVmPeak:\t  900 kB\nVmHWM:\t  300 kB\nVmRSS:\t  200 kB\nThreads:\t1\n")
	if err != nil || resident != 200<<10 || peak != 300<<10 {
		t.Errorf("got %d resident, %d at most, %v, want 204800 and 307200", resident, peak, err)
	}
	for _, status := range []string{"VmRSS:\tmuch kB\n", "VmHWM:\t12 MB\n"} {
		if _, _, err := parseMemory(status); err == nil {
			t.Errorf("got no error for %q, want one", status)
		}
	}
}

func TestAccountsWithoutWhatHasEnded(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the accounts are those of Linux")
	}
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
	if runtime.GOOS != "linux" {
		t.Skip("the accounts are those of Linux")
	}
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

func TestAccountsOfNobody(t *testing.T) {
	t.Parallel()
	if u, err := use(-1); err == nil {
		t.Errorf("got %+v for a process that is not there, want an error", u)
	}
}
