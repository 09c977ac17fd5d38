//go:build mutants

package verdict

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	// slowTests judge whole journals: what a rule says is held by the others.
	slowTests = "KnownClients|Strangers|Innocent|FaultModel|Mutant|Towns"
	// slowerTests take most of what is left, and are tried where all others pass.
	slowerTests = "ByChance|TwoCallersAreNotWhole|AmbiguousCallsNeverFail|NoHerd(Heeds|IsBounded)|TraitsLeave|OrderOfAttempts|RecordedScenarios|NeverFail$|Ahead|AreBounded|PeopleBeside|WhoIgnores|WhoFollows"
)

// TestMutantsAreCaught changes each rule in its turn and wants some test to fail: a rule that can be turned around unnoticed is held by nothing. The
// changes are compiled in together, and one at a time is switched on.
//
//	go test -tags mutants -run MutantsAreCaught -v ./faults/verdict
//
// GROOVECHAOS_MUTANT_TESTS in the environment narrows the tests that are tried, as -run does.
func TestMutantsAreCaught(t *testing.T) {
	binary := compileMutants(t)
	if failed := failures(t, binary, -1); len(failed) > 0 {
		t.Fatalf("without any change %v fail", failed)
	}
	for n, m := range mutants {
		t.Run(fmt.Sprintf("%d %s %s %s", n, m.check, m.file, m.was), func(t *testing.T) {
			failed := failures(t, binary, n)
			if len(failed) == 0 {
				t.Errorf("nothing fails with %q", m.text(n))
				return
			}
			t.Logf("fails %s", failed[0])
		})
	}
}

// Every check has a rule that is turned around.
func TestMutantsCoverTheCatalogue(t *testing.T) {
	turned := map[string]bool{}
	for _, m := range mutants {
		turned[m.check] = true
	}
	for _, c := range Checks() {
		if !turned[c.Name] {
			t.Errorf("no mutant turns around the rule of %s", c.Name)
		}
	}
}

// compileMutants compiles the tests with all changes in them.
func compileMutants(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	sources, overlay := mutated(t), map[string]string{}
	sources["mutant_switch.go"] = mutantSwitch
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range sources {
		changed := filepath.Join(dir, name)
		if err := os.WriteFile(changed, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(here, name)] = changed
	}
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), list, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "verdict.test")
	out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, ".").CombinedOutput() //nolint:gosec,noctx // Our own files.
	if err != nil {
		t.Fatalf("compile the mutants: %v\n%s", err, out)
	}
	return binary
}

// cut is a piece of a file that another takes the place of.
type cut struct {
	from, to int
	text     string
}

// mutated are the files that have changes, with switches for all of them.
func mutated(t *testing.T) map[string]string {
	t.Helper()
	sources, cuts := map[string]string{}, map[string][]cut{}
	for n, m := range mutants {
		if sources[m.file] == "" {
			sources[m.file] = read(t, m.file)
		}
		before, rule, after := m.place()
		if found := strings.Count(sources[m.file], before+rule+after); found != 1 {
			t.Fatalf("mutant %d: %s has %q %d times, want once", n, m.file, m.was, found)
		}
		from := strings.Index(sources[m.file], before+rule+after) + len(before)
		cuts[m.file] = append(cuts[m.file], cut{from, from + len(rule), m.text(n)})
	}
	for file, list := range cuts {
		slices.SortFunc(list, func(a, b cut) int { return b.from - a.from })
		for _, c := range list {
			sources[file] = sources[file][:c.from] + c.text + sources[file][c.to:]
		}
	}
	return sources
}

func read(t *testing.T, name string) string {
	t.Helper()
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// mutantSwitch is what switches one change on.
const mutantSwitch = `package verdict

import "os"

var mutantOn = os.Getenv("GROOVECHAOS_MUTANT")

func mutant[T any](number string, was, now T) T {
	if mutantOn == number {
		return now
	}
	return was
}
`

var failedTest = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)

// failures runs the tests with one change, -1 for none, the quick ones first, and lists those that fail.
func failures(t *testing.T, binary string, n int) []string {
	t.Helper()
	if narrow := os.Getenv("GROOVECHAOS_MUTANT_TESTS"); narrow != "" {
		return failuresOf(t, binary, n, narrow, slowTests)
	}
	if failed := failuresOf(t, binary, n, "", slowTests+"|"+slowerTests); len(failed) > 0 {
		return failed
	}
	return failuresOf(t, binary, n, slowerTests, slowTests)
}

// failuresOf runs some of the tests with one change.
func failuresOf(t *testing.T, binary string, n int, tests, but string) []string {
	t.Helper()
	run := exec.Command(binary, "-test.run", tests, "-test.skip", but, "-test.failfast", "-test.timeout", "5m", "-rapid.checks", "10", "-rapid.nofailfile") //nolint:gosec,noctx // Our own binary.
	run.Env = append(os.Environ(), fmt.Sprintf("GROOVECHAOS_MUTANT=%d", n))
	out, err := run.CombinedOutput()
	if err == nil {
		return nil
	}
	var names []string
	for _, match := range failedTest.FindAllStringSubmatch(string(out), -1) {
		names = append(names, match[1])
	}
	if len(names) == 0 {
		names = append(names, "all: "+strings.SplitN(string(out), "\n", 2)[0])
	}
	return names
}
