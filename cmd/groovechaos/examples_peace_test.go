//go:build e2e && unix

package main

import (
	"context"
	"os"
	"os/exec"
	"testing"
)

// TestExampleSuitesPassInPeace runs the suite of each example without a fault. A stage would not tell: a suite that fails while
// a fault is in force is thought to fail by it.
func TestExampleSuitesPassInPeace(t *testing.T) {
	t.Parallel()
	s := serve(t, "", "", "")
	ctx, cancel := context.WithTimeout(t.Context(), 5*longest) // for all of them, of which one is compiled
	defer cancel()
	for _, e := range examples(t) {
		command := exec.CommandContext(ctx, e.Command[0], e.Command[1:]...)
		command.Dir = e.dir
		command.Env = append(os.Environ(), "GROOVE_BASE_URL=http://"+s.Proxy, "PYTHONDONTWRITEBYTECODE=1")
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s: %v, want every test to pass\n%s", e.dir, err, out)
		}
	}
}
