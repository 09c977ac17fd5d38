package faults_test

import (
	"sync"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// capped are faults of every effect that may strike two exchanges at once.
func capped() map[string]faults.Fault {
	two := faults.Trigger{MaxActive: 2}
	return map[string]faults.Fault{
		"a drawn answer":   answering("f", 503, two),
		"a counted answer": answering("f", 503, faults.Trigger{First: 1000, MaxActive: 2}),
		"a delay":          {Name: "f", Trigger: two, Delay: &faults.Delay{Fixed: new(time.Second)}},
		"a late delay":     late("f", two),
		"a break":          breaking("f", faults.BreakAfter, two),
		"a spoil":          throttling("f", two),
	}
}

func struck(d *faults.Decision) bool { return d.Terminal != nil || len(d.Holds)+len(d.Spoils) > 0 }

func TestMaxActiveIsExactUnderParallelExchanges(t *testing.T) {
	t.Parallel()
	for what, f := range capped() {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, 1, f)
			for round := range 3 {
				decisions := make([]faults.Decision, 50)
				var wg sync.WaitGroup
				for i := range decisions {
					wg.Go(func() { decisions[i] = e.Decide(exchange(nth(i))) })
				}
				wg.Wait()
				in := 0
				for i := range decisions {
					if struck(&decisions[i]) {
						in++
					}
					wg.Go(decisions[i].Release)
					wg.Go(decisions[i].Release)
				}
				wg.Wait()
				if use := e.Uses()[0]; in != 2 || use.Overflow != uint64(48*(round+1)) {
					t.Fatalf("round %d: struck %d of 50 at once, overflow %d, want 2 and %d", round, in, use.Overflow, 48*(round+1))
				}
			}
		})
	}
}

func TestMaxActiveAtAccept(t *testing.T) {
	t.Parallel()
	e := newEngine(t, 1, breaking("f", faults.BreakAccept, faults.Trigger{MaxActive: 1}))
	now := exchange(nth(1)).Now
	first, second := e.DecideConnection(nth(1), now), e.DecideConnection(nth(2), now)
	if first.Terminal == nil || second.Terminal != nil {
		t.Errorf("struck %v and %v, want the first only", first.Terminal != nil, second.Terminal != nil)
	}
	first.Release()
	if third := e.DecideConnection(nth(3), now); third.Terminal == nil {
		t.Error("struck nobody once the first had ended")
	}
}

func TestASlotIsGivenBackOnce(t *testing.T) {
	t.Parallel()
	e := newEngine(t, 1, answering("f", 503, faults.Trigger{MaxActive: 2}))
	first := e.Decide(exchange(nth(1)))
	second := e.Decide(exchange(nth(2)))
	twin := first
	first.Release()
	first.Release()
	twin.Release()
	var nothing faults.Decision
	nothing.Release()
	third, fourth := e.Decide(exchange(nth(3))), e.Decide(exchange(nth(4)))
	if second.Terminal == nil || third.Terminal == nil || fourth.Terminal != nil {
		t.Errorf("struck second %v, third %v, fourth %v, want the first two of them", second.Terminal != nil, third.Terminal != nil, fourth.Terminal != nil)
	}
}

func TestADecisionGivesBackAllItsSlots(t *testing.T) {
	t.Parallel()
	one := faults.Trigger{MaxActive: 1}
	e := newEngine(t, 1, breaking("cut", faults.BreakMidBody, one), late("late", one), throttling("slow", one))
	for i := range 3 {
		d := e.Decide(exchange(nth(i)))
		if got, want := told(&d), "cut hold:late spoil:slow"; got != want {
			t.Fatalf("exchange %d: got %q, want %q", i, got, want)
		}
		d.Release()
	}
}

func TestSlotsOutliveWhatLeavesTheFaultAsItIs(t *testing.T) {
	t.Parallel()
	f := answering("f", 503, faults.Trigger{MaxActive: 1})
	off, other := f, f
	off.Disabled = true
	other.Answer = &faults.Answer{Status: 502}
	for what, test := range map[string]struct {
		between func(*faults.Engine)
		strikes bool
	}{
		"applied again":       {func(e *faults.Engine) { _ = e.Apply([]faults.Fault{f}) }, false},
		"braked and released": {func(e *faults.Engine) { e.Brake(true); e.Brake(false) }, false},
		"switched off and on": {func(e *faults.Engine) { _ = e.Apply([]faults.Fault{off}); _ = e.Apply([]faults.Fault{f}) }, false},
		"changed":             {func(e *faults.Engine) { _ = e.Apply([]faults.Fault{other}) }, true},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, 1, f)
			first := e.Decide(exchange(nth(1)))
			test.between(e)
			second := e.Decide(exchange(nth(2)))
			if got := second.Terminal != nil; got != test.strikes {
				t.Errorf("struck beside the first: %v, want %v", got, test.strikes)
			}
			first.Release()
			second.Release()
			for i, want := range []bool{true, false} {
				if d := e.Decide(exchange(nth(3 + i))); (d.Terminal != nil) != want {
					t.Errorf("after both: exchange %d struck: %v, want %v", i, !want, want)
				}
			}
		})
	}
}

func TestAnOverflowShiftsNoOthers(t *testing.T) {
	t.Parallel()
	const n = 2_000
	full := answering("full", 503, faults.Trigger{Share: new(0.5)})
	other := answering("other", 502, faults.Trigger{Share: new(0.3)})
	free := newEngine(t, 1, full, other)
	full.Trigger.MaxActive = 1
	bound := newEngine(t, 1, full, other)
	overflow := uint64(0)
	for i := range n {
		a, b := free.Decide(exchange(nth(i))), bound.Decide(exchange(nth(i)))
		want := told(&a)
		if want == "full" && bound.Uses()[0].Overflow > overflow {
			overflow++
			want = ""
		}
		if got := told(&b); got != want {
			t.Fatalf("exchange %d: got %q, want %q", i, got, want)
		}
	}
	if overflow < n/3 {
		t.Errorf("only %d of %d overflowed, want about half", overflow, n)
	}
}

func TestAnOverflowTakesNoFiring(t *testing.T) {
	t.Parallel()
	for what, trigger := range map[string]faults.Trigger{
		"first": {First: 2, MaxActive: 1},
		"limit": {Limit: 2, MaxActive: 1},
	} {
		e := newEngine(t, 1, answering("f", 503, trigger))
		first := e.Decide(exchange(nth(1)))
		e.Decide(exchange(nth(2)))
		first.Release()
		third := e.Decide(exchange(nth(3)))
		third.Release()
		fourth := e.Decide(exchange(nth(4)))
		if !struck(&first) || !struck(&third) || struck(&fourth) || e.Uses()[0].Overflow != 1 {
			t.Errorf("%s: struck %v, %v, %v with overflow %d, want the first and the third, and 1", what, struck(&first), struck(&third), struck(&fourth), e.Uses()[0].Overflow)
		}
	}
}

// TestSlotsComeBackWhateverHappensMeanwhile lets exchanges come and go while
// the set is applied and braked over and over.
func TestSlotsComeBackWhateverHappensMeanwhile(t *testing.T) {
	t.Parallel()
	f := answering("f", 503, faults.Trigger{MaxActive: 3})
	off := f
	off.Disabled = true
	e := newEngine(t, 1, f)
	var wg sync.WaitGroup
	for w := range 20 {
		wg.Go(func() {
			for i := range 200 {
				d := e.Decide(exchange(nth(w*200 + i)))
				d.Release()
			}
		})
	}
	for range 50 {
		e.Brake(true)
		_ = e.Apply([]faults.Fault{off})
		e.Brake(false)
		_ = e.Apply([]faults.Fault{f})
	}
	wg.Wait()
	in := 0
	for i := range 10 {
		if d := e.Decide(exchange(nth(i))); struck(&d) {
			in++
		}
	}
	if in != 3 {
		t.Errorf("struck %d at the same time once all had ended, want 3", in)
	}
}

func TestAFaultThatIsThroughOverflowsNoMore(t *testing.T) {
	t.Parallel()
	e := newEngine(t, 1, answering("f", 503, faults.Trigger{Limit: 1, MaxActive: 1}))
	for i := range 3 {
		e.Decide(exchange(nth(i)))
	}
	if overflow := e.Uses()[0].Overflow; overflow != 0 {
		t.Errorf("overflow %d, want 0: the limit let nobody in", overflow)
	}
}
