package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/groovechaos/groovechaos/faults"
)

// maxDepth bounds how deeply values nest and how many parts a key has. The
// library's cost grows with the square of both, and four is what a fault needs.
const maxDepth = 16

// parse reads the syntax of a document.
func parse(data []byte) (map[string]any, lines, []Problem) {
	if len(data) > MaxSize {
		return nil, nil, problemAt(0, "", fmt.Sprintf("has more than %d bytes", MaxSize))
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		// The library would drop the mark and take what follows for UTF-8.
		return nil, nil, problemAt(1, "", "begins with the mark of UTF-16, want UTF-8")
	}
	source := strings.TrimPrefix(string(data), "\ufeff")
	statements, deep := scan(source)
	if deep > 0 {
		return nil, nil, problemAt(deep, "", fmt.Sprintf("nests more than %d deep", maxDepth))
	}
	var document map[string]any
	if _, err := toml.Decode(source, &document); err != nil {
		return nil, nil, syntaxProblem(err)
	}
	return document, index(statements), nil
}

func syntaxProblem(err error) []Problem {
	var broken toml.ParseError
	if !errors.As(err, &broken) {
		return problemAt(0, "", err.Error())
	}
	field := broken.LastKey
	if field != "" {
		field += ":"
	}
	return problemAt(broken.Position.Line, field, broken.Message)
}

func problemAt(line int, field, text string) []Problem {
	return []Problem{{Line: line, Problem: faults.Problem{Field: field, Text: text}}}
}
