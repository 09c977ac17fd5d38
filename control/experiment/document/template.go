package document

import (
	"embed"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/control/experiment"
)

//go:embed templates/*.toml
var templates embed.FS

// StandardName is the template that is played where no experiment is given.
const StandardName = "standard"

// Templates returns the names of the templates, the standard one first.
func Templates() []string {
	names := []string{StandardName}
	entries, _ := templates.ReadDir("templates") // It is part of the binary.
	for _, entry := range entries {
		if name := strings.TrimSuffix(entry.Name(), ".toml"); name != StandardName {
			names = append(names, name)
		}
	}
	return names
}

// Template returns the text of a template, with comments. It reports false for a name that is none.
func Template(name string) (text []byte, ok bool) {
	if !slices.Contains(Templates(), name) {
		return nil, false
	}
	text, err := templates.ReadFile("templates/" + name + ".toml")
	return text, err == nil
}

// Standard returns the standard experiment. The caller owns it.
func Standard() (*experiment.Experiment, error) {
	text, _ := Template(StandardName)
	return Parse(StandardName+".toml", text)
}
