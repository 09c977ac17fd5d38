package verdict

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// heeder is a client that is told to wait, by what it makes of its own wait and of what it is told.
type heeder struct {
	own  func(*rand.Rand) time.Duration
	told func(r *rand.Rand, own, ask time.Duration) time.Duration
}

// between draws a wait from a range in seconds.
func between(low, high float64) func(*rand.Rand) time.Duration {
	return func(r *rand.Rand) time.Duration {
		return time.Duration((low + (high-low)*r.Float64()) * float64(second))
	}
}

func heedless(_ *rand.Rand, own, _ time.Duration) time.Duration { return own }

// scaled draws from a part of what was asked for to a multiple of it.
func scaled(low, high float64) func(*rand.Rand, time.Duration, time.Duration) time.Duration {
	return func(r *rand.Rand, _, ask time.Duration) time.Duration {
		return time.Duration((low + (high-low)*r.Float64()) * float64(ask))
	}
}

// hears makes a tape of a client that is told nothing in 8 calls and then in so many to wait for 2 s, 3 s or 5 s. One wait in ten is late, by up to 3 s.
func (h heeder) hears(r *rand.Rand, calls int) *tape {
	late := func() time.Duration {
		if r.IntN(10) > 0 {
			return time.Duration(r.Int64N(int64(2 * ms)))
		}
		return time.Duration(r.Int64N(int64(3 * second)))
	}
	p := newTape(10)
	for range 8 {
		p.add(op{tries: []try{{status: 503}, {after: h.own(r) + late(), status: 200}}})
	}
	for i := range calls {
		ask := []int{2, 3, 5}[i%3]
		wait := h.told(r, h.own(r), time.Duration(ask)*second) + late()
		p.add(op{tries: []try{{status: 503, ra: strconv.Itoa(ask)}, {after: wait, status: 200}}})
	}
	return p
}

// failed is in how many of the rounds a check fails such a client.
func (h heeder) failed(check string, calls, rounds int) int {
	r := rand.New(rand.NewPCG(uint64(calls), 11))
	n := 0
	for range rounds {
		if h.hears(r, calls).fails(check) {
			n++
		}
	}
	return n
}

// A wait follows Retry-After only if that is no accident: of clients that pay no heed to it at most one in a hundred is said to come before it was over.
func TestWhoIgnoresRetryAfterIsNotSaidToComeEarly(t *testing.T) {
	t.Parallel()
	const rounds = 200
	for name, own := range map[string]func(*rand.Rand) time.Duration{
		"equal": between(1, 1), "half to one and a half": between(.25, .75), "full jitter": between(0, 1), "wide full jitter": between(0, 4),
		"equal jitter": between(1, 2), "hardly any": between(2, 2.03), "long": between(2, 6),
	} {
		h := heeder{own, heedless}
		for _, calls := range []int{6, 8, 24} {
			n, named := h.failed("retry-after-not-early", calls, rounds), h.failed("retry-after-honoured", calls, rounds)
			t.Logf("%-24s %2d calls: early %5.1f %%, ignored %5.1f %%", name, calls, 100*float64(n)/rounds, 100*float64(named)/rounds)
			if 100*n > rounds {
				t.Errorf("%s: %d of %d that pay no heed in %d calls are said to come early", name, n, rounds, calls)
			}
		}
	}
}

// Of clients that wait for as long as they are told, and now and then less, most are named in 24 calls, and none is said to pay no heed; who honours it is named for nothing.
func TestWhoFollowsRetryAfterIsSaidToComeEarly(t *testing.T) {
	t.Parallel()
	const rounds = 100
	for name, tt := range map[string]struct {
		heeder
		guilty bool
	}{
		"jitter of a quarter": {heeder{between(.15, .25), scaled(.75, 1.25)}, true},
		"a tenth too soon":    {heeder{between(1, 1), scaled(.9, .9)}, true},
		"full jitter on it":   {heeder{between(.5, 1), scaled(.3, 1)}, true},
		"honours it":          {heeder{between(.5, 1), scaled(1, 1)}, false},
		"and adds to it":      {heeder{between(.5, 1), scaled(1, 1.5)}, false},
	} {
		for _, calls := range []int{8, 24} {
			early, ignored := tt.failed("retry-after-not-early", calls, rounds), tt.failed("retry-after-honoured", calls, rounds)
			t.Logf("%-24s %2d calls: early %5.1f %%, ignored %5.1f %%", name, calls, 100*float64(early)/rounds, 100*float64(ignored)/rounds)
			switch {
			case 100*ignored > rounds:
				t.Errorf("%s: %d of %d that follow in %d calls are said to pay no heed", name, ignored, rounds, calls)
			case !tt.guilty && early > 0:
				t.Errorf("%s: %d of %d that wait long enough are said to come early", name, early, rounds)
			case tt.guilty && calls == 24 && 10*early < 9*rounds:
				t.Errorf("%s: %d of %d in %d calls are said to come early, want nine in ten", name, early, rounds, calls)
			}
		}
	}
}
