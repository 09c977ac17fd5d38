package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// orphansTime bounds how long orphans are looked for: what is ended may have had children of its own, which come to us then.
	orphansTime = 2 * time.Second
	// orphansPause is between two looks, reapPause between two for those that have ended by themselves.
	orphansPause, reapPause = 2 * time.Millisecond, time.Second
)

// orphans are the processes that workloads leave behind, whose parent we are made. It is safe for concurrent use.
type orphans struct {
	quit chan struct{}
	done sync.WaitGroup

	mu sync.Mutex
	// own are our children that are none, and that others wait for: with true workloads and what watches over them, with false those from
	// before.
	own map[int]bool
}

// adoptOrphans makes this process the parent of what its children leave behind, even in sessions of their own (prctl(2),
// PR_SET_CHILD_SUBREAPER), and sees to it that none of those that end remains as a zombie. It is nil where that cannot be done.
func adoptOrphans() *orphans {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil
	}
	o := &orphans{own: map[int]bool{}, quit: make(chan struct{})}
	for _, pid := range children() {
		o.own[pid] = false
	}
	o.done.Go(o.tend)
	return o
}

// start starts a command that somebody waits for, and forget is told when it has ended.
func (o *orphans) start(command *exec.Cmd) error {
	if o == nil {
		return command.Start()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	err := command.Start()
	if err == nil {
		o.own[command.Process.Pid] = true
	}
	return err
}

func (o *orphans) forget(command *exec.Cmd) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.own, command.Process.Pid)
}

// tend reaps orphans that have ended by themselves, from time to time.
func (o *orphans) tend() {
	ticker := time.NewTicker(reapPause)
	defer ticker.Stop()
	for {
		select {
		case <-o.quit:
			return
		case <-ticker.C:
			o.reap(func(int) bool { return false })
		}
	}
}

// reap ends the orphans that are to be ended, and waits for none that does not end. It counts those that it found: what they had started
// comes to us with their end.
func (o *orphans) reap(ends func(pid int) bool) (found int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, pid := range children() {
		if _, own := o.own[pid]; own {
			continue
		}
		if ends(pid) {
			found++
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
	}
	return found
}

// endOf ends what the workload of a mark has left behind, and reports whether all of it has ended in time. Beside other workloads that are
// under way a process is known by its variables alone: what has thrown them away is ended when no other is left.
func (o *orphans) endOf(mark string) bool {
	return o == nil || o.endAll(func(pid int) bool { return !o.busy() || marked(pid, mark) })
}

// busy reports that a workload is under way. The caller holds the lock.
func (o *orphans) busy() bool {
	for _, ours := range o.own {
		if ours {
			return true
		}
	}
	return false
}

// end ends all orphans there are, and adopts no more of them.
func (o *orphans) end() {
	if o == nil {
		return
	}
	close(o.quit)
	o.done.Wait()
	o.endAll(func(int) bool { return true })
}

func (o *orphans) endAll(ends func(pid int) bool) bool {
	late, next := time.NewTimer(orphansTime), time.NewTicker(orphansPause)
	defer late.Stop()
	defer next.Stop()
	for o.reap(ends) > 0 {
		select {
		case <-late.C:
			return false
		case <-next.C:
		}
	}
	return true
}

// marked reports that a process has a mark among its variables.
func marked(pid int, mark string) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		return false
	}
	for variable := range strings.SplitSeq(string(text), "\x00") {
		if value, ok := strings.CutPrefix(variable, workloadVariable+"="); ok {
			return strings.Contains(value+"/", "/"+mark+"/")
		}
	}
	return false
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
