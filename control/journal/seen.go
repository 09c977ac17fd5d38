package journal

import (
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

const (
	// seenSpan is how many sequence numbers one chunk holds.
	seenSpan = 4096
	// mostChunks bounds the chunks: numbers beyond are not compared any more.
	mostChunks = 1 << 15
	// startStep is how exactly the start of a process is told: a wall clock that is corrected meanwhile moves it.
	startStep = 100 * time.Millisecond
)

// seen remembers which attempts came already, by their nodes and sequence numbers, in a bit each. A node that was started anew numbers from 1 again:
// it is told by when its clock stood at 0, which an attempt that came twice says alike both times.
type seen struct {
	chunks map[seenKey]*[seenSpan / 64]uint64
	last   *[seenSpan / 64]uint64
	key    seenKey
}

type seenKey struct {
	node  string
	start int64
	span  uint64
}

func newSeen() *seen { return &seen{chunks: map[seenKey]*[seenSpan / 64]uint64{}} }

// before reports whether an attempt came before, and notes that it came.
func (s *seen) before(a *observe.Attempt) bool {
	sequence := a.Sequence
	key := seenKey{node: a.Node, span: sequence / seenSpan}
	if !a.Time.IsZero() {
		key.start = a.Time.Add(-a.Received).UnixNano() / int64(startStep)
	}
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
