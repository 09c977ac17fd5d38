package observe

import "time"

const (
	// leastBurst is how many attempts make a burst.
	leastBurst = 2
	// apart is by how much the pause between bursts exceeds each gap inside them.
	apart = 1.5
	// burstNoise is by how much gaps at the same place in two bursts may differ, beyond a factor of two.
	burstNoise = 20 * time.Millisecond
)

// Bursts returns how many attempts each burst of the call has, where the call consists of bursts of one size which are alike, as
// two layers of retries make them: three attempts, a pause, three attempts, a pause. There are two pauses at least, and the last burst may be shorter. It is
// nil where there are none.
func (c *Call) Bursts() []int {
	gaps := c.Gaps()
	for size := leastBurst; 2*size <= len(gaps); size++ {
		if !bursts(gaps, size) {
			continue
		}
		var sizes []int
		for rest := len(gaps) + 1; rest > 0; rest -= size {
			sizes = append(sizes, min(size, rest))
		}
		return sizes
	}
	return nil
}

// bursts reports that the gaps are those of bursts of a size: each pause is longer than the gaps on either side, and gaps
// at the same place are alike.
func bursts(gaps []Gap, size int) bool {
	for i := range gaps {
		if (i+1)%size == 0 {
			continue
		}
		wait := gaps[i].Wait
		pause := i - i%size - 1
		for _, at := range [...]int{pause, pause + size} {
			if at >= 0 && at < len(gaps) && float64(gaps[at].Wait) < apart*float64(wait)+float64(burstNoise) {
				return false
			}
		}
		if i >= size && !alike(gaps[i].Wait, gaps[i%size].Wait) {
			return false
		}
	}
	return true
}

func alike(a, b time.Duration) bool { return max(a, b) <= 2*min(a, b)+burstNoise }
