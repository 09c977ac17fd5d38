package observe

// filterWords is the size of a filter: eight million bits, or 1 MiB.
const filterWords = 1 << 17

// filter remembers hashes in bounded room. It forgets none, and takes some for known that are not. The zero value is empty.
type filter struct{ words []uint64 }

func (f *filter) add(hash uint64) {
	if f.words == nil {
		f.words = make([]uint64, filterWords)
	}
	for _, bit := range bitsOf(hash) {
		f.words[bit/64] |= 1 << (bit % 64)
	}
}

func (f *filter) has(hash uint64) bool {
	if f.words == nil {
		return false
	}
	for _, bit := range bitsOf(hash) {
		if f.words[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

func bitsOf(hash uint64) [4]uint64 {
	const bits = filterWords * 64
	step := hash>>32 | 1
	return [4]uint64{hash % bits, (hash + step) % bits, (hash + 2*step) % bits, (hash + 3*step) % bits}
}
