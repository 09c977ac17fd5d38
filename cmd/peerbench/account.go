package main

import (
	"fmt"
	"os"
	"time"
)

// usage is what a peer has used: all its processes together.
type usage struct {
	user, system time.Duration
	// resident and peak are in bytes.
	resident, peak int64
	processes      int
}

// use reads the accounts of a process and its descendants.
func use(pid int) (usage, error) {
	all, err := tree(pid)
	if err != nil {
		return usage{}, err
	}
	if len(all) == 0 {
		return usage{}, fmt.Errorf("read the accounts of process %d: it has ended", pid)
	}
	return sum(pid, all)
}

// sum adds up what a process and its descendants have used, without those that have ended since they were listed.
func sum(pid int, all []stat) (usage, error) {
	var u usage
	for _, s := range all {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
		if err != nil && s.pid != pid {
			continue
		}
		if err != nil {
			return usage{}, err
		}
		resident, peak, err := parseMemory(string(status))
		if err != nil {
			return usage{}, err
		}
		u.processes++
		u.user += s.user
		u.system += s.system
		u.resident += resident
		u.peak += peak
	}
	return u, nil
}

// since returns what was used after before; the sizes are those of now.
func (u usage) since(before usage) usage {
	u.user -= before.user
	u.system -= before.system
	return u
}

// resetPeak makes the peak of a process and its descendants begin anew (the
// value 5 for clear_refs, proc(5)).
func resetPeak(pid int) error {
	all, err := tree(pid)
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.pid), []byte("5"), 0o600); err != nil {
			return fmt.Errorf("reset the peak of process %d: %w", s.pid, err)
		}
	}
	return nil
}
