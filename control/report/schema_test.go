package report

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/groovechaos/groovechaos/faults/coverage"
)

// compiled is a schema; a strict one lets no member pass that it does not name, so that none can be forgotten.
func compiled(t *testing.T, name string, strict bool) *jsonschema.Schema {
	t.Helper()
	text, ok := Schema(name)
	if !ok {
		t.Fatalf("no schema %s", name)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if strict {
		closeObjects(document)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mem:///schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mem:///schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeObjects(node any) {
	switch v := node.(type) {
	case map[string]any:
		if _, has := v["properties"]; has {
			v["additionalProperties"] = false
		}
		for _, child := range v {
			closeObjects(child)
		}
	case []any:
		for _, child := range v {
			closeObjects(child)
		}
	}
}

func validate(t *testing.T, s *jsonschema.Schema, document []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

// documents are real documents by the name of their schema.
func documents(t *testing.T) map[string][][]byte {
	t.Helper()
	write := func(err error, b *bytes.Buffer) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	all := map[string][][]byte{}
	for _, c := range contents {
		var report, cover bytes.Buffer
		all["report"] = append(all["report"], write(Document(&report, c), &report))
		if c.Coverage != nil {
			all["coverage"] = append(all["coverage"], write(json.NewEncoder(&cover).Encode(c.Coverage), &cover))
		}
	}
	for _, r := range reports {
		var b bytes.Buffer
		all["report"] = append(all["report"], write(JSON(&b, r), &b))
	}
	var none, some bytes.Buffer
	all["coverage"] = append(all["coverage"], write(json.NewEncoder(&none).Encode(coverage.New(coverage.Options{}).Matrix()), &none))
	all["comparison"] = append(all["comparison"], write(CompareJSON(&some, apart()), &some))
	return all
}

func TestSchemasHoldWhatIsWritten(t *testing.T) {
	t.Parallel()
	all := documents(t)
	for _, name := range Schemas() {
		strict, open := compiled(t, name, true), compiled(t, name, false)
		if len(all[name]) == 0 {
			t.Errorf("no document of schema %s is looked at", name)
		}
		for _, document := range all[name] {
			if err := validate(t, strict, document); err != nil {
				t.Errorf("%s: %v in\n%s", name, err, document)
			}
			if err := validate(t, open, bytes.Replace(document, []byte("{"), []byte(`{"later": 1,`), 1)); err != nil {
				t.Errorf("%s: a member that was added: %v", name, err)
			}
		}
	}
}

func TestSchemasRefuseWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := compiled(t, "report", false)
	for name, document := range map[string]string{
		"no result":          `{"version": 1, "clients": []}`,
		"another version":    `{"version": 2, "result": "pass", "clients": []}`,
		"an unknown result":  `{"version": 1, "result": "green", "clients": []}`,
		"clients are null":   `{"version": 1, "result": "pass", "clients": null}`,
		"a finding is empty": `{"version": 1, "result": "pass", "clients": [], "findings": [{}]}`,
		"a share above 1":    `{"version": 1, "result": "pass", "clients": [], "coverage": {"version": 1, "covered": 2, "of": 1, "share": 2, "basis": "", "kinds": [], "endpoints": [], "attempts": 0}}`,
	} {
		if validate(t, s, []byte(document)) == nil {
			t.Errorf("%s: the schema lets it pass", name)
		}
	}
	if !slices.Equal(Schemas(), []string{"comparison", "coverage", "report"}) {
		t.Errorf("schemas are %v", Schemas())
	}
	if _, ok := Schema("../html"); ok {
		t.Error("a schema that is none can be had")
	}
}
