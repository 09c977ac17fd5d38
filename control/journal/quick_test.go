package journal

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// full is an attempt in which every field is set.
func full() observe.Attempt {
	a := tried(7)
	v := reflect.ValueOf(&a).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			if f.Len() == 0 {
				f.SetString("a \"quoted\" <word>\u2028\n" + v.Type().Field(i).Name)
			}
		case reflect.Int, reflect.Int64:
			if f.IsZero() {
				f.SetInt(int64(i + 1))
			}
		case reflect.Uint64:
			f.SetUint(uint64(i + 1))
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{"one", "\\ two"}))
		}
	}
	a.Break, a.BreakAt = faults.BreakReset, faults.BreakAfter
	return a
}

func lineOf(t testing.TB, a *observe.Attempt) []byte {
	t.Helper()
	line, err := json.Marshal(attemptLine{kindAttempt, a})
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// TestQuickReadsWhatWeWrite holds that no field is left to the slow way: a field that is added to the attempt and not to the table is found here.
func TestQuickReadsWhatWeWrite(t *testing.T) {
	t.Parallel()
	whole := full()
	empty := observe.Attempt{Counter: observe.NoCounter}
	for _, want := range []observe.Attempt{whole, empty} {
		got, ok := newQuick().attempt(lineOf(t, &want))
		if !ok {
			t.Fatalf("cannot read %s", lineOf(t, &want))
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("reads another attempt (-want +got):\n%s", diff)
		}
	}
}

// agree holds that what the quick way reads the slow one reads alike.
func agree(t interface {
	Helper()
	Errorf(string, ...any)
}, q *quick, text []byte,
) (read bool) {
	t.Helper()
	got, ok := q.attempt(text)
	if !ok {
		return false
	}
	want := &observe.Attempt{Counter: observe.NoCounter}
	if err := strict(text, &attemptLine{Attempt: want}, false); err != nil {
		t.Errorf("read %q, in which %v", text, err)
		return true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read %q as another attempt (-slow +quick):\n%s", text, diff)
	}
	return true
}

func TestQuickLeavesTheUncommonAlone(t *testing.T) {
	t.Parallel()
	q := newQuick()
	for text, want := range map[string]bool{
		`{"kind":"attempt","sequence":1,"method":"GET"}`: true,
		`{"method":"GET"}`:                     true,
		` { "method" : "G\u0045T" } `:          false, // what stands behind is not looked at
		` { "method" : "G\u0045T" }`:           true,
		`{"target":"\ud83d\ude00 é 😀"}`:        true,
		`{"Method":"GET"}`:                     false,
		`{"method":"GET","method":"PUT"}`:      false,
		`{"method":null}`:                      false,
		`{"method":"\ud800"}`:                  false,
		"{\"method\":\"\xff\"}":                false,
		`{"status":200.0}`:                     false,
		`{"status":2e2}`:                       false,
		`{"status":"200"}`:                     false,
		`{"sequence":-1}`:                      false,
		`{"sequence":18446744073709551615}`:    true,
		`{"sequence":18446744073709551616}`:    false,
		`{"received_ns":9223372036854775808}`:  false,
		`{"body_complete":1}`:                  false,
		`{"delayed_by":[]}`:                    true,
		`{"delayed_by":["a",1]}`:               false,
		`{"delayed_by":null}`:                  false,
		`{"time":"yesterday"}`:                 false,
		`{"time":"2020-01-01T00:00:00+01:00"}`: true,
		`{"kind":"outcome"}`:                   false,
		`{"color":"red"}`:                      false,
		`{"method":"GET"`:                      false,
		`{"method":"GET",}`:                    false,
		`{"method":"GET"}{}`:                   false,
		`[]`:                                   false,
		``:                                     false,
	} {
		if got := agree(t, q, []byte(text)); got != want {
			t.Errorf("reading %s by itself is %v, want %v", text, got, want)
		}
	}
}

// TestQuickAgreesOnDamage spoils lines at random places.
func TestQuickAgreesOnDamage(t *testing.T) {
	t.Parallel()
	whole := full()
	sound := lineOf(t, &whole)
	q := newQuick()
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(strings.Clone(string(sound)))
		for range rapid.IntRange(1, 3).Draw(t, "places") {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			text[at] = rapid.SampledFrom([]byte("\"\\{}[],:0129-eE.tfnu \x00\xff")).Draw(t, "byte")
		}
		agree(t, q, text)
	})
}
