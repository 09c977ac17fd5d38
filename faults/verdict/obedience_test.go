package verdict

import (
	"testing"
	"time"
)

// heeding is what is known of a client with such waits of its own, and such first waits after a Retry-After.
func heeding(own []time.Duration, firsts ...told) *obedience {
	o := &obedience{own: own}
	for _, t := range firsts {
		t.limit = earlyWait
		o.firsts.take(t)
	}
	return o
}

// A Retry-After has moved the waits of a client only if two of either kind show it.
func TestMovedWantsTwoOfEach(t *testing.T) {
	t.Parallel()
	moved := told{index: 1, wait: 5 * second, ask: 4 * second}
	for name, tt := range map[string]struct {
		o    *obedience
		want bool
	}{
		"two of each":  {heeding(every(2, 100*ms), moved, moved), true},
		"one told":     {heeding(every(2, 100*ms), moved), false},
		"one untold":   {heeding(every(1, 100*ms), moved, moved), false},
		"as its own":   {heeding(every(2, 4*second), moved, moved), false},
		"later in one": {heeding(every(2, 100*ms), moved, told{index: 2, wait: 5 * second, ask: 4 * second}), false},
	} {
		if got := tt.o.moved(); got != tt.want {
			t.Errorf("%s: moved is %v, want %v", name, got, tt.want)
		}
	}
}

// A client keeps to its own waits only if three that were told came early, and just then, as three that were not.
func TestHabitualWantsThreeOfEach(t *testing.T) {
	t.Parallel()
	early := told{index: 1, wait: second, ask: 5 * second}
	late, exact := told{index: 1, wait: 3 * second, ask: 5 * second}, told{index: 1, wait: 1250 * ms, ask: 1200 * ms}
	for name, tt := range map[string]struct {
		o    *obedience
		want int
	}{
		"three of each":              {heeding(every(3, second), early, early, early), 3},
		"one told":                   {heeding(every(3, second), early), 0},
		"one untold":                 {heeding(every(1, second), early, early, early), 0},
		"one of them waited longer":  {heeding(every(3, second), early, early, late), 0},
		"one of them waited in full": {heeding(every(3, second), early, early, exact), 0},
	} {
		if got := len(tt.o.habitual()); got != tt.want {
			t.Errorf("%s: %d are habitual, want %d", name, got, tt.want)
		}
	}
}

// What was asked for says nothing where the client's own wait is longer, but for a later repeat.
func TestTellingLeavesOutWhatItsOwnWaitHides(t *testing.T) {
	t.Parallel()
	hidden := told{index: 1, wait: 2 * second, ask: second / 2}
	later, asked, quick := hidden, hidden, hidden
	later.index, asked.ask, quick.wait = 2, 3*second, second/2
	for name, tt := range map[string]struct {
		told told
		want int
	}{
		"hidden": {hidden, 0}, "a later repeat": {later, 1}, "asked for longer": {asked, 1}, "sooner than its own": {quick, 1},
	} {
		o := obey{seconds: *heeding(every(1, second), tt.told)}
		if got := len(o.telling()); got != tt.want {
			t.Errorf("%s: %d are telling, want %d", name, got, tt.want)
		}
	}
}
