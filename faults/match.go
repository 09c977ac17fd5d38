package faults

import (
	"bytes"
	"slices"
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// matcher is a Match made ready for the data path.
type matcher struct {
	endpoints []string
	methods   []string
	hosts     []pattern
	path      *groove.Template
	query     []namedPattern
	headers   []namedPattern
	clients   []pattern
}

type namedPattern struct {
	name string
	pattern
}

// compileMatch makes the matcher of a Match that passed validation.
func compileMatch(m *Match) matcher {
	compiled := matcher{
		endpoints: m.Endpoints,
		methods:   m.Methods,
		hosts:     patterns(m.Hosts, true),
		query:     namedPatterns(m.Query),
		headers:   namedPatterns(m.Headers),
		clients:   patterns(m.Clients, false),
	}
	if template, err := groove.ParseTemplate(m.Path); m.Path != "" && err == nil {
		compiled.path = &template
	}
	return compiled
}

func patterns(texts []string, fold bool) []pattern {
	compiled := make([]pattern, len(texts))
	for i, text := range texts {
		compiled[i] = pattern{text: text, fold: fold}
	}
	return compiled
}

func namedPatterns(texts map[string]string) []namedPattern {
	compiled := make([]namedPattern, 0, len(texts))
	for name, text := range texts {
		compiled = append(compiled, namedPattern{name: name, pattern: pattern{text: text}})
	}
	slices.SortFunc(compiled, func(a, b namedPattern) int { return strings.Compare(a.name, b.name) })
	return compiled
}

// match reports whether x is one of the exchanges the fault is about.
func (m *matcher) match(x *Exchange) bool {
	return (len(m.endpoints) == 0 || slices.Contains(m.endpoints, x.Endpoint)) &&
		(len(m.methods) == 0 || slices.Contains(m.methods, x.Method)) &&
		matchAny(m.clients, x.Client) &&
		matchAny(m.hosts, x.Host) &&
		(m.path == nil || m.path.Match(x.Path)) &&
		m.matchHeaders(x) &&
		m.matchQuery(x)
}

func matchAny(patterns []pattern, value string) bool {
	if len(patterns) == 0 {
		return true
	}
	for i := range patterns {
		if matches(&patterns[i], value) {
			return true
		}
	}
	return false
}

func (m *matcher) matchHeaders(x *Exchange) bool {
	for i := range m.headers {
		value, ok := x.Header.Value(m.headers[i].name)
		if !ok || !matches(&m.headers[i].pattern, value) {
			return false
		}
	}
	return true
}

func (m *matcher) matchQuery(x *Exchange) bool {
	for i := range m.query {
		if !queryHas(x.Query, &m.query[i]) {
			return false
		}
	}
	return true
}

// queryHas reports whether one of the parameters in the raw query fits. A
// parameter that cannot be decoded is taken as it stands.
func queryHas(rawQuery string, wanted *namedPattern) bool {
	for parameter := range strings.SplitSeq(rawQuery, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		if sameName(name, wanted.name) && fitsDecoded(value, &wanted.pattern) {
			return true
		}
	}
	return false
}

// sameName compares a parameter's name as sent with one that is decoded.
func sameName(sent, name string) bool {
	if !coded(sent) {
		return strings.EqualFold(sent, name)
	}
	var room, other [128]byte
	return bytes.EqualFold(appendDecoded(room[:0], sent), append(other[:0], name...))
}

func fitsDecoded(sent string, wanted *pattern) bool {
	if !coded(sent) {
		return matches(wanted, sent)
	}
	var room [256]byte
	return matches(wanted, appendDecoded(room[:0], sent))
}
