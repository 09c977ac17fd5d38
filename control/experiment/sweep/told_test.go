package sweep

import (
	"slices"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/verdict"
)

// toldMachine is a machine of all that is told with 503.
func toldMachine(t *testing.T) *Machine {
	t.Helper()
	p := NewPlan(habits(t, peace), Options{Latency: time.Second, Only: []string{"search/503*/once"}})
	if len(p.Cases) != 4 {
		t.Fatalf("%d cases are planned, want 503 without a Retry-After and three with one", len(p.Cases))
	}
	return NewMachine(p, 0, nil)
}

// next begins the next case, and says that so many of the attempts at the endpoint were struck.
func next(t *testing.T, m *Machine, attempts int, took time.Duration) string {
	t.Helper()
	c, turn := m.Next(0)
	if turn != TurnRun {
		return ""
	}
	m.Take(Cell{Case: c, State: StateRan, Result: verdict.Pass, Summary: "x", Reached: true, Runs: 1, Attempts: attempts, Struck: 1, Took: took})
	return c.ID()
}

// Whoever leaves a 503 alone, and one with seconds too, need not be told otherwise; whoever repeats either is.
func TestFormsThatMakeNoDifference(t *testing.T) {
	t.Parallel()
	all := []string{"search/503/once", "search/503-seconds/once", "search/503-date/once", "search/503-long/once"}
	for name, test := range map[string]struct {
		plain, seconds int
		want           []string
	}{
		"both left alone":                 {1, 1, all[:2]},
		"the plain one repeated":          {2, 1, all},
		"the one with seconds repeated":   {1, 2, all},
		"both repeated, as most would do": {2, 2, all},
	} {
		m := toldMachine(t)
		var ran []string
		for _, attempts := range []int{test.plain, test.seconds, 2, 2} {
			if id := next(t, m, attempts, time.Second); id != "" {
				ran = append(ran, id)
			}
		}
		if !slices.Equal(ran, test.want) {
			t.Errorf("%s: ran %v, want %v", name, ran, test.want)
		}
		tally := TallyOf(m.Cells())
		if tally.Same != len(all)-len(test.want) || tally.Left != 0 {
			t.Errorf("%s: %d are the same and %d left, want %d and none", name, tally.Same, tally.Left, len(all)-len(test.want))
		}
	}
}

// A date waits for what says whether it can matter.
func TestFormsWaitForThoseThatMaySettleThem(t *testing.T) {
	t.Parallel()
	m := toldMachine(t)
	first, _ := m.Next(0)
	second, _ := m.Next(0)
	if first.Fault.Told != "" || second.Fault.Told != ToldSeconds {
		t.Fatalf("first are %s and %s", first.ID(), second.ID())
	}
	if c, turn := m.Next(0); turn != TurnWait {
		t.Errorf("then is %s, want to wait", c.ID())
	}
}

// A caller that is told to stay away is watched for three times its own wait, and never for less than 2 s.
func TestWindow(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]time.Duration{1100 * time.Millisecond: 3 * time.Second, 5 * time.Second: 13 * time.Second} {
		m := toldMachine(t)
		next(t, m, 2, took) // In peace it takes 1 s.
		long := caseOf(t, "search/503-long/once")
		if window, ok := m.Window(&long); !ok || window != want {
			t.Errorf("it is watched for %v after it took %v, want %v", window, took, want)
		}
	}
	plain := caseOf(t, "search/503-date/once")
	if window, ok := toldMachine(t).Window(&plain); ok {
		t.Errorf("another case is watched for %v, want for as long as all are", window)
	}
}

// A spoilt answer that is whole ends a call, as far as anybody can tell: once must be once all the same.
func TestOnceIsOnce(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]faults.Trigger{
		"search/503/once": {Attempts: 1}, "search/503/always": {}, "search/401/twice": {First: 2},
		"search/corrupt-json/once": {First: 1}, "search/corrupt-bits/twice": {First: 2}, "search/throttle/once": {First: 1},
	} {
		c := caseOf(t, id)
		if got := c.Build(time.Second).Trigger; got != want {
			t.Errorf("%s is triggered by %+v, want %+v", id, got, want)
		}
	}
}
