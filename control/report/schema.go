package report

import (
	"embed"
	"slices"
	"strings"
)

//go:embed schema
var schemaFiles embed.FS

// Schemas returns the names of the documents that have a JSON Schema: what Document, coverage in JSON, and CompareJSON write. The caller
// owns the slice.
func Schemas() []string {
	entries, _ := schemaFiles.ReadDir("schema") // It is embedded.
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	slices.Sort(names)
	return names
}

// Schema returns the JSON Schema (draft 2020-12) of the document of that name. It reports false for a name that Schemas does not have.
func Schema(name string) ([]byte, bool) {
	text, err := schemaFiles.ReadFile("schema/" + name + ".json")
	return text, err == nil
}
