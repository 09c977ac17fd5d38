package catalog

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestIndexFindsWhatAScanFinds compares the index with reading every text.
func TestIndexFindsWhatAScanFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[abAB é]{0,12}`)
		texts := rapid.SliceOfN(text, 0, 130).Draw(t, "texts")
		terms := Words(text.Draw(t, "query"))
		var x indexer
		var want []int
		for at, text := range texts {
			// Half of a text is entered apart, as album and artist are.
			first, second, _ := strings.Cut(text, " ")
			x.add(at, Words(first))
			x.add(at, Words(second))
			if len(terms) > 0 && holdsAll(text, terms) {
				want = append(want, at)
			}
		}
		built := x.index(len(texts))
		found := built.find(terms)
		if got := found.Count(); got != len(want) {
			t.Fatalf("find(%q) in %q counts %d, want %d", terms, texts, got, len(want))
		}
		offset := rapid.IntRange(0, 130).Draw(t, "offset")
		limit := rapid.IntRange(1, 130).Draw(t, "limit")
		from := min(offset, len(want))
		if got := found.Window(offset, limit); !slices.Equal(got, want[from:min(from+limit, len(want))]) {
			t.Fatalf("Window(%d, %d) of %v is %v", offset, limit, want, got)
		}
	})
}

func holdsAll(text string, terms []string) bool {
	return !slices.ContainsFunc(terms, func(term string) bool {
		return !slices.ContainsFunc(Words(text), func(word string) bool { return strings.HasPrefix(word, term) })
	})
}
