package faults //nolint:testpackage // Holds the index against the comparison it spares.

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestTheIndexMissesNobody(t *testing.T) {
	t.Parallel()
	text := rapid.SampledFrom([]string{"a", "A", "b", "*", "a*"})
	list := rapid.SliceOfN(text, 0, 2)
	names := rapid.MapOfN(rapid.SampledFrom([]string{"x", "X", "y"}), text, 0, 2)
	match := rapid.Custom(func(t *rapid.T) Match {
		return Match{
			Methods: rapid.SliceOfN(rapid.SampledFrom([]string{"GET", "POST"}), 0, 2).Draw(t, "methods"),
			Hosts:   list.Draw(t, "hosts"),
			Clients: list.Draw(t, "clients"),
			Query:   names.Draw(t, "query"),
			Headers: names.Draw(t, "headers"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		matches := rapid.SliceOfN(match, 1, 6).Draw(t, "matches")
		var sharers []sharer
		for i := range matches {
			sharers = append(sharers, sharer{index: i, fault: &Fault{Match: matches[i]}})
		}
		index := newMatchIndex(sharers)
		for _, s := range sharers {
			near, above := index.near(s), index.above(s)
			for _, other := range sharers {
				if !disjoint(&other.fault.Match, &s.fault.Match) && !slices.Contains(near, other) {
					t.Fatalf("%+v may meet %+v, and is not near it", other.fault.Match, s.fault.Match)
				}
				if covers(&other.fault.Match, &s.fault.Match) && !slices.Contains(above, other) {
					t.Fatalf("%+v covers %+v, and is not above it", other.fault.Match, s.fault.Match)
				}
			}
		}
	})
}
