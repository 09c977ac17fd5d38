package daemon

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/groovechaos/groovechaos/control/config"
)

// What keeps the authority from being made is looked at again whenever it is wanted.
func TestAnAuthorityIsTriedAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ca")
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // In the place of the directory.
		t.Fatal(err)
	}
	a := newAuthority(&config.Intercept{CADir: dir, Hosts: []string{"api.example.net"}})
	if _, err := a.root(true); err == nil {
		t.Fatal("an authority was made in the place of a file")
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	first, err := a.root(true)
	if err != nil {
		t.Fatalf("once there is room: %v", err)
	}
	if again, err := a.root(true); err != nil || again != first {
		t.Errorf("asked again it is another one, %v", err)
	}
}
