package faults

import (
	"slices"
	"strings"
)

// covers reports whether a certainly holds for every exchange that b holds for.
func covers(a, b *Match) bool {
	return coversList(a.Endpoints, b.Endpoints, false) &&
		coversList(a.Methods, b.Methods, false) &&
		coversList(a.Hosts, b.Hosts, true) &&
		coversList(a.Clients, b.Clients, false) &&
		(a.Path == "" || a.Path == b.Path) &&
		coversNames(a.Query, b.Query) &&
		coversNames(a.Headers, b.Headers)
}

func coversList(a, b []string, fold bool) bool {
	if len(a) == 0 {
		return true
	}
	for _, entry := range b {
		if !slices.ContainsFunc(a, func(text string) bool {
			return text == "*" || text == entry || fold && strings.EqualFold(text, entry)
		}) {
			return false
		}
	}
	return len(b) > 0 || slices.Contains(a, "*")
}

func coversNames(a, b map[string]string) bool {
	for name, wanted := range a {
		given, ok := folded(b, name)
		if !ok || wanted != "*" && wanted != given {
			return false
		}
	}
	return true
}

func folded(entries map[string]string, name string) (string, bool) {
	for key, value := range entries {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return "", false
}

// disjoint reports whether a and b certainly hold for no exchange together.
func disjoint(a, b *Match) bool {
	return apart(a.Endpoints, b.Endpoints, false) ||
		apart(a.Methods, b.Methods, false) ||
		apart(a.Hosts, b.Hosts, true) ||
		apart(a.Clients, b.Clients, false) ||
		apartHeaders(a.Headers, b.Headers)
}

// apart reports whether two lists of literals have nothing in common.
func apart(a, b []string, fold bool) bool {
	if len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, wild) || slices.ContainsFunc(b, wild) {
		return false
	}
	return !slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return x == y || fold && strings.EqualFold(x, y) })
	})
}

// apartHeaders reports whether a field would need two values at once. Query
// parameters may be repeated and so are never apart.
func apartHeaders(a, b map[string]string) bool {
	for name, x := range a {
		if y, ok := folded(b, name); ok && x != y && !wild(x) && !wild(y) {
			return true
		}
	}
	return false
}
