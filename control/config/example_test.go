package config

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

// examplePath is the complete, commented example.
const examplePath = "../../config.toml"

// alternative matches what the example shows in comments beside its values.
var alternative = regexp.MustCompile(`(?m)^#   ([a-z_.]+ = .+)$`)

func TestExampleStatesEveryDefault(t *testing.T) {
	t.Parallel()
	got, err := Load(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Warnings) > 0 {
		t.Errorf("warnings about the example: %+v", got.Warnings)
	}
	got.Faults = nil
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Errorf("example without its faults differs from Default() (-want +got):\n%s", diff)
	}
}

func TestExampleHasEveryKey(t *testing.T) {
	t.Parallel()
	text := exampleText(t)
	shown := keysIn(t, text)
	for _, match := range alternative.FindAllStringSubmatch(text, -1) {
		maps.Copy(shown, keysIn(t, "[[faults]]\n"+match[1]))
	}
	known := make(map[string]bool)
	knownKeys(reflect.TypeFor[Config](), "", known)
	knownKeys(reflect.TypeFor[faultTable](), "faults", known)
	if len(known) < 40 {
		t.Fatalf("only %d keys known, the search for them is broken", len(known))
	}
	for key := range known {
		if !shown[key] {
			t.Errorf("the example does not show %s", key)
		}
	}
}

func TestExampleAlternativesAreAccepted(t *testing.T) {
	t.Parallel()
	found := alternative.FindAllStringSubmatch(exampleText(t), -1)
	if len(found) < 5 {
		t.Fatalf("found %d alternatives in the example, the search for them is broken", len(found))
	}
	for _, match := range found {
		text := "[[faults]]\nname = \"one\"\n" + match[1] + "\n"
		if strings.HasPrefix(match[1], "answer.") {
			text += "answer.status = 503\n"
		}
		if _, err := Parse("alternative", []byte(text)); err != nil {
			t.Errorf("%s: %v", match[1], err)
		}
	}
}

func TestExampleSwitchesSomeFaultsOn(t *testing.T) {
	t.Parallel()
	c, err := Load(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	on := 0
	for _, fault := range c.Faults {
		if !fault.Disabled {
			on++
		}
	}
	if on == 0 || on == len(c.Faults) {
		t.Errorf("%d of %d faults are on, want some on and some off", on, len(c.Faults))
	}
}

func exampleText(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// keysIn returns the dotted keys of a document, those of maps with their names
// left out.
func keysIn(t *testing.T, text string) map[string]bool {
	t.Helper()
	var document map[string]any
	meta, err := toml.Decode(text, &document)
	if err != nil {
		t.Fatal(err)
	}
	keys := make(map[string]bool)
	for _, key := range meta.Keys() {
		for i := range key {
			keys[strings.Join(key[:i+1], ".")] = true
		}
	}
	return keys
}

// knownKeys enters the dotted keys of the leaves of a struct.
func knownKeys(of reflect.Type, path string, known map[string]bool) {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		known[path] = true
		return
	}
	for key, field := range keysOf(of) {
		knownKeys(field.Type, join(path, key), known)
	}
}
