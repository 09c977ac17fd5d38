package catalog

import "math/bits"

// Set is a set of places. Its methods want sets that were made for the same
// number of places.
type Set []uint64

// NewSet makes an empty set for places below size.
func NewSet(size int) Set { return make(Set, (size+63)/64) }

// Add puts a place into s.
func (s Set) Add(at int) { s[at/64] |= 1 << (at % 64) }

// Has reports whether a place is in s.
func (s Set) Has(at int) bool { return s[at/64]&(1<<(at%64)) != 0 }

// Keep takes out of s what is not in other.
func (s Set) Keep(other Set) {
	for i := range s {
		s[i] &= other[i]
	}
}

// Drop takes out of s what is in other.
func (s Set) Drop(other Set) {
	for i := range s {
		s[i] &^= other[i]
	}
}

// Count is how many places are in s.
func (s Set) Count() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// Window returns up to limit places in order, leaving out the first offset.
func (s Set) Window(offset, limit int) []int {
	found := make([]int, 0, min(limit, 64*len(s)))
	for i, word := range s {
		if n := bits.OnesCount64(word); offset >= n {
			offset -= n
			continue
		}
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
