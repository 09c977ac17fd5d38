package cli

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of a document.
type block struct {
	kind string
	// line is the number of its first line, after the fence.
	line int
	text []string
}

// blocks finds the fenced blocks of a document.
func blocks(document string) ([]block, error) {
	var (
		all  []block
		open *block
	)
	number := 0
	for line := range strings.Lines(document) {
		number++
		line = strings.TrimRight(line, " \r\n")
		kind, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &block{kind: kind, line: number + 1}
		case fence:
			all = append(all, *open)
			open = nil
		case open != nil:
			open.text = append(open.text, line)
		}
	}
	if open != nil {
		return nil, fmt.Errorf("the block at line %d has no end", open.line)
	}
	return all, nil
}

// shown is a command of a document, with the output that it shows.
type shown struct {
	command string
	line    int
	output  []string
}

// commands are the commands of a block: in a console they follow a "$", in sh
// they are all of it. A line that ends in a backslash goes on with the next.
func (b block) commands() []shown {
	var all []shown
	goesOn := false
	for i, line := range b.text {
		command, isCommand := strings.CutPrefix(line, "$ ")
		if b.kind == "sh" {
			command, isCommand = line, strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#")
		}
		switch {
		case goesOn:
			all[len(all)-1].command += "\n" + strings.TrimPrefix(line, "> ")
		case isCommand:
			all = append(all, shown{command: command, line: b.line + i})
		case b.kind == "console" && len(all) > 0:
			all[len(all)-1].output = append(all[len(all)-1].output, line)
		}
		goesOn = (goesOn || isCommand) && strings.HasSuffix(line, `\`)
	}
	return all
}

// pattern matches the output that a command shows: "…" alone stands for any
// number of lines, within a line for any text. No output shown means that none
// is compared.
func (s shown) pattern() *regexp.Regexp {
	if len(s.output) == 0 {
		return regexp.MustCompile(``)
	}
	var pattern strings.Builder
	pattern.WriteString(`^`)
	for _, line := range s.output {
		if line == "…" {
			pattern.WriteString(`(?:.*\n)*?`)
			continue
		}
		parts := strings.Split(line, "…")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		pattern.WriteString(strings.Join(parts, `.*`) + ` *\n`)
	}
	pattern.WriteString(`$`)
	return regexp.MustCompile(pattern.String())
}

func TestBlocksAndCommandsAreFound(t *testing.T) {
	t.Parallel()
	document := "# Title\n\n```console\n$ one \\\n>   two\nout\n\nmore\n$ three\n```\ntext\n```toml\na = 1\n```\n```sh\nfour\n# not five\n```\n"
	found, err := blocks(document)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range found {
		got = append(got, fmt.Sprintf("%s@%d", b.kind, b.line))
		for _, c := range b.commands() {
			got = append(got, fmt.Sprintf("%d %q %q", c.line, c.command, c.output))
		}
	}
	want := []string{
		"console@4", `4 "one \\\n  two" ["out" "" "more"]`, `9 "three" []`,
		"toml@13", "sh@16", `16 "four" []`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if _, err := blocks("```sh\nno end\n"); err == nil {
		t.Error("a block without an end is no error")
	}
}

func TestShownOutputIsCompared(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		shown []string
		got   string
		want  bool
	}{
		"the same":                     {[]string{"a", "b"}, "a\nb\n", true},
		"another line":                 {[]string{"a", "b"}, "a\nc\n", false},
		"a line less":                  {[]string{"a", "b"}, "a\n", false},
		"a line more":                  {[]string{"a", "b"}, "a\nb\nc\n", false},
		"another number":               {[]string{"2 fail, … pass"}, "3 fail, 1 pass\n", false},
		"anything in a line":           {[]string{"port … open"}, "port 12 open\n", true},
		"not over the end of a line":   {[]string{"port … open"}, "port 12\n open\n", false},
		"any lines":                    {[]string{"a", "…", "b"}, "a\nx\ny\nb\n", true},
		"no lines":                     {[]string{"a", "…", "b"}, "a\nb\n", true},
		"any lines, but then the same": {[]string{"a", "…", "b"}, "a\nx\nc\n", false},
		"what looks like a pattern":    {[]string{"a.b"}, "axb\n", false},
		"nothing shown":                {nil, "anything\n", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := (shown{output: test.shown}).pattern().MatchString(test.got); got != test.want {
				t.Errorf("%q shown, %q printed: matches is %t, want %t", test.shown, test.got, got, test.want)
			}
		})
	}
}
