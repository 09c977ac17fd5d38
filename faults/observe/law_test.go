package observe

import (
	"maps"
	"slices"
	"testing"
)

// Where two laws have more kinds of waits than there is room for, the same are left out each time.
func TestLawsMergeTheSameEachTime(t *testing.T) {
	t.Parallel()
	var whole, room law
	whole.waits, whole.ends = map[lawKey]*sample{}, map[int]ending{}
	for status := range 4 * maxLawKeys {
		whole.waits[lawKey{1, status}] = &sample{}
		whole.ends[status] = ending{on: 1}
	}
	room.merge(&whole)
	for range 5 {
		var again law
		again.merge(&whole)
		if len(again.waits) != maxLawKeys || !maps.Equal(room.ends, again.ends) || !slices.Equal(keysOf(&room), keysOf(&again)) {
			t.Fatalf("kept %v, and then %v", keysOf(&room), keysOf(&again))
		}
	}
}

func keysOf(l *law) []lawKey { return slices.SortedFunc(maps.Keys(l.waits), lawKey.compare) }
