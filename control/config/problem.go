package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/groovechaos/groovechaos/faults"
)

// Problem is one thing that is wrong or doubtful, and where it stands.
type Problem struct {
	// Line counts from 1; 0 for a problem that stands nowhere. For a key of an inline
	// table it is the line on which the statement begins.
	Line int
	faults.Problem
}

// Error is everything that is wrong with one configuration.
type Error struct {
	// Name is the file or other source that was read.
	Name string
	// Problems are in the order of their lines, at least one.
	Problems []Problem
}

// Error writes one line for each problem, as compilers do:
// "config.toml:12: faults[2].share is 1.2, want 0 to 1".
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.in(e.Name)
	}
	return strings.Join(lines, "\n")
}

// in writes p as one line. Keys can hold anything, so that control characters
// are kept off the reader's terminal here.
func (p Problem) in(name string) string {
	where := name + ": "
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d: ", name, p.Line)
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, where+strings.TrimPrefix(p.String(), " "))
}

// locate gives problems their lines and puts them in that order.
func (l lines) locate(problems faults.Problems) []Problem {
	var located []Problem
	for _, p := range problems {
		located = append(located, Problem{Line: l.of(p.Field), Problem: p})
	}
	slices.SortStableFunc(located, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Field, b.Field))
	})
	return located
}

// independent leaves out the problems that only follow from fields that were not
// read: what could not be read is not missing as well.
func independent(problems faults.Problems, unread []string) faults.Problems {
	var kept faults.Problems
	for _, p := range problems {
		if !slices.ContainsFunc(unread, func(field string) bool { return within(p.Field, field) || within(field, p.Field) }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// within reports whether field is outer or lies in it.
func within(field, outer string) bool {
	rest, ok := strings.CutPrefix(field, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// quote quotes and shortens text that somebody else wrote.
func quote(text string) string {
	const most = 80
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strconv.Quote(text)
}
