package cli

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// TestMain lets this binary stand for the programs that scripts and the README
// run.
func TestMain(m *testing.M) {
	// Programs under the race detector would wait a second at their end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	testscript.Main(leakless{m}, map[string]func(){
		"groovechaos": func() {
			// What a script waits for may never come.
			if d, err := time.ParseDuration(os.Getenv("GROOVECHAOS_TEST_DEADLINE")); err == nil {
				time.AfterFunc(d, func() { os.Exit(99) })
			}
			os.Exit(Main(os.Args[1:]))
		},
		"caller": func() { os.Exit(callerMain(os.Args[1:])) },
		"suite":  func() { os.Exit(suiteMain(os.Args[1:])) },
		// The README judges `npm test`.
		"npm": func() { os.Exit(callerMain([]string{"-wait", "100ms", "-path", lookupPath})) },
	})
}

// homes are the variables by which systems say where the user's files are: those
// of the tests are nobody's.
var homes = []string{"HOME", "XDG_CONFIG_HOME", "AppData"}

// leakless fails when a test leaves a goroutine behind.
type leakless struct{ m *testing.M }

func (l leakless) Run() int {
	home, err := os.MkdirTemp("", "groovechaos-cli")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(home)
	for _, name := range homes {
		os.Setenv(name, home)
	}
	code := l.m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
