//go:build e2e && unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/groovechaos/groovechaos/faults/verdict"
)

// exampleFile says in an example's folder what is run there.
const exampleFile = "example.toml"

// example is a service with a suite and faults of its own.
type example struct {
	dir string
	// Command is its suite, Planted the checks that find each of its planted faults.
	Command []string            `toml:"command"`
	Planted map[string][]string `toml:"planted"`
}

// examples finds those that there are.
func examples(t *testing.T) []example {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("examples", "*", exampleFile))
	if err != nil || len(files) < 3 {
		t.Fatalf("%d examples are here, want at least 3: %v", len(files), err)
	}
	list := make([]example, len(files))
	for i, file := range files {
		list[i].dir = filepath.Dir(file)
		meta, err := toml.DecodeFile(file, &list[i])
		if err != nil || len(meta.Undecoded()) > 0 {
			t.Fatalf("%s: %v, unknown keys %v", file, err, meta.Undecoded())
		}
		need(t, list[i].Command[0])
	}
	return list
}

// width is how many chaos stages are played side by side: they wait most of the time.
const width = 4

// TestExamples plays the chaos stage of every example: as it is it passes, and each planted fault is found by its name and by
// nothing else.
func TestExamples(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil || !strings.Contains(string(readme), "cd cmd/groovechaos/examples/node\n    groovechaos "+strings.Join(stageFlags, " ")+" -- node --test\n") {
		t.Errorf("README.md does not show how an example is run: %v", err)
	}
	turns := make(chan struct{}, width)
	var stages sync.WaitGroup
	var mu sync.Mutex
	var again []func()
	for _, e := range examples(t) {
		for _, plant := range append([]string{""}, slices.Sorted(maps.Keys(e.Planted))...) {
			stages.Go(func() {
				turns <- struct{}{}
				defer func() { <-turns }()
				if e.stage(t, plant, false) {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				again = append(again, func() { _ = e.stage(t, plant, false) || e.stage(t, plant, true) })
			})
		}
	}
	stages.Wait()
	for _, stage := range again {
		stage() // Alone, so that no other stage keeps the machine busy.
	}
}

// stageFlags are how a stage is played in the folder of an example.
var stageFlags = []string{"run", "../experiment.toml", "--config", "../groovechaos.toml"}

// tries is how often a stage is played whose end is not as it must be: on a busy machine too little may be seen, or gaps
// grow that are none. What is said against a caller wrongly is never taken for that.
const tries = 3

// stage plays a chaos stage with a fault planted, "" for none. It returns false if it is to be played again, which the last is not.
func (e *example) stage(t *testing.T, plant string, last bool) (done bool) {
	t.Helper()
	name, want := strings.Trim(e.dir+" "+plant, " "), 0
	if len(e.Planted[plant]) > 0 {
		want = 3
	}
	report, status, out := e.play(t, plant)
	failed := failedChecks(&report)
	unjust := slices.DeleteFunc(slices.Clone(failed), func(check string) bool { return slices.Contains(e.Planted[plant], check) })
	switch {
	case len(unjust) > 0 || status != 0 && status != 3 && status != 4:
		t.Errorf("%s: exit status %d, it fails %q, want no more than %q\n%s", name, status, unjust, e.Planted[plant], out)
		return true
	case status == want && slices.Equal(failed, e.Planted[plant]) && len(report.Reasons) == 0:
		return true
	case last:
		t.Errorf("%s: exit status %d, it fails %q for %q, want %q alone\n%s", name, status, failed, report.Reasons, e.Planted[plant], out)
	default:
		t.Logf("%s: exit status %d, it fails %q for %q: once more, alone", name, status, failed, report.Reasons)
	}
	return false
}

// play plays a stage once.
func (e *example) play(t *testing.T, plant string) (report verdict.Report, status int, out string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	args := append(slices.Clone(stageFlags), "--report", file, "--")
	ctx, cancel := context.WithTimeout(t.Context(), 2*longest)
	defer cancel()
	command := exec.CommandContext(ctx, binary, append(args, e.Command...)...)
	command.Dir = e.dir
	command.Env = append(os.Environ(), "PLANTED="+plant, "PYTHONDONTWRITEBYTECODE=1")
	command.WaitDelay = 5 * time.Second
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	if err := command.Run(); command.ProcessState == nil {
		return report, -1, err.Error()
	}
	if text, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(text, &report); err != nil {
			t.Errorf("%s: %v", e.dir, err)
		}
	}
	return report, command.ProcessState.ExitCode(), printed.String()
}

// failedChecks are those that anybody fails.
func failedChecks(report *verdict.Report) []string {
	var failed []string
	for _, v := range report.Clients {
		for _, f := range v.Findings {
			if f.Result == verdict.Fail && !slices.Contains(failed, f.Check) {
				failed = append(failed, f.Check)
			}
		}
	}
	return failed
}
