//go:build unix

package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// runWorkload runs a shell script as a workload, and returns how it ended and
// what it said: all of it, as everything that could say something has ended.
func runWorkload(t *testing.T, ctx context.Context, grace time.Duration, script string) (said string, ended, err error) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(out)
		read <- string(text)
	}()
	w := workload{
		words: []string{"sh", "-c", script}, in: strings.NewReader(""), out: in, grace: grace,
		environment: append(os.Environ(), "GROOVE_BASE_URL=http://127.0.0.1:1"),
	}
	ended, err = w.run(ctx)
	_ = in.Close()
	said = <-read // Until then somebody still holds the other end.
	_ = out.Close()
	return said, ended, err
}

func TestWorkload(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		script string
		said   string
		status int
	}{
		"that ends well":                          {"echo $GROOVE_BASE_URL", "http://127.0.0.1:1\n", 0},
		"that ends badly":                         {"echo oh; exit 9", "oh\n", 9},
		"that leaves a process behind":            {"sleep 1000 & echo gone", "gone\n", 0},
		"that leaves a process that will not end": {"(trap '' TERM; while :; do sleep 1000; done) & exit 3", "", 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, ended, err := runWorkload(t, t.Context(), workloadGrace, test.script)
			if err != nil {
				t.Fatal(err)
			}
			if said != test.said {
				t.Errorf("it said %q, want %q", said, test.said)
			}
			if status := exitStatus(ended); status != test.status {
				t.Errorf("it ended with %v, want exit status %d", ended, test.status)
			}
		})
	}
}

func exitStatus(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return 0
}

func TestWorkloadThatCannotBeRun(t *testing.T) {
	t.Parallel()
	w := workload{words: []string{"no-such-program"}, in: strings.NewReader(""), out: t.Output()}
	if ended, err := w.run(t.Context()); ended != nil || !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("run: ended with %v, error %v; want exec.ErrNotFound", ended, err)
	}
}

func TestWorkloadIsInterrupted(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		script string
		grace  time.Duration
		said   string
	}{
		"and ends when asked": {
			"exec 2>/dev/null; trap 'echo asked; exit 0' TERM; echo >ready; while :; do sleep 0.01; done", workloadGrace, "asked\n",
		},
		"with all that it started": {
			"(trap '' TERM; while :; do sleep 1000; done) & echo >ready; wait", workloadGrace, "",
		},
		"and is killed when it does not end": {
			"trap '' TERM; echo >ready; while :; do sleep 0.01; done", time.Millisecond, "",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ready := t.TempDir() + "/ready"
			if err := exec.Command("mkfifo", ready).Run(); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				_, _ = os.ReadFile(ready) // The script opens the other end.
				cancel()
			}()
			said, _, _ := runWorkload(t, ctx, test.grace, strings.ReplaceAll(test.script, "ready", ready))
			if said != test.said {
				t.Errorf("it said %q, want %q", said, test.said)
			}
		})
	}
}
