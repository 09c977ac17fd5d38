//go:build !linux

package cli

import "os/exec"

// orphans are what workloads leave behind: what leaves the group of its workload is nobody's here.
type orphans struct{}

func adoptOrphans() *orphans { return nil }

func (*orphans) start(command *exec.Cmd) error { return command.Start() }

func (*orphans) forget(*exec.Cmd) {}

func (*orphans) endOf(string) bool { return true }

func (*orphans) end() {}
