package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBadFiles reads every file of testdata/bad. Its first lines are
// comments "# want LINE: MESSAGE", which are the whole error, in order.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no bad files found: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".toml"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want := wanted(string(data))
			if want == "" {
				t.Fatalf("%s says nothing of the error it wants", path)
			}
			_, err = Parse("bad.toml", data)
			if err == nil {
				t.Fatalf("Parse took the file, want:\n%s", want)
			}
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// wanted returns the error that a bad file announces.
func wanted(text string) string {
	var want []string
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "# want ")
		if !ok {
			break
		}
		rest = strings.TrimSuffix(rest, "\n")
		if rest[0] >= '0' && rest[0] <= '9' {
			want = append(want, "bad.toml:"+rest)
		} else {
			want = append(want, "bad.toml: "+rest)
		}
	}
	return strings.Join(want, "\n")
}
