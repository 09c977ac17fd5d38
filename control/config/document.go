package config

import (
	"fmt"
	"slices"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// Document is a TOML document whose syntax is right, for packages that have files of their own: their keys are read as
// strictly as those of config.toml, and problems name the field and the line.
type Document struct {
	name   string
	values map[string]any
	lines  lines
}

// Share is a part of a whole in a struct for Document.Decode, written as a number or a percentage.
type Share = share

// Count is a whole number from 0 on in a struct for Document.Decode.
type Count = count

// FaultTable is one table of a fault in a struct for Document.Decode.
type FaultTable = faultTable

// ReadDocument reads the syntax of a document. The name is for messages alone. The error is an *Error.
func ReadDocument(name string, data []byte) (*Document, error) {
	values, lines, problems := parse(data)
	if len(problems) > 0 {
		return nil, &Error{Name: name, Problems: problems}
	}
	return &Document{name: name, values: values, lines: lines}, nil
}

// Has reports whether a key is given, by the keys of the tables around it and its own.
func (d *Document) Has(path ...string) bool {
	table := d.values
	for i, key := range path {
		value, ok := table[key]
		if !ok {
			return false
		}
		if i == len(path)-1 {
			return true
		}
		if table, ok = value.(map[string]any); !ok {
			return false
		}
	}
	return false
}

// Decode fills the struct that target points to, by the toml tags of its fields. Review then says what is wrong with
// the values; of fields that could not be read it may say what it likes. The error is an *Error with every problem.
func (d *Document) Decode(target any, review func() faults.Problems) error {
	var decoder decoder
	decoder.decode(d.values, target)
	problems := slices.Concat(decoder.problems, independent(review(), decoder.unread))
	if len(problems) > 0 {
		return &Error{Name: d.name, Problems: d.lines.locate(problems)}
	}
	return nil
}

// FaultsOf turns the tables of a field into faults, and reports the keys in them that are given and say nothing.
func FaultsOf(field string, tables []FaultTable) ([]faults.Fault, faults.Problems) {
	var set []faults.Fault
	var problems faults.Problems
	for i := range tables {
		set = append(set, tables[i].fault())
		problems = append(problems, tables[i].empty().Prefix(fmt.Sprintf("%s[%d].", field, i))...)
	}
	return set, problems
}

// PolicyOf returns the policy of rules, and what is wrong with it, by fields such as "policies[1].limits.quick".
func PolicyOf(rules []PolicyRule) (verdict.Policy, faults.Problems) { return policyOf(rules) }

// Suggest says what to write in place of a word that is none of the known ones.
func Suggest(word string, known []string) string {
	return fmt.Sprintf("is %s, %s", quote(word), hint(nearest(word, known), known))
}
