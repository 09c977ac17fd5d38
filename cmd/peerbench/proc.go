package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc/PID/stat: USER_HZ is 100 on every
// architecture that Go runs on (proc(5)).
const tick = 10 * time.Millisecond

// stat is what is wanted of /proc/PID/stat.
type stat struct {
	pid, parent  int
	user, system time.Duration
}

// parseStat reads one line of /proc/PID/stat. The name of the program is in
// parentheses and may hold anything, parentheses and spaces too. The times are
// those of the process and of its children that were waited for.
func parseStat(line string) (stat, error) {
	open, end := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')')
	if open < 0 || end < open {
		return stat{}, fmt.Errorf("parse stat %q: want a program name in parentheses", line)
	}
	// The fields from the third on, the state: the parent is the fourth, the
	// times are the fourteenth to the seventeenth.
	fields := strings.Fields(line[end+1:])
	if len(fields) < 15 {
		return stat{}, fmt.Errorf("parse stat %q: %d fields after the name, want 15 or more", line, len(fields))
	}
	var numbers [6]int
	for i, text := range []string{strings.TrimSpace(line[:open]), fields[1], fields[11], fields[12], fields[13], fields[14]} {
		number, err := strconv.Atoi(text)
		if err != nil {
			return stat{}, fmt.Errorf("parse stat %q: %w", line, err)
		}
		numbers[i] = number
	}
	return stat{
		pid: numbers[0], parent: numbers[1],
		user:   time.Duration(numbers[2]+numbers[4]) * tick,
		system: time.Duration(numbers[3]+numbers[5]) * tick,
	}, nil
}

// parseMemory reads the sizes of /proc/PID/status, in bytes.
func parseMemory(status string) (resident, peak int64, err error) {
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		var size *int64
		switch name {
		case "VmRSS":
			size = &resident
		case "VmHWM":
			size = &peak
		default:
			continue
		}
		number, unit, _ := strings.Cut(strings.TrimSpace(value), " ")
		kilobytes, err := strconv.ParseInt(number, 10, 64)
		if err != nil || unit != "kB" {
			return 0, 0, fmt.Errorf("parse status line %q: want a number of kB", line)
		}
		*size = kilobytes << 10
	}
	return resident, peak, nil
}

// tree returns a process and all that descend from it.
func tree(pid int) ([]stat, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	children := make(map[int][]stat)
	var found []stat
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		s, err := parseStat(string(line))
		if err != nil {
			return nil, err
		}
		if s.pid == pid {
			found = append(found, s)
		}
		children[s.parent] = append(children[s.parent], s)
	}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i].pid]...)
	}
	return found, nil
}
