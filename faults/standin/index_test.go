package standin

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
		terms := wordsOf(text.Draw(t, "query"))
		var want []int
		for at, text := range texts {
			if len(terms) > 0 && holdsAll(text, terms) {
				want = append(want, at)
			}
		}
		x := newIndex(texts)
		found := x.find(terms)
		if got := found.count(); got != len(want) {
			t.Fatalf("find(%q) in %q counts %d, want %d", terms, texts, got, len(want))
		}
		offset := rapid.IntRange(0, 130).Draw(t, "offset")
		limit := rapid.IntRange(1, 130).Draw(t, "limit")
		if got := found.window(offset, limit); !slices.Equal(got, cut(page{offset, limit}, want)) {
			t.Fatalf("window(%d, %d) of %v is %v", offset, limit, want, got)
		}
	})
}

func holdsAll(text string, terms []string) bool {
	return !slices.ContainsFunc(terms, func(term string) bool {
		return !slices.ContainsFunc(wordsOf(text), func(word string) bool { return strings.HasPrefix(word, term) })
	})
}
