package faults

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/groovechaos/groovechaos/faults/groove"
)

func reviewMatch(r *Review, m *Match) {
	endpoints := reviewEndpoints(r, m.Endpoints)
	reviewMethods(r, m.Methods, endpoints)
	reviewPath(r, m.Path, endpoints)
	for i, host := range m.Hosts {
		if !validHost(host) {
			r.problem(indexed("match.hosts", i), "is %q, want a host name or address without scheme and port", clip(host))
		}
	}
	for i, client := range m.Clients {
		if client == "" {
			r.problem(indexed("match.clients", i), "is empty, want a client or a pattern")
		}
	}
	reviewNames(r, "match.query", m.Query)
	reviewNames(r, "match.headers", m.Headers)
	reviewHeaderNames(r, m.Headers)
}

func reviewEndpoints(r *Review, names []string) []groove.Endpoint {
	var known []groove.Endpoint
	for i, name := range names {
		endpoint, ok := groove.EndpointByName(name)
		if !ok {
			r.problem(indexed("match.endpoints", i), "is %q, want one of %s", clip(name), endpointNames())
			continue
		}
		known = append(known, endpoint)
	}
	return known
}

func reviewMethods(r *Review, methods []string, endpoints []groove.Endpoint) {
	for i, method := range methods {
		if !validToken(method) || method != strings.ToUpper(method) {
			r.problem(indexed("match.methods", i), "is %q, want an HTTP method in upper case", clip(method))
		}
	}
	if len(methods) == 0 {
		return
	}
	for _, endpoint := range endpoints {
		if slices.Contains(methods, endpoint.Method) || endpoint.Repeat == groove.RepeatSafe && slices.Contains(methods, "HEAD") {
			return
		}
	}
	if len(endpoints) > 0 {
		r.problem("match.methods", "can never match: %s takes %s", endpoints[0].Name, endpoints[0].Method)
	}
}

func reviewPath(r *Review, path string, endpoints []groove.Endpoint) {
	if path == "" {
		return
	}
	template, err := groove.ParseTemplate(path)
	if err != nil {
		r.problem("match.path", "is %q: %v", clip(path), err)
		return
	}
	if len(endpoints) > 0 && !slices.ContainsFunc(endpoints, template.CouldMatch) {
		r.problem("match.path", "can never match: %s answers at %s", endpoints[0].Name, endpoints[0].Template)
	}
}

func reviewNames(r *Review, field string, entries map[string]string) {
	seen := make(map[string]bool, len(entries))
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		folded := strings.ToLower(name)
		if name == "" {
			r.problem(field, "has an entry without a name")
		}
		if seen[folded] {
			r.problem(field+"."+clip(name), "is given twice: names compare without regard to case")
		}
		seen[folded] = true
	}
}

func reviewHeaderNames(r *Review, headers map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		switch {
		case name != "" && !validToken(name):
			r.problem("match.headers."+clip(name), "is no field name")
		case strings.EqualFold(name, "Host"):
			r.problem("match.headers."+clip(name), "can never match: use match.hosts")
		}
	}
}

func validHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host != "" && len(host) <= 253 && !strings.ContainsFunc(host, func(c rune) bool {
		return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("-._*", c)
	})
}

// validToken reports whether text is a token of RFC 9110, 5.6.2.
func validToken(text string) bool {
	return text != "" && len(text) <= 256 && !strings.ContainsFunc(text, func(c rune) bool {
		return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
	})
}

func indexed(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }

func endpointNames() string {
	var names []string
	for _, endpoint := range groove.Endpoints() {
		names = append(names, endpoint.Name)
	}
	return strings.Join(names, ", ")
}
