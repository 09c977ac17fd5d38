package config

import (
	"reflect"
	"slices"
	"testing"
)

func TestDifferencesNameKeys(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"nothing":                 {"", nil},
		"what is the default":     {"seed = 1\n[control.auth]\nrequired = false\n", nil},
		"a key at the top":        {"seed = 2\n", []string{"seed"}},
		"keys of sections":        {"[proxy]\ndrain = \"1s\"\n[log]\nlevel = \"debug\"\n", []string{"log.level", "proxy.drain"}},
		"a section in a section":  {"[control.auth]\nrequired = true\n", []string{"control.auth.required"}},
		"a list":                  {"[verdict]\nchecks = [\"backs-off\"]\n", []string{"verdict.checks"}},
		"tables in a list":        {"[verdict]\npolicies = [{ severity = \"warn\" }]\n", []string{"verdict.policies"}},
		"faults are not compared": {"[[faults]]\nname = \"a\"\nanswer.status = 503\n", nil},
	} {
		c, err := Parse("test", []byte(tt.text))
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range [][]string{Differences(Default(), c), Differences(c, Default())} {
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s: got %q, want %q", name, got, tt.want)
			}
		}
	}
}

// TestDifferencesSeeEveryKey holds that no leaf is left out, whatever is added.
func TestDifferencesSeeEveryKey(t *testing.T) {
	t.Parallel()
	leaves := 0
	eachLeaf(reflect.ValueOf(Default()).Elem(), func(leaf reflect.Value) {
		if !leaf.CanSet() {
			return
		}
		leaves++
	})
	if leaves < 40 {
		t.Fatalf("found %d leaves, the search for them is broken", leaves)
	}
	for n := range leaves {
		c, i := Default(), 0
		eachLeaf(reflect.ValueOf(c).Elem(), func(leaf reflect.Value) {
			if i == n {
				change(leaf)
			}
			i++
		})
		if got := Differences(Default(), c); len(got) != 1 {
			t.Errorf("with leaf %d changed got %q, want one key", n, got)
		}
	}
}

func eachLeaf(v reflect.Value, do func(reflect.Value)) {
	fields := keysOf(v.Type())
	for _, key := range sortedKeys(fields) {
		field := v.FieldByIndex(fields[key].Index)
		if field.Kind() == reflect.Struct {
			eachLeaf(field, do)
			continue
		}
		do(field)
	}
}

// change gives a leaf another value.
func change(leaf reflect.Value) {
	switch leaf.Kind() {
	case reflect.Slice:
		leaf.Set(reflect.MakeSlice(leaf.Type(), leaf.Len()+1, leaf.Len()+1))
	case reflect.String:
		leaf.SetString(leaf.String() + "x")
	case reflect.Bool:
		leaf.SetBool(!leaf.Bool())
	case reflect.Uint64:
		leaf.SetUint(leaf.Uint() + 1)
	case reflect.Float64:
		leaf.SetFloat(leaf.Float() / 2)
	default:
		leaf.SetInt(leaf.Int() + 1)
	}
}
