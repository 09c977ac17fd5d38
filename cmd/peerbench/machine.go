package main

import (
	"context"
	"debug/buildinfo"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// machine is where the figures come from.
type machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Kernel string `json:"kernel"`
	Memory string `json:"memory"`
}

// version is which build of a program was measured.
type version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

func readMachine() machine {
	return machine{
		CPU:    field("/proc/cpuinfo", "model name"),
		Cores:  runtime.NumCPU(),
		Kernel: content("/proc/sys/kernel/osrelease"),
		Memory: field("/proc/meminfo", "MemTotal"),
	}
}

// loadAverage is what /proc/loadavg says of the last minute, five and fifteen.
func loadAverage() string {
	figures := strings.Fields(content("/proc/loadavg"))
	return strings.Join(figures[:min(3, len(figures))], " ")
}

// content is the text of a small file, "unknown" if it cannot be read.
func content(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}

// field returns the first value of that name in a file of lines "name: value".
func field(path, name string) string {
	for line := range strings.Lines(content(path)) {
		key, value, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// versions asks the programs that take part for theirs.
func (b *bencher) versions(ctx context.Context) []version {
	all := []version{{"go", runtime.Version()}}
	add := func(name, program string, args ...string) {
		said, err := output(ctx, program, args...)
		// wrk tells its version and fails.
		if err != nil && said == "" {
			said = err.Error()
		}
		all = append(all, version{name, first(said)})
	}
	for _, name := range b.peers {
		switch name {
		case ours, baseline:
			add(name, b.programs[name], "version")
		case haproxy:
			add(name, b.programs[name], "-v")
		case toxiproxy, fasthttp:
			all = append(all, version{name, module(b.programs[name], name)})
		case reverse:
			all = append(all, version{name, "net/http of " + runtime.Version()})
		}
	}
	add(nginx, b.programs[nginx], "-v")
	add("wrk", b.programs["wrk"], "-v")
	return all
}

// module returns the version of the module by that name that a program was
// built from.
func module(program, name string) string {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err.Error()
	}
	for _, m := range append(slices.Clone(info.Deps), &info.Main) {
		if strings.Contains(filepath.ToSlash(m.Path), "/"+name) {
			return m.Path + " " + m.Version
		}
	}
	return "unknown"
}

// isTerminal reports whether a stream is a character device.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
