package verdict

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// So many longer waits after Retry-After must be beyond chance where the client's own vary.
func TestSurelyMovedIsNoAccident(t *testing.T) {
	t.Parallel()
	moved := told{index: 1, wait: 5 * second, ask: 4 * second}
	vary := []time.Duration{100 * ms, 300 * ms, 500 * ms}
	for name, tt := range map[string]struct {
		o    *obedience
		want bool
	}{
		"three, of waits that vary":       {heeding(vary, slices.Repeat([]told{moved}, 3)...), false},
		"ten, of waits that vary":         {heeding(vary, slices.Repeat([]told{moved}, 10)...), true},
		"three, of waits that do not":     {heeding(every(3, 100*ms), slices.Repeat([]told{moved}, 3)...), true},
		"one among them no longer at all": {heeding(every(3, 5*second), slices.Repeat([]told{moved}, 10)...), false},
	} {
		if got := tt.o.surelyMoved(); got != tt.want {
			t.Errorf("%s: it is %v, want %v", name, got, tt.want)
		}
	}
}

// Early calls lie in the client's own range if half of them do, and more than people's would.
func TestKeepsRangeIsNoAccident(t *testing.T) {
	t.Parallel()
	within, beyond := told{index: 1, wait: second, ask: 9 * second}, told{index: 1, wait: 4 * second, ask: 9 * second}
	wide := []time.Duration{second, 1200 * ms, 1400 * ms, 1500 * ms}
	for name, tt := range map[string]struct {
		own   []time.Duration
		early []told
		want  int
	}{
		"three in a wide range":      {wide, slices.Repeat([]told{within}, 3), 0},
		"six in a wide range":        {wide, slices.Repeat([]told{within}, 6), 6},
		"three in a narrow one":      {every(3, second), slices.Repeat([]told{within}, 3), 3},
		"four of twelve":             {every(3, second), append(slices.Repeat([]told{within}, 4), slices.Repeat([]told{beyond}, 8)...), 0},
		"own waits that are unknown": {nil, slices.Repeat([]told{within}, 6), 0},
	} {
		if got := len(heeding(tt.own).keepsRange(tt.early)); got != tt.want {
			t.Errorf("%s: %d of them do, want %d", name, got, tt.want)
		}
	}
}

// A few early calls that are surely a program's do not stand for many that may be people's.
func TestFewProvedDoNotStandForMany(t *testing.T) {
	t.Parallel()
	for others, want := range map[int]Result{0: Fail, 3: Fail, 4: Inconclusive} {
		var early []told
		for i := range 3 + others {
			who := witness{id: fmt.Sprint("call", i), request: uint64(i) + 1, named: i < 3}
			early = append(early, told{deed: deed{witness: who}, index: 1, wait: 7 * second, ask: 9 * second})
		}
		o := hasteTally{newObey(&client{}, &Limits{})}
		if got := o.cameEarly(early, 20, true); got.Result != want {
			t.Errorf("3 that are named beside %d others: %s, want %s: %s", others, got.Result, want, got.Summary)
		}
	}
}
