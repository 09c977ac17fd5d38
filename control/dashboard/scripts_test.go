//go:build e2e

package dashboard_test

import (
	"os/exec"
	"testing"
)

// TestScripts runs the tests of the scripts that need no browser, by Node's own runner.
func TestScripts(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "node", "--test", "testdata/").CombinedOutput()
	if err != nil {
		t.Fatalf("node --test testdata/: %v\n%s", err, out)
	}
}
