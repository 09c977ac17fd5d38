package config

import (
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// lines maps the path of a field to the line it stands on.
type lines map[string]int

// index names the fields that statements define. Elements of repeated tables
// count from 0: "faults[2].share".
func index(statements []statement) lines {
	found := make(lines, len(statements))
	counts := make(map[string]int)
	table := ""
	for _, s := range statements {
		if s.table {
			table = found.add("", keyParts(s.key), s, counts)
		} else {
			found.add(table, keyParts(s.key), s, counts)
		}
	}
	return found
}

// add enters a key, and the tables it names on its way, under a table.
func (l lines) add(path string, parts []string, s statement, counts map[string]int) string {
	for i, part := range parts {
		path = join(path, part)
		if s.array && i == len(parts)-1 {
			counts[path]++
		}
		l.enter(path, s.line)
		if n := counts[path]; n > 0 {
			path = fmt.Sprintf("%s[%d]", path, n-1)
			l.enter(path, s.line)
		}
	}
	return path
}

// enter keeps the first line of a path.
func (l lines) enter(path string, line int) {
	if _, ok := l[path]; !ok {
		l[path] = line
	}
}

// of returns the line of a field or of the innermost table around it, 0 for
// neither.
func (l lines) of(field string) int {
	for field != "" {
		if line, ok := l[field]; ok {
			return line
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
	return 0
}

// keyParts takes a dotted key apart, quotes and escapes included, with the
// library's own eyes.
func keyParts(key string) []string {
	var document map[string]any
	meta, err := toml.Decode(key+" = 0", &document)
	if err != nil || len(meta.Keys()) == 0 {
		return nil
	}
	keys := meta.Keys()
	return keys[len(keys)-1]
}

// join appends a key to the path of its table. A key that is not bare is quoted.
func join(path, key string) string {
	bare := key != "" && !strings.ContainsFunc(key, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-'
	})
	if !bare {
		key = quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}
