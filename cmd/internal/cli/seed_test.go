package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const phase = "[[phases]]\nname = \"a\"\nduration = \"1s\"\n"

// The seed of a run is the one that was asked for, in the experiment or in the configuration beside it; two of them are refused
// by name.
func TestTheSeedOfARun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		experiment, config string
		want               uint64
		refused            string
	}{
		"of neither":                 {phase, "\n", 1, ""},
		"of the experiment":          {"seed = 5\n" + phase, "\n", 5, ""},
		"of the configuration":       {phase, "seed = 7\n", 7, ""},
		"without a configuration":    {"seed = 5\n" + phase, "", 5, ""},
		"the same of both":           {"seed = 5\n" + phase, "seed = 5\n", 5, ""},
		"two of them":                {"seed = 5\n" + phase, "seed = 7\n", 0, "seed is 5 in the experiment and 7 in c.toml"},
		"of the standard experiment": {"", "seed = 7\n", 7, ""},
		"of nobody":                  {"", "", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &runOptions{config: written(t, "c.toml", test.config)}
			s, err := o.read(written(t, "e.toml", test.experiment))
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Errorf("got %v, want it refused: %s", err, test.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s.prepare(t.TempDir())
			if s.config.Seed != test.want {
				t.Errorf("the seed is %d, want %d", s.config.Seed, test.want)
			}
		})
	}
}

// written is a file with a text, "" for none.
func written(t *testing.T, name, text string) string {
	t.Helper()
	if text == "" {
		return ""
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
