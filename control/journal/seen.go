package journal

const (
	// seenSpan is how many sequence numbers one chunk holds.
	seenSpan = 4096
	// mostChunks bounds the chunks: numbers beyond are not compared any more.
	mostChunks = 1 << 15
)

// seen remembers which attempts came already, by their nodes and sequence numbers, in a bit each.
type seen struct {
	chunks map[seenKey]*[seenSpan / 64]uint64
	last   *[seenSpan / 64]uint64
	key    seenKey
}

type seenKey struct {
	node string
	span uint64
}

func newSeen() *seen { return &seen{chunks: map[seenKey]*[seenSpan / 64]uint64{}} }

// before reports whether an attempt came before, and notes that it came.
func (s *seen) before(node string, sequence uint64) bool {
	key := seenKey{node, sequence / seenSpan}
	if s.last == nil || key != s.key {
		chunk := s.chunks[key]
		if chunk == nil {
			if len(s.chunks) == mostChunks {
				return false
			}
			chunk = new([seenSpan / 64]uint64)
			s.chunks[key] = chunk
		}
		s.key, s.last = key, chunk
	}
	word, bit := sequence%seenSpan/64, uint64(1)<<(sequence%64)
	came := s.last[word]&bit != 0
	s.last[word] |= bit
	return came
}
