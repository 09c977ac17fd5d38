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

// heading matches the line that begins a section, alternative what the example
// shows in comments beside its values.
var (
	heading     = regexp.MustCompile(`^\[+([a-z.]+)\]+$`)
	alternative = regexp.MustCompile(`^#   ([a-z_.]+ = .+)$`)
)

// alternatives are documents, each with one alternative in its place.
func alternatives(text string) []string {
	var found []string
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if heading.MatchString(line) {
			section = line
		}
		match := alternative.FindStringSubmatch(line)
		switch {
		case match == nil:
		case section == "[control.auth]":
			found = append(found, "[control.tls]\ncert = \"a\"\nkey = \"a\"\nclient_ca = \"a\"\n"+section+"\nrequired = true\n"+match[1]+"\n")
		case section != "[[faults]]":
			found = append(found, section+"\n"+match[1]+"\n")
		case strings.HasPrefix(match[1], "answer."):
			found = append(found, section+"\nname = \"one\"\n"+match[1]+"\nanswer.status = 503\n")
		default:
			found = append(found, section+"\nname = \"one\"\n"+match[1]+"\n")
		}
	}
	return found
}

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
	for _, document := range alternatives(text) {
		maps.Copy(shown, keysIn(t, document))
	}
	known := make(map[string]bool)
	knownKeys(reflect.TypeFor[Config](), "", known)
	knownKeys(reflect.TypeFor[faultTable](), "faults", known)
	if len(known) < 80 {
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
	found := alternatives(exampleText(t))
	if len(found) < 10 {
		t.Fatalf("found %d alternatives in the example, the search for them is broken", len(found))
	}
	for _, document := range found {
		if _, err := Parse("alternative", []byte(document)); err != nil {
			t.Errorf("%v in\n%s", err, document)
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
	if of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
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
