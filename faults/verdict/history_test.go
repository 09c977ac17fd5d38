package verdict

import (
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestHistoryBoundsHabits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		habit     []time.Duration
		low, high time.Duration
	}{
		"one":               {every(1, second), second / 4, 4*second + habitSlack},
		"nine":              {every(9, second), second / 4, 4*second + habitSlack},
		"ten":               {append(every(9, second), 3*second), second / 2, 6*second + habitSlack},
		"ninety-nine":       {append(every(98, second), 3*second), second / 2, 6*second + habitSlack},
		"a hundred and one": {append(every(100, second), 9*second), second / 2, 2*second + habitSlack},
		"with a quick one":  {append(every(100, second), ms), second / 2, 2*second + habitSlack},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := history{habit: tt.habit}
			h.learn()
			if h.low != tt.low || h.high != tt.high {
				t.Errorf("habit lies from %v to %v, want %v to %v", h.low, h.high, tt.low, tt.high)
			}
			for wait, want := range map[time.Duration]bool{tt.low - 1: false, tt.low: true, tt.high: true, tt.high + 1: false} {
				if got := h.like(wait); got != want {
					t.Errorf("like the habit at %v is %v, want %v", wait, got, want)
				}
			}
		})
	}
}

func TestHistoryComparesGaps(t *testing.T) {
	t.Parallel()
	strange := func(n int) []time.Duration { return every(n, 100*second) }
	tests := map[string]struct {
		habit, waits []time.Duration
		// from and to bound how many times likelier another source is, as a logarithm.
		from, to float64
	}{
		"all strange":               {every(10, second), strange(5), 9.5, 9.6},
		"four strange ones":         {every(90, second), strange(4), 0, 0},
		"nothing after failures":    {every(10, second), nil, 0, 0},
		"half of them strange":      {every(20, second), append(strange(5), every(5, second)...), 6.5, 6.7},
		"as strange as the habit":   {append(every(190, second), append(every(5, 0), strange(5)...)...), append(every(95, second), strange(5)...), -0.1, 0},
		"less strange than a habit": {append(every(50, second), append(every(20, 0), strange(30)...)...), append(every(95, second), strange(5)...), -2, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := history{habit: tt.habit}
			h.afterOther.waits = tt.waits
			h.learn()
			if got := h.afterOther.odds; got < tt.from || got > tt.to {
				t.Errorf("odds are %.2f, want %v to %v", got, tt.from, tt.to)
			}
			if h.afterFinal.odds != 0 {
				t.Errorf("odds after final answers are %.2f, want 0", h.afterFinal.odds)
			}
		})
	}
}

func TestHistoryTellsRetries(t *testing.T) {
	t.Parallel()
	gaps := func(status int, waits ...time.Duration) []observe.Gap {
		var list []observe.Gap
		for _, wait := range waits {
			before := newTape(0).add(op{tries: fails(status)}).calls[0].Attempts[0]
			list = append(list, observe.Gap{Before: before, Wait: wait})
		}
		return list
	}
	habit := every(10, second)
	tests := map[string]struct {
		other, final []time.Duration
		gaps         []observe.Gap
		overall      overall
		want         bool
	}{
		"strange ones":                  {every(5, ms), nil, gaps(503, ms, ms), overall{}, true},
		"one like the habit":            {every(5, ms), nil, gaps(503, ms, second), overall{}, false},
		"too few strange ones":          {every(4, ms), nil, gaps(503, ms), overall{}, false},
		"too few, in spite of the rest": {every(4, ms), nil, gaps(503, ms), overall{afterOther: 99}, false},
		"not enough alone":              {append(every(5, ms), every(5, second)...), nil, gaps(503, ms), overall{}, false},
		"enough with the rest":          {append(every(5, ms), every(5, second)...), nil, gaps(503, ms), overall{afterOther: 7}, true},
		"the rest of another kind":      {append(every(5, ms), every(5, second)...), nil, gaps(503, ms), overall{afterFinal: 7}, false},
		"after final answers":           {nil, every(5, ms), gaps(404, ms), overall{}, true},
		"strange after others only":     {every(5, ms), nil, gaps(404, ms), overall{}, false},
		"final, with the rest":          {nil, append(every(5, ms), every(5, second)...), gaps(404, ms), overall{afterFinal: 7}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := history{habit: slices.Clone(habit)}
			h.afterOther.waits, h.afterFinal.waits = tt.other, tt.final
			h.learn()
			if got := h.retried(tt.gaps, tt.overall); got != tt.want {
				t.Errorf("retried is %v, want %v (odds %.2f and %.2f)", got, tt.want, h.afterOther.odds, h.afterFinal.odds)
			}
		})
	}
}

// Chance gives every request some odds: each of them costs one.
func TestOverallTakesOffChance(t *testing.T) {
	t.Parallel()
	var o overall
	for range 3 {
		h := history{habit: every(10, second)}
		h.afterOther.odds, h.afterFinal.odds = 3, 0.5
		o.add(&h)
	}
	o.add(&history{habit: every(10, second)})
	if o.afterOther != 6 || o.afterFinal != -1.5 {
		t.Errorf("odds overall are %v and %v, want 6 and -1.5", o.afterOther, o.afterFinal)
	}
}

func TestHistoryKeepsFinalAnswersApart(t *testing.T) {
	t.Parallel()
	p := newTape(10).add(op{tries: []try{{status: 503}, {after: second, status: 404}, {after: 2 * second, status: 404}}})
	h := newSubjects(p.calls)[0].calls[10].history
	if got := h.afterOther.waits; !slices.Equal(got, []time.Duration{second}) {
		t.Errorf("waits after others are %v, want 1s", got)
	}
	if got := h.afterFinal.waits; !slices.Equal(got, []time.Duration{2 * second}) {
		t.Errorf("waits after final answers are %v, want 2s", got)
	}
}
