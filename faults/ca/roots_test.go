package ca

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindRoots(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing, empty, full := filepath.Join(dir, "missing"), filepath.Join(dir, "empty"), filepath.Join(dir, "full")
	for path, text := range map[string]string{empty: "", full: "x"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		system string
		files  []string
		want   string
		says   string
	}{
		"the first that has something": {"linux", []string{missing, dir, empty, full}, full, ""},
		"none":                         {"linux", []string{missing, dir, empty}, "", missing},
		"macOS":                        {"darwin", []string{full}, "", "security find-certificate"},
		"Windows":                      {"windows", []string{full}, "", "certifi"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := findRoots(test.system, test.files)
			if got != test.want || (test.want == "") != errors.Is(err, ErrNoRoots) {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
			if err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want it to say %q", err, test.says)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/home/a/ca.pem": "/home/a/ca.pem", "/My Files/ca.pem": "'/My Files/ca.pem'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "": "''", "~/x": "'~/x'",
	} {
		if got := quote(text); got != want {
			t.Errorf("quote(%q) is %s, want %s", text, got, want)
		}
	}
}
