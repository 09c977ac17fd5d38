package faults

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// field is a part of an exchange by which faults are filed.
type field uint8

// The fields, in the order in which they are preferred: what costs least to
// look up comes first.
const (
	fieldEndpoint field = iota
	fieldClient
	fieldHost
	fieldMethod
	fieldWord
	fieldQuery
	fieldHeader
)

// part is something that an exchange must have literally for a match to hold:
// one of the keys.
type part struct {
	field field
	// at is the place of a word among the segments of the path.
	at int
	// name is that of a header field, in lower case.
	name string
	keys []key
}

// key stands for a field and its value. Two values may have the same key, so
// what is found by one is still to be compared.
type key uint64

// keyOf makes the key of a field, what names its place, and its value.
func keyOf(f field, name, value uint64) key {
	const odd, turn = 0x9e3779b97f4a7c15, 29
	return key((bits.RotateLeft64(value, turn) ^ name ^ uint64(f)) * odd)
}

func textKey(f field, text string) key { return keyOf(f, 0, xxhash.Sum64String(text)) }

// hostKey is the key of a host, whose case does not matter.
func hostKey(host string) key {
	var room [64]byte
	return keyOf(fieldHost, 0, xxhash.Sum64(appendLower(room[:0], host)))
}

// wordKey is the key of a segment of a path as sent.
func wordKey(at int, segment string) key {
	var room [64]byte
	return keyOf(fieldWord, uint64(at)<<8, xxhash.Sum64(groove.AppendWord(room[:0], segment))) //nolint:gosec // A place is not negative.
}

func headerKey(name, value string) key {
	return keyOf(fieldHeader, xxhash.Sum64String(name), xxhash.Sum64String(value))
}

// queryKey is the key of a parameter that is decoded already.
func queryKey(name, value string) key {
	return keyOf(fieldQuery, nameSum([]byte(name)), xxhash.Sum64String(value))
}

// parameterKey is the key of a parameter as sent.
func parameterKey(parameter string) key {
	var room [64]byte
	name, value, _ := strings.Cut(parameter, "=")
	named := nameSum(appendDecoded(room[:0], name))
	if !coded(value) {
		return keyOf(fieldQuery, named, xxhash.Sum64String(value))
	}
	var long [256]byte
	return keyOf(fieldQuery, named, xxhash.Sum64(appendDecoded(long[:0], value)))
}

// nameSum is the same for names that strings.EqualFold finds equal.
func nameSum(name []byte) uint64 {
	var room [64]byte
	folded := room[:0]
	for len(name) > 0 {
		if name[0] < utf8.RuneSelf {
			folded, name = append(folded, lower(name[0])), name[1:]
			continue
		}
		c, width := utf8.DecodeRune(name)
		folded, name = utf8.AppendRune(folded, foldRune(c)), name[width:]
	}
	return xxhash.Sum64(folded)
}

// foldRune returns the same rune for all that differ in case only.
func foldRune(c rune) rune {
	least := c
	for other := unicode.SimpleFold(c); other != c; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	if least < utf8.RuneSelf {
		return unicode.ToLower(least)
	}
	return least
}

func appendLower(dst []byte, text string) []byte {
	for i := range len(text) {
		dst = append(dst, lower(text[i]))
	}
	return dst
}

// parts returns what m wants literally, in the order of preference.
func (m *matcher) parts() []part {
	var all []part
	all = appendPart(all, part{field: fieldEndpoint, keys: textKeys(fieldEndpoint, m.endpoints)})
	all = appendPart(all, part{field: fieldClient, keys: patternKeys(m.clients, func(text string) key { return textKey(fieldClient, text) })})
	all = appendPart(all, part{field: fieldHost, keys: patternKeys(m.hosts, hostKey)})
	all = appendPart(all, part{field: fieldMethod, keys: textKeys(fieldMethod, m.methods)})
	if m.path != nil {
		for at, word := range m.path.Words() {
			if word != "" {
				all = append(all, part{field: fieldWord, at: at, keys: []key{keyOf(fieldWord, uint64(at)<<8, xxhash.Sum64String(word))}})
			}
		}
	}
	for _, p := range m.query {
		if !wild(p.text) {
			all = append(all, part{field: fieldQuery, keys: []key{queryKey(p.name, p.text)}})
		}
	}
	for _, p := range m.headers {
		if name := string(appendLower(nil, p.name)); !wild(p.text) {
			all = append(all, part{field: fieldHeader, name: name, keys: []key{headerKey(name, p.text)}})
		}
	}
	return all
}

func appendPart(all []part, p part) []part {
	if len(p.keys) == 0 {
		return all
	}
	return append(all, p)
}

func textKeys(f field, texts []string) []key {
	keys := make([]key, len(texts))
	for i, text := range texts {
		keys[i] = textKey(f, text)
	}
	return keys
}

// patternKeys returns the keys of a list of patterns, none if one of them
// stands for more than itself.
func patternKeys(patterns []pattern, keyOf func(string) key) []key {
	var keys []key
	for i := range patterns {
		if wild(patterns[i].text) {
			return nil
		}
		keys = append(keys, keyOf(patterns[i].text))
	}
	return keys
}
