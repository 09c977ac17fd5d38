//go:build unix

package cli

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHangUpReloads sends SIGHUP, with a file that is sound and with one that is not, and reads what the log says.
func TestHangUpReloads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "served.toml")
	writeFile(t, file, freePorts)
	s, err := startServed(dir, jsonEnd, "--json", "--config", "served.toml")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.stop() })
	for text, want := range map[string]string{
		freePorts + "[[faults]]\nname = \"down\"\nanswer.status = 503\n": `msg="configuration reloaded" written=[down]`,
		freePorts + "frobnicate = 1\n":                                   `msg="configuration not reloaded" error="reload configuration: served.toml:`,
		"seed = 7\n" + freePorts:                                         "seed changed, which takes a restart",
	} {
		writeFile(t, file, text)
		if err := s.command.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		for !strings.Contains(s.log.String(), want) {
			select {
			case <-t.Context().Done():
				t.Fatalf("the log has no %s:\n%s", want, s.log.String())
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
}
