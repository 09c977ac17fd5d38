package verdict

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// callOf records a call with such gaps, the answers of which ask for ra, and returns when it was over.
func (w *town) callOf(target string, at time.Duration, ra string, gaps ...time.Duration) time.Duration {
	over := w.put(get("caller", target, at), 503, ra).Answered
	for _, gap := range gaps {
		over = w.put(get("caller", target, over+gap), 503, ra).Answered
	}
	return over
}

// doubling are so many gaps that double from 0.4 s on, each a quarter longer or shorter.
func (w *town) doubling(n int) []time.Duration {
	gaps := make([]time.Duration, n)
	for i := range gaps {
		gaps[i] = time.Duration((0.75 + 0.5*w.draw()) * float64(400*ms<<i))
	}
	return gaps
}

// A client that jitters and ignores Retry-After comes back when it is over as well, as if another caller had been asked. That it makes just as
// many attempts as ever shows that there is none.
func TestOneCallerIsToldByTheLengthOfItsCalls(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	for name, tt := range map[string]struct {
		// own and asked are how many gaps the calls have that were told nothing, and those that were told to wait for 2 s.
		own, asked []int
		// level keeps those that were told nothing from rising, split makes the others of two callers, one right behind the other.
		level, split bool
		// again asks for something once more that had succeeded, cut ends the watch with the last call.
		again, cut bool
		// recovered adds a call that succeeded after more attempts.
		recovered bool
		want      Result
	}{
		"as long as ever":          {own: []int{4, 4, 4, 4, 4}, asked: []int{4, 4, 4}, want: Fail},
		"longer":                   {own: []int{4, 4, 4, 4, 4}, asked: []int{5, 5, 5}, want: Inconclusive},
		"shorter":                  {own: []int{4, 4, 4, 4, 4}, asked: []int{3, 3, 3}, want: Inconclusive},
		"two as long as ever":      {own: []int{4, 4, 4, 4, 4}, asked: []int{4, 4, 3}, want: Inconclusive},
		"no length of its own":     {own: []int{4, 4, 3, 4, 4}, asked: []int{4, 4, 4}, want: Inconclusive},
		"one goes on for longer":   {own: []int{4, 4, 4, 4, 5}, asked: []int{4, 4, 4}, want: Inconclusive},
		"asks for something twice": {own: []int{4, 4, 4, 4, 4}, asked: []int{4, 4, 4}, again: true, want: Inconclusive},
		"waits that do not rise":   {own: []int{4, 4, 4, 4, 4}, asked: []int{4, 4, 4}, level: true, want: Inconclusive},
		"one right behind another": {own: []int{4, 4, 4, 4, 4}, asked: []int{4, 4, 4}, split: true, want: Inconclusive},
		"one recovered later":      {own: []int{4, 4, 4, 4, 4}, asked: []int{4, 4, 4}, recovered: true, want: Inconclusive},
		"four calls to compare":    {own: []int{4, 4, 4, 4}, asked: []int{4, 4, 4}, want: Inconclusive},
		"cut short by the end":     {own: []int{4, 4, 4, 4, 4}, asked: []int{4, 4, 4}, cut: true, want: Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &town{draws: 7 << 32}
			w.warm("caller")
			at := time.Minute
			for i, gaps := range tt.own {
				waits := w.doubling(gaps)
				if tt.level {
					waits = every(gaps, waits[0])
				}
				at = w.callOf(fmt.Sprintf("/own/%d", i), at+second, "", waits...)
			}
			if tt.recovered {
				at = w.put(get("caller", "/later", w.callOf("/later", at+second, "", w.doubling(5)...)+20*second), 200, "").Answered
			}
			if tt.again {
				w.put(get("caller", "/warm/caller/3", at+second), 200, "")
			}
			start := at + time.Minute
			for i, gaps := range tt.asked {
				waits := w.doubling(gaps)
				if tt.split {
					waits = []time.Duration{300 * ms, 1750 * ms, 310 * ms, 1760 * ms}
				}
				// Side by side, so that all are cut short together.
				at = max(at, w.callOf(fmt.Sprintf("/asked/%d", i), start+time.Duration(i)*ms, "2", waits...))
			}
			if !tt.cut {
				w.put(get("caller", "/last", at+hour), 200, "")
			}
			f := w.finding(t, "retry-after-honoured")
			if f.Result != tt.want || f.Result == Inconclusive && !strings.Contains(f.Missing, "needs 6 calls") {
				t.Errorf("is %s, want %s, for want of waits that count: %s (%s)", f.Result, tt.want, f.Summary, f.Missing)
			}
		})
	}
}

// finding is what a check says of the one client.
func (w *town) finding(t *testing.T, check string) Finding {
	t.Helper()
	e := ether{attempts: w.attempts}
	for _, f := range Judge(Journal{Attempts: Of(e.number()), Ended: true}, Options{}).Clients[0].Findings {
		if f.Check == check {
			return f
		}
	}
	t.Fatalf("no finding of %s", check)
	return Finding{}
}

// Two callers who honour Retry-After and ask for the same are no one that ignores it, however many of them do.
func TestTwoCallersAreNotWhole(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		w := &town{draws: seed << 32}
		w.warm("caller")
		at := time.Minute
		for i := range 8 {
			at = w.callOf(fmt.Sprintf("/own/%d", i), at+second, "", w.doubling(4)...)
		}
		for i := range 6 {
			target, start := fmt.Sprintf("/asked/%d", i), at+time.Minute
			for caller := range 2 {
				next := start + time.Duration(caller)*time.Duration((0.3+1.4*w.draw())*float64(second))
				for range 5 {
					over := w.put(get("caller", target, next), 503, "2").Answered
					next = over + 2*second + w.late()
					at = max(at, over)
				}
			}
		}
		w.put(get("caller", "/last", at+time.Hour), 200, "")
		for _, check := range []string{"retry-after-honoured", "retry-after-not-early"} {
			if f := w.finding(t, check); f.Result == Fail {
				t.Errorf("seed %d: %s fails: %s", seed, check, f.Summary)
			}
		}
	}
}

// Callers whose deadline leaves them fewer attempts when they are told to wait, and who take turns at fixed distances, come to the length of one that was
// told nothing. Each of them honours Retry-After.
func TestCallersWhoTakeTurnsAreNotWhole(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		own   int
		asked []time.Duration
	}{
		"two":                       {3, waitsFor(.8, 1.2, .8)},
		"two, ever later":           {3, waitsFor(.8, 1.3, 1.6)},
		"three":                     {5, waitsFor(.67, .67, .67, .67, .67)},
		"three, ever later":         {5, waitsFor(.5, .6, .95, .9, .95)},
		"three, one of whom leaves": {4, waitsFor(.9, .2, .9, .9)},
		"two of three tries":        {5, waitsFor(.9, 1.2, 1, 1.1, 1.4)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &town{draws: 5 << 32}
			w.warm("caller")
			at := time.Minute
			for i := range 7 {
				at = w.callOf(fmt.Sprintf("/own/%d", i), at+second, "", w.doubling(tt.own)...)
			}
			for i := range 4 {
				at = w.callOf(fmt.Sprintf("/asked/%d", i), at+time.Minute, "2", tt.asked...)
			}
			w.put(get("caller", "/last", at+time.Hour), 200, "")
			for _, check := range []string{"retry-after-honoured", "retry-after-not-early"} {
				if f := w.finding(t, check); f.Result == Fail {
					t.Errorf("fails %s: %s", check, f.Summary)
				}
			}
		})
	}
}
