package cli

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// orphansTime bounds how long orphans are looked for: what is ended may have had children of its own, which come to us then.
const orphansTime = 2 * time.Second

// adoptOrphans makes this process the parent of what its children leave behind, even in sessions of their own (prctl(2),
// PR_SET_CHILD_SUBREAPER). What it returns ends all of it, but for what was there before.
func adoptOrphans() (end func()) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return func() {}
	}
	before := map[int]bool{}
	for _, pid := range childrenOf(os.Getpid()) {
		before[pid] = true
	}
	return func() {
		deadline := time.Now().Add(orphansTime)
		for found := true; found && time.Now().Before(deadline); {
			found = false
			for _, pid := range childrenOf(os.Getpid()) {
				if !before[pid] {
					found = true
					_ = syscall.Kill(pid, syscall.SIGKILL)
					_, _ = syscall.Wait4(pid, nil, 0, nil)
				}
			}
		}
	}
}

// childrenOf are the processes whose parent is this one, whether they have ended or not (proc_pid_stat(5)).
func childrenOf(parent int) []int {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	var children []int
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // It has ended meanwhile.
		}
		// The name before it is in parentheses, and may hold anything.
		_, rest, _ := strings.Cut(string(text[max(strings.LastIndexByte(string(text), ')'), 0):]), " ")
		fields := strings.Fields(rest)
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			children = append(children, pid)
		}
	}
	return children
}
