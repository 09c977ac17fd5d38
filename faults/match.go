package faults

import (
	"net/url"
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

// match reports whether x is one of the exchanges the fault is about. The
// endpoint is not looked at: the set is filed by it.
func (m *matcher) match(x *Exchange) bool {
	return (len(m.methods) == 0 || slices.Contains(m.methods, x.Method)) &&
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
		if patterns[i].match(value) {
			return true
		}
	}
	return false
}

func (m *matcher) matchHeaders(x *Exchange) bool {
	for i := range m.headers {
		value, ok := x.Header.Value(m.headers[i].name)
		if !ok || !m.headers[i].match(value) {
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
		if strings.EqualFold(decoded(name), wanted.name) && wanted.match(decoded(value)) {
			return true
		}
	}
	return false
}

func decoded(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}
