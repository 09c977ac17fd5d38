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
	for _, pid := range children() {
		before[pid] = true
	}
	return func() {
		deadline := time.Now().Add(orphansTime)
		for found := true; found && time.Now().Before(deadline); {
			found = false
			for _, pid := range children() {
				if !before[pid] {
					found = true
					_ = syscall.Kill(pid, syscall.SIGKILL)
					_, _ = syscall.Wait4(pid, nil, 0, nil)
				}
			}
		}
	}
}

// children are the processes whose parent we are, whether they have ended or not. Each thread lists those that came to it (proc(5)).
func children() []int {
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		return nil
	}
	var pids []int
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // The thread has ended meanwhile.
		}
		for word := range strings.FieldsSeq(string(text)) {
			if pid, err := strconv.Atoi(word); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
