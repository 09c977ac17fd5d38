package main

import (
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

func TestAccountsOfNobody(t *testing.T) {
	t.Parallel()
	if u, err := use(-1); err == nil {
		t.Errorf("got %+v for a process that is not there, want an error", u)
	}
}
