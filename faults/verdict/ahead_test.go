package verdict

import (
	"slices"
	"testing"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestAheadGivesAllInOrder(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, aheadBatch - 1, aheadBatch, aheadBatch*(mostAhead+2) + 7} {
		attempts := make([]observe.Attempt, n)
		for i := range attempts {
			attempts[i].Sequence = uint64(i)
		}
		got := slices.Collect(ahead(Of(attempts)))
		if len(got) != n {
			t.Fatalf("gave %d attempts, want %d", len(got), n)
		}
		for i, a := range got {
			if a != &attempts[i] {
				t.Fatalf("attempt %d of %d is %d", i, n, a.Sequence)
			}
		}
	}
}

func TestAheadEndsWhatItStarted(t *testing.T) {
	t.Parallel()
	attempts := make([]observe.Attempt, 100*aheadBatch)
	ended := false
	seq := func(yield func(*observe.Attempt) bool) {
		defer func() { ended = true }()
		Of(attempts)(yield)
	}
	for range ahead(seq) {
		break
	}
	if !ended {
		t.Error("still reads when nobody wants more")
	}
}
