package document

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/control/experiment"
	"github.com/groovechaos/groovechaos/faults"
)

func TestTemplatesAreSound(t *testing.T) {
	t.Parallel()
	for _, name := range Templates() {
		text, ok := Template(name)
		if !ok {
			t.Errorf("there is no template %s", name)
		}
		e, err := Parse(name+".toml", text)
		if err != nil {
			t.Error(err)
			continue
		}
		if e.Name != name {
			t.Errorf("the experiment of template %s is called %s", name, e.Name)
		}
		for i := range e.Phases {
			if review := faults.Validate(e.Phases[i].Faults); len(review.Warnings) > 0 {
				t.Errorf("%s, phase %s: %v", name, e.Phases[i].Name, review.Warnings)
			}
		}
	}
	for _, name := range []string{"", "nothing", "../parse"} {
		if _, ok := Template(name); ok {
			t.Errorf("there is a template %q", name)
		}
	}
}

// Every key that an experiment may have stands in some template, with a comment or plain enough to do without.
func TestTemplatesShowEveryKey(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, name := range Templates() {
		text, _ := Template(name)
		all.Write(text)
	}
	for _, key := range keysBelow(reflect.TypeFor[file]()) {
		if form := regexp.MustCompile(`(?m)^(\[+[\w.]*\b` + key + `\b|(\w+ = \{.*)?\b` + key + ` =)`); !form.MatchString(all.String()) {
			t.Errorf("no template has the key %s", key)
		}
	}
}

// keysBelow are the keys of a table and of those in it, but for those of faults and policies, which config.toml has.
func keysBelow(of reflect.Type) []string {
	var keys []string
	for _, field := range reflect.VisibleFields(of) {
		key := field.Tag.Get("toml")
		if key == "" || key == "faults" || key == "policies" {
			continue
		}
		keys = append(keys, key)
		inner := field.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			keys = append(keys, keysBelow(inner)...)
		}
	}
	return keys
}

// The standard experiment is over in time, and what everybody is asked comes before what not everybody is.
func TestStandardIsShort(t *testing.T) {
	t.Parallel()
	e, err := Standard()
	if err != nil {
		t.Fatal(err)
	}
	if e.TimeLimit > 90*time.Second {
		t.Errorf("it may take %v, want at most 90s", e.TimeLimit)
	}
	var asked time.Duration
	for i := range e.Phases {
		if !e.Phases[i].Optional {
			asked += e.Phases[i].Duration
		}
	}
	if asked >= e.TimeLimit {
		t.Errorf("the phases that are not optional take up to %v, want less than %v", asked, e.TimeLimit)
	}
	if i := slices.IndexFunc(e.Phases, func(p experiment.Phase) bool { return len(p.Faults) > 0 }); i != 1 {
		t.Errorf("faults begin with phase %d, want them right after the baseline", i)
	}
}
