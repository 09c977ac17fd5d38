package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLines(t *testing.T) {
	t.Parallel()
	const text = `seed = 1 # [not.a.table]
proxy.listen = "x"

[log]
level = """
[[faults]]
name = 1
""""
format = '''it's
so'''

[[faults]]
name = "a = 1"
"share" = 1
[faults.match]
query = {
  q = "1",
}
[[faults]]
answer.headers."Retry-After" = [
  1, # ]
  "]", ']',
]
	delay . fixed = "\"#"
`
	statements, deep := scan(text)
	if deep != 0 {
		t.Errorf("scan says that line %d nests too deeply", deep)
	}
	got := index(statements)
	want := lines{
		"seed": 1, "proxy": 2, "proxy.listen": 2,
		"log": 4, "log.level": 5, "log.format": 9,
		"faults": 12, "faults[0]": 12, "faults[0].name": 13, "faults[0].share": 14,
		"faults[0].match": 15, "faults[0].match.query": 16,
		"faults[1]": 19, "faults[1].answer": 20, "faults[1].answer.headers": 20,
		"faults[1].answer.headers.Retry-After": 20,
		"faults[1].delay":                      24, "faults[1].delay.fixed": 24,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	for field, line := range map[string]int{
		"faults[0].match.query.q":        16,
		"faults[0].match.endpoints[3]":   15,
		"faults[1].ttl":                  19,
		"faults[7].name":                 12,
		"observe.attempts":               0,
		"":                               0,
		"faults[1].answer.headers.X.Y.Z": 20,
	} {
		if got := got.of(field); got != line {
			t.Errorf("%q is on line %d, want %d", field, got, line)
		}
	}
}

func TestLinesAfterOddStrings(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"literal with a backslash":     `['C:\', 1]`,
		"basic with an escaped quote":  `["\"", 1]`,
		"long with a quote at its end": `["""a"""", 1]`,
		"long with two":                `["""a""""", 1]`,
		"long literal with two":        `['''a''''', 1]`,
		"long with an escaped quote":   `["""a\"""", 1]`,
		"long over lines":              "['''\n\n''', 1]",
		"empty":                        `["", '', """""", '''''']`,
		"comment in a list":            "[1, # ]\n\n]",
	} {
		text := "before = 1\nvalue = " + value + "\nafter = 1\n"
		statements, _ := scan(text)
		if _, _, problems := parse([]byte(text)); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
		if len(statements) != 3 || statements[2].line != strings.Count(text, "\n") {
			t.Errorf("%s: statements %+v, want 3, the last on the last line", name, statements)
		}
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		field, outer string
		want         bool
	}{
		{"faults[1].share", "faults[1].share", true},
		{"faults[1].share", "faults[1]", true},
		{"faults[1].share", "faults", true},
		{"faults[1].shares", "faults[1].share", false},
		{"faults[1]", "faults[1].share", false},
		{"log.level", "proxy", false},
	} {
		if got := within(test.field, test.outer); got != test.want {
			t.Errorf("within(%q, %q) = %t, want %t", test.field, test.outer, got, test.want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"listen", "upstream", "upstream_ca", "drain", "log_normal", "q"}
	for key, want := range map[string]string{
		"listne": "listen", "LISTEN": "listen", "upsteam": "upstream", "drian": "drain",
		"lognormal": "log_normal", "log": "log_normal", "up": "", "upstr": "", "colour": "", "": "q", "x": "q",
		"listen-listen-listen-listen-listen": "",
	} {
		if got := nearest(key, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", key, got, want)
		}
	}
}
