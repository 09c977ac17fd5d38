package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDefaultPassesValidation(t *testing.T) {
	t.Parallel()
	if err := Default().Validate().Err(); err != nil {
		t.Errorf("Default().Validate(): %v", err)
	}
}

func TestDefaultIsOwnedByItsCaller(t *testing.T) {
	t.Parallel()
	Default().Observe.ClientBy[0] = "changed"
	if got := Default().Observe.ClientBy[0]; got != "credential" {
		t.Errorf("client_by[0] of a second Default() = %q, want %q", got, "credential")
	}
}

func TestAbsentIsEmpty(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no byte":            "",
		"a comment":          "# nothing\n",
		"empty tables":       "[proxy]\n[standin]\n[control]\n[observe]\n[verdict]\n[log]\n",
		"empty inline table": "proxy = {}\n",
		"empty lists":        "faults = []\nverdict.checks = []\n",
		"byte order mark":    "\ufeff",
		"CRLF":               "[proxy]\r\nlisten = \"127.0.0.1:7710\"\r\n",
		"BOM and a default":  "\ufeffseed = 1\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse("test", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Faults) == 0 {
				got.Faults = nil
			}
			if diff := cmp.Diff(Default(), got); diff != "" {
				t.Errorf("differs from Default() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEmptyTablesInAFaultAreAbsent(t *testing.T) {
	t.Parallel()
	const fault = "[[faults]]\nname = \"one\"\nanswer.status = 503\n"
	want, err := Parse("test", []byte(fault))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse("test", []byte(fault+"answer.headers = {}\n[faults.match]\nendpoints = []\n[faults.match.query]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Faults, got.Faults); diff != "" {
		t.Errorf("with empty tables (-without +with):\n%s", diff)
	}
}

func TestSeedCoversAllNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint64{
		"0":                      0,
		"9223372036854775807":    1<<63 - 1,
		"0xff":                   255,
		`"9223372036854775808"`:  1 << 63,
		`"18446744073709551615"`: 1<<64 - 1,
	} {
		c, err := Parse("test", []byte("seed = "+text))
		if err != nil {
			t.Errorf("seed = %s: %v", text, err)
			continue
		}
		if c.Seed != want {
			t.Errorf("seed = %s reads as %d, want %d", text, c.Seed, want)
		}
	}
}

func TestShareIsNumberOrPercentage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"0": 0, "1": 1, "0.2": 0.2, `"20%"`: 0.2, `"0.2"`: 0.2, `"100%"`: 1, `"0%"`: 0, "1e-3": 0.001,
	} {
		c, err := Parse("test", []byte("[[faults]]\nname = \"one\"\nanswer.status = 503\nshare = "+text))
		if err != nil {
			t.Errorf("share = %s: %v", text, err)
			continue
		}
		if got := *c.Faults[0].Trigger.Share; got != want {
			t.Errorf("share = %s reads as %v, want %v", text, got, want)
		}
	}
}

func TestAnAuthorityForEveryHostIsDoubted(t *testing.T) {
	t.Parallel()
	for hosts, want := range map[string]int{`"*.example.net", "a.example"`: 0, `"a.example", "*"`: 1, `"a.example", "*:443"`: 1} {
		c, err := Parse("x.toml", []byte("[intercept]\nhosts = ["+hosts+"]\n"))
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Warnings) != want {
			t.Errorf("%s: got warnings %+v, want %d", hosts, c.Warnings, want)
		}
		for _, w := range c.Warnings {
			if w.Field != "intercept.hosts[1]" || w.Line != 2 || !strings.Contains(w.Text, "every host") {
				t.Errorf("%s: got %+v, want one about intercept.hosts[1] on line 2", hosts, w)
			}
		}
	}
}

func TestWarningsDoNotForbid(t *testing.T) {
	t.Parallel()
	c, err := Parse("test", []byte("\n[[faults]]\nname = \"one\"\nanswer.status = 503\nanswer.error_code = \"TOO_MANY_REQUESTS\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) != 1 || c.Warnings[0].Line != 4 || c.Warnings[0].Field != "faults[0].answer.status" {
		t.Errorf("warnings = %+v, want one about faults[0].answer.status on line 4", c.Warnings)
	}
}

func TestProblemsAreOrderedByLineEveryTime(t *testing.T) {
	t.Parallel()
	const text = "log.x = 1\nproxy.x = 1\nverdict.x = 1\nseed = -1\nobserve.x = 1\ncontrol.x = 1\n"
	for range 20 {
		_, err := Parse("test", []byte(text))
		var all *Error
		if !errors.As(err, &all) || len(all.Problems) != 6 {
			t.Fatalf("Parse: %v, want 6 problems", err)
		}
		for i, p := range all.Problems {
			if p.Line != i+1 {
				t.Fatalf("problem %d is on line %d, want %d:\n%v", i, p.Line, i+1, err)
			}
		}
	}
}

func TestParseRefusesWhatIsNoText(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"NUL at the start": {"\x00seed = 1", "NULL bytes"},
		"NUL further on":   {"seed = 1 \nlog.level = \"a\x00b\"\n", "0x00"},
		"UTF-16":           {"\xff\xfes\x00e\x00e\x00d\x00=\x001\x00", "UTF-16"},
		"UTF-16 by name":   {"\xfe\xffseed = 1", "UTF-16"},
		"invalid UTF-8":    {"log.level = \"a\xff\"", "invalid UTF-8"},
		"bare CR":          {"seed = 1\rseed = 2", "0x0d"},
		"too large":        {strings.Repeat("#", MaxSize+1), "more than 1048576 bytes"},
		"inline tables":    {"a = " + strings.Repeat("{a=", 100_000), "nests more than 16 deep"},
		"lists":            {"a = " + strings.Repeat("[", 100_000), "nests more than 16 deep"},
		"a long key":       {strings.Repeat("a.", 100_000) + "a = 1", "nests more than 16 deep"},
		"a long table":     {"[" + strings.Repeat("a.", 100_000) + "a]", "nests more than 16 deep"},
		"a long inner key": {"a = {" + strings.Repeat("a.", 100_000) + "a = 1}", "nests more than 16 deep"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := Parse("test", []byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Parse: %v, want an error with %q", err, test.want)
			}
			if c != nil {
				t.Errorf("Parse returned a configuration beside its error")
			}
		})
	}
}

func TestDepthCountsStructureOnly(t *testing.T) {
	t.Parallel()
	dots := strings.Repeat("a.[{", 50)
	text := "# " + dots + "\n[[faults]]\nname = 'one'\nanswer = { status = 503, message = \"" + dots + "\", body = '''" + dots + "''' }\n"
	if _, err := Parse("test", []byte(text)); err != nil {
		t.Errorf("Parse: %v, want brackets in strings and comments left alone", err)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "config.toml")
	write(t, path, "seed = 7\n")
	c, err := Load(path)
	if err != nil || c.Seed != 7 {
		t.Errorf("Load: seed %v, error %v, want seed 7", c, err)
	}

	write(t, path, "sed = 7\n")
	_, err = Load(path)
	if want := path + ":1: sed is not a known key, did you mean seed?"; err == nil || err.Error() != want {
		t.Errorf("Load: %v, want %s", err, want)
	}

	write(t, path, strings.Repeat("#", MaxSize+1))
	_, err = Load(path)
	if err == nil || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("Load of a large file: %v, want its bound", err)
	}

	_, err = Load(filepath.Join(dir, "absent.toml"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "load configuration: ") || !strings.Contains(err.Error(), "absent.toml") {
		t.Errorf("Load of an absent file: %v, want fs.ErrNotExist, the operation and the name", err)
	}

	_, err = Load(dir)
	if err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("Load of a directory: %v, want an error that names it", err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
