package catalog

import (
	"slices"
	"strings"
	"unicode"
)

// index finds texts by their words: which texts hold a word that begins so.
type index struct {
	// words are sorted and lower case; posts[i] are the texts with words[i], in
	// ascending order.
	words []string
	posts [][]int32
	size  int
}

// indexer collects the words of an index. Its zero value is ready.
type indexer struct {
	posts map[string][]int32
}

// add enters words as some of those at a place. Places must not descend.
func (x *indexer) add(at int, words []string) {
	if x.posts == nil {
		x.posts = make(map[string][]int32)
	}
	for _, word := range words {
		if posts := x.posts[word]; len(posts) == 0 || posts[len(posts)-1] != int32(at) { //nolint:gosec // A place in a slice of some thousands.
			x.posts[word] = append(posts, int32(at)) //nolint:gosec // The same.
		}
	}
}

func (x *indexer) index(size int) index {
	done := index{size: size, words: make([]string, 0, len(x.posts))}
	for word := range x.posts {
		done.words = append(done.words, word)
	}
	slices.Sort(done.words)
	for _, word := range done.words {
		done.posts = append(done.posts, x.posts[word])
	}
	return done
}

// find returns the texts that hold, for every term, a word that begins with it.
func (x *index) find(terms []string) Set {
	result := NewSet(x.size)
	for i, term := range terms {
		matching := result
		if i > 0 {
			matching = NewSet(x.size)
		}
		at, _ := slices.BinarySearch(x.words, term)
		for ; at < len(x.words) && strings.HasPrefix(x.words[at], term); at++ {
			for _, place := range x.posts[at] {
				matching.Add(int(place))
			}
		}
		if i > 0 {
			result.Keep(matching)
		}
	}
	return result
}

// Words splits a text into lower-case words of letters and digits.
func Words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
