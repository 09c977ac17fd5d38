package standin

import (
	"math/bits"
	"slices"
	"strings"
	"unicode"
)

// index finds texts by their words: which texts hold a word that begins so.
type index struct {
	// words are sorted and lower case; posts[i] are the texts with words[i].
	words []string
	posts [][]int
	size  int
}

func newIndex(texts []string) index {
	found := make(map[string][]int)
	for at, text := range texts {
		for _, word := range slices.Compact(slices.Sorted(slices.Values(wordsOf(text)))) {
			found[word] = append(found[word], at)
		}
	}
	x := index{size: len(texts)}
	for word := range found {
		x.words = append(x.words, word)
	}
	slices.Sort(x.words)
	for _, word := range x.words {
		x.posts = append(x.posts, found[word])
	}
	return x
}

// find returns the texts that hold, for every term, a word that begins with it.
func (x *index) find(terms []string) places {
	result := newPlaces(x.size)
	for i, term := range terms {
		matching := newPlaces(x.size)
		at, _ := slices.BinarySearch(x.words, term)
		for ; at < len(x.words) && strings.HasPrefix(x.words[at], term); at++ {
			for _, place := range x.posts[at] {
				matching.set(place)
			}
		}
		if i == 0 {
			result = matching
			continue
		}
		result.keep(matching)
	}
	return result
}

// wordsOf splits a text into lower-case words of letters and digits.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// places is a set of places in a slice.
type places []uint64

func newPlaces(size int) places { return make(places, (size+63)/64) }

func (p places) set(at int)      { p[at/64] |= 1 << (at % 64) }
func (p places) has(at int) bool { return p[at/64]&(1<<(at%64)) != 0 }

func (p places) keep(other places) {
	for i := range p {
		p[i] &= other[i]
	}
}

func (p places) count() int {
	n := 0
	for _, word := range p {
		n += bits.OnesCount64(word)
	}
	return n
}

// window returns up to limit places in order, leaving out the first offset.
func (p places) window(offset, limit int) []int {
	found := make([]int, 0, limit)
	for i, word := range p {
		for ; word != 0 && len(found) < limit; word &= word - 1 {
			if offset > 0 {
				offset--
				continue
			}
			found = append(found, i*64+bits.TrailingZeros64(word))
		}
	}
	return found
}
