package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzParse: nothing panics, a configuration that parses passes validation and
// survives being written, and an error is one of ours with lines of the document.
func FuzzParse(f *testing.F) {
	seeds, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range append(seeds, examplePath) {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("fuzz", data)
		if err != nil {
			checkError(t, err, data)
			return
		}
		if problems := c.Validate().Problems; len(problems) > 0 {
			t.Fatalf("a configuration that parses does not pass: %v", problems)
		}
		var text bytes.Buffer
		if err := Encode(&text, c.Faults); err != nil {
			t.Fatal(err)
		}
		again, err := Parse("again", text.Bytes())
		if err != nil {
			t.Fatalf("%v in\n%s", err, &text)
		}
		if diff := cmp.Diff(c.Faults, again.Faults, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("read back (-want +got):\n%s", diff)
		}
	})
}

func checkError(t *testing.T, err error, data []byte) {
	t.Helper()
	var all *Error
	if !errors.As(err, &all) || len(all.Problems) == 0 {
		t.Fatalf("error %v, want an *Error with problems", err)
	}
	last := bytes.Count(data, []byte("\n")) + 1
	for _, p := range all.Problems {
		if p.Line < 0 || p.Line > last {
			t.Fatalf("line %d of a document of %d: %v", p.Line, last, err)
		}
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != len(all.Problems) {
		t.Fatalf("%d lines for %d problems:\n%v", got, len(all.Problems), err)
	}
}

// FuzzLines holds our search for statements against the library's parser: every
// key that the library finds has a line, unless it stands in an inline table.
func FuzzLines(f *testing.F) {
	for _, text := range []string{
		"a = 1\nb.c = 2\n[d]\ne = 'x'\n[[f]]\ng = 1\n[f.h]\ni = 2\n[[f]]\ng = 2\n",
		"a = \"\"\"\nb = 1\n\"\"\"\"\"\nc = '''\nd = \"\n'''\ne = 1\n",
		"a = [ # [\n 1, \"]\",\n 2 ]\nb = '\\'\nc = \"\\\"\"\n",
		"\"a.b\".c = 1\n'd' . e = 2\n[ x . \"y\" ]\nz = 1\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.TrimPrefix(text, "\ufeff")
		statements, deep := scan(text)
		if deep > 0 || strings.Contains(text, "{") || !utf8.ValidString(text) {
			return
		}
		var document map[string]any
		meta, err := toml.Decode(text, &document)
		if err != nil {
			return
		}
		if len(statements) != len(meta.Keys()) {
			t.Fatalf("%d statements, but the library finds %d keys: %v", len(statements), len(meta.Keys()), meta.Keys())
		}
		found := index(statements)
		table := toml.Key{}
		for i, key := range meta.Keys() {
			parts := toml.Key(keyParts(statements[i].key))
			full := append(append(toml.Key{}, table...), parts...)
			if statements[i].table {
				table, full = parts, parts
			}
			if full.String() != key.String() {
				t.Fatalf("statement %d is %s, but the library finds %s", i, full, key)
			}
		}
		for field, line := range found {
			if line < 1 || line > strings.Count(text, "\n")+1 {
				t.Fatalf("%s is on line %d", field, line)
			}
		}
	})
}
