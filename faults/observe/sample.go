package observe

import "time"

// maxSample bounds a sample.
const maxSample = 128

// sample is a bounded number of gaps, evenly spread over all that were added. The zero value is empty.
type sample struct {
	gaps []time.Duration
	// n counts what was added, every is how many of them one in gaps stands for, less one.
	n, every int
}

func (s *sample) add(gap time.Duration) {
	s.n++
	if (s.n-1)%(s.every+1) != 0 {
		return
	}
	if len(s.gaps) == maxSample {
		for i := range maxSample / 2 {
			s.gaps[i] = s.gaps[2*i]
		}
		s.gaps, s.every = s.gaps[:maxSample/2], 2*s.every+1
		if (s.n-1)%(s.every+1) != 0 {
			return
		}
	}
	s.gaps = append(s.gaps, gap)
}

// merge adds what other holds.
func (s *sample) merge(other *sample) {
	for _, gap := range other.gaps {
		s.add(gap)
	}
}
