package auth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretsAreWellFormedAndDiffer(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for range 1000 {
		secret, id := NewSecret(), NewID()
		if !WellFormed(secret) || seen[secret] || seen[id] || len(id) != 10 {
			t.Fatalf("got %q and %q, want new ones each time", secret, id)
		}
		seen[secret], seen[id] = true, true
	}
	for _, text := range []string{"", secretMark, "x" + NewSecret(), NewSecret() + "x", NewSecret()[:40], strings.ToUpper(NewSecret())} {
		if WellFormed(text) {
			t.Errorf("%q is taken for a secret", text)
		}
	}
}

func TestTheTokenFileIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "token")
	first, made, err := OpenSecret(path)
	if err != nil || !made || !WellFormed(first) {
		t.Fatalf("got %q, %t, %v, want a new secret", first, made, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v, want 600", info.Mode(), err)
	}
	second, made, err := OpenSecret(path)
	if err != nil || made || second != first {
		t.Errorf("again: got %q, %t, %v, want the first", second, made, err)
	}
}

func TestTokenFilesThatCannotBeTrustedAreRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"open to the group":  {NewSecret(), 0o640, "want chmod 600"},
		"open to others":     {NewSecret(), 0o604, "want chmod 600"},
		"empty":              {"", 0o600, "holds no token"},
		"something else":     {"hunter2", 0o600, "holds no token"},
		"without end":        {strings.Repeat(" ", 1<<20) + NewSecret(), 0o600, "holds no token"},
		"two of them":        {NewSecret() + "\n" + NewSecret(), 0o600, "holds no token"},
		"a directory's mode": {NewSecret(), 0o677, "want chmod 600"},
	} {
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, tt.mode); err != nil {
			t.Fatal(err)
		}
		_, _, err := OpenSecret(path)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	if _, err := ReadSecret(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there is read")
	}
	if _, _, err := OpenSecret(t.TempDir() + "/a\x00b/token"); err == nil {
		t.Error("a file that cannot be made is made")
	}
}
