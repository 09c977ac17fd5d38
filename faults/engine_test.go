package faults_test

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
)

// header is the request header of a test.
type header map[string]string

func (h header) Value(name string) (string, bool) {
	for key, value := range h {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return "", false
}

func exchange(place faults.Place) *faults.Exchange {
	return &faults.Exchange{
		Endpoint: groove.Search, Method: "GET", Host: "music.xboxlive.com",
		Path: "/1/content/music/search", Query: "q=daft+punk", Header: header{}, Client: "player",
		Place: place, Now: time.Unix(1_000_000, 0),
	}
}

// nth is the place of the nth call of its own kind.
func nth(n int) faults.Place {
	return faults.Place{Fingerprint: uint64(n) * 7919, Sequence: 1, Call: 1, Attempt: 1}
}

// alike is the place of the nth of many exchanges that are all alike.
func alike(n int) faults.Place {
	return faults.Place{Fingerprint: 42, Sequence: uint64(n), Call: uint64(n), Attempt: 1}
}

func answering(name string, status int, t faults.Trigger) faults.Fault {
	return faults.Fault{Name: name, Trigger: t, Answer: &faults.Answer{Status: status}}
}

func newEngine(tb testing.TB, seed uint64, set ...faults.Fault) *faults.Engine {
	tb.Helper()
	e := faults.NewEngine(seed)
	if err := e.Apply(set); err != nil {
		tb.Fatalf("Apply: %v", err)
	}
	return e
}

// answers decides n exchanges and counts the answers by fault.
func answers(e *faults.Engine, n int, place func(int) faults.Place) map[string]int {
	counts := make(map[string]int)
	for i := 1; i <= n; i++ {
		if d := e.Decide(exchange(place(i))); d.Terminal != nil {
			counts[d.Terminal.Fault.Name]++
		}
	}
	return counts
}

// binomialBound is the half-width of the interval that holds 99.9 % of the
// counts of n draws at share p: 3.2905 standard deviations, and one for the
// step.
func binomialBound(n int, p float64) float64 {
	return 3.2905*math.Sqrt(float64(n)*p*(1-p)) + 1
}

func checkShare(t *testing.T, what string, got, n int, share float64) {
	t.Helper()
	want, bound := float64(n)*share, binomialBound(n, share)
	if share == 0 || share == 1 {
		bound = 0
	}
	if math.Abs(float64(got)-want) > bound {
		t.Errorf("%s: %d of %d faulted, want %.0f ± %.0f", what, got, n, want, bound)
	}
}

func TestShareIsExact(t *testing.T) {
	t.Parallel()
	const n = 100_000
	for _, share := range []float64{0, 0.01, 0.1, 0.5, 0.99, 1} {
		for what, place := range map[string]func(int) faults.Place{"calls of many kinds": nth, "calls all alike": alike} {
			t.Run(fmt.Sprintf("%v of %s", share, what), func(t *testing.T) {
				t.Parallel()
				e := newEngine(t, 1, answering("busy", 503, faults.Trigger{Share: &share}))
				checkShare(t, what, answers(e, n, place)["busy"], n, share)
			})
		}
	}
}

func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	const n = 100_000
	for what, set := range map[string][]faults.Fault{
		"two that draw on exchanges": {
			answering("throttled", 429, faults.Trigger{Share: new(0.10)}),
			answering("overloaded", 503, faults.Trigger{Share: new(0.05)}),
		},
		"one a call, one an exchange": {
			answering("throttled", 429, faults.Trigger{Share: new(0.10), Attempts: 2}),
			answering("overloaded", 503, faults.Trigger{Share: new(0.05)}),
		},
		"one an exchange, one a call": {
			answering("overloaded", 503, faults.Trigger{Share: new(0.05)}),
			answering("throttled", 429, faults.Trigger{Share: new(0.10), Attempts: 2}),
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			counts := answers(newEngine(t, 7, set...), n, nth)
			checkShare(t, "throttled", counts["throttled"], n, 0.10)
			checkShare(t, "overloaded", counts["overloaded"], n, 0.05)
		})
	}
}

func TestSharesFillUpTheWhole(t *testing.T) {
	t.Parallel()
	const n = 10_000
	set := []faults.Fault{}
	for i := range 10 {
		set = append(set, answering(fmt.Sprintf("tenth-%d", i), 503, faults.Trigger{Share: new(0.1)}))
	}
	total := 0
	for _, count := range answers(newEngine(t, 3, set...), n, nth) {
		total += count
	}
	if total != n {
		t.Errorf("ten tenths struck %d of %d exchanges, want all", total, n)
	}
}

func TestSeedDecides(t *testing.T) {
	t.Parallel()
	struck := func(seed uint64) string {
		e := newEngine(t, seed, answering("busy", 503, faults.Trigger{Share: new(0.5)}))
		var b strings.Builder
		for i := range 64 {
			if e.Decide(exchange(nth(i))).Terminal != nil {
				b.WriteByte('x')
			} else {
				b.WriteByte('.')
			}
		}
		return b.String()
	}
	if a, b := struck(1), struck(1); a != b {
		t.Errorf("seed 1 gave %s, then %s", a, b)
	}
	if a, b := struck(1), struck(2); a == b {
		t.Errorf("seeds 1 and 2 both gave %s", a)
	}
	if a := struck(1); !strings.Contains(a, "x.") || !strings.Contains(a, ".x") {
		t.Errorf("seed 1 repeats one draw: %s", a)
	}
}

func TestConcurrencyChangesNothing(t *testing.T) {
	t.Parallel()
	const n = 20_000
	set := []faults.Fault{
		answering("throttled", 429, faults.Trigger{Share: new(0.1)}),
		{Name: "slow", Trigger: faults.Trigger{Share: new(0.3)}, Delay: &faults.Delay{Exponential: &faults.Exponential{Mean: time.Second}}},
	}
	decide := func(workers int) []string {
		e := newEngine(t, 11, set...)
		decisions := make([]string, n)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for i := w; i < n; i += workers {
					decisions[i] = e.Decide(exchange(nth(i))).Reason
				}
			})
		}
		wg.Wait()
		return decisions
	}
	alone, together := decide(1), decide(64)
	for i := range n {
		if alone[i] != together[i] {
			t.Fatalf("exchange %d: alone %q, among 64 %q", i, alone[i], together[i])
		}
	}
}

func TestAddingAFaultLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	first := answering("throttled", 429, faults.Trigger{Share: new(0.1)})
	added := answering("overloaded", 503, faults.Trigger{Share: new(0.5)})
	before, after := newEngine(t, 5, first), newEngine(t, 5, first, added)
	for i := range 5_000 {
		a, b := before.Decide(exchange(nth(i))), after.Decide(exchange(nth(i)))
		if a.Terminal != nil && (b.Terminal == nil || b.Terminal.Fault.Name != "throttled") {
			t.Fatalf("exchange %d was throttled, and no longer is once another fault is there", i)
		}
		if a.Terminal == nil && b.Terminal != nil && b.Terminal.Fault.Name == "throttled" {
			t.Fatalf("exchange %d is throttled only once another fault is there", i)
		}
	}
}

func TestCountingIsExactUnderParallelCalls(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		trigger faults.Trigger
		want    int64
	}{
		"first":            {faults.Trigger{First: 3}, 3},
		"every":            {faults.Trigger{Every: 5}, 10},
		"every with limit": {faults.Trigger{Every: 5, Limit: 4}, 4},
		"limit":            {faults.Trigger{Limit: 7}, 7},
		"share with limit": {faults.Trigger{Share: new(1.0), Limit: 7}, 7},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for effect, f := range map[string]faults.Fault{
				"answer": answering("f", 503, test.trigger),
				"break":  breaking("f", faults.BreakMidBody, test.trigger),
				"delay":  late("f", test.trigger),
				"spoil":  throttling("f", test.trigger),
			} {
				e := newEngine(t, 1, f)
				var wg sync.WaitGroup
				var count atomic.Int64
				for i := range 50 {
					wg.Go(func() {
						if d := e.Decide(exchange(nth(i))); struck(&d) {
							count.Add(1)
						}
					})
				}
				wg.Wait()
				if count.Load() != test.want {
					t.Errorf("%s: struck %d of 50 parallel calls, want %d", effect, count.Load(), test.want)
				}
			}
		})
	}
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	attempt := func(call, k uint64) faults.Place {
		return faults.Place{Fingerprint: call * 31, Sequence: k, Call: 1, Attempt: k}
	}
	for what, test := range map[string]struct {
		trigger faults.Trigger
		places  []faults.Place
		want    string
	}{
		"nothing given strikes always":            {faults.Trigger{}, []faults.Place{nth(1), nth(2), nth(3)}, "xxx"},
		"first strikes the first only":            {faults.Trigger{First: 2}, []faults.Place{nth(1), nth(2), nth(3)}, "xx."},
		"every strikes each nth":                  {faults.Trigger{Every: 2}, []faults.Place{nth(1), nth(2), nth(3), nth(4), nth(5)}, ".x.x."},
		"every with limit ends":                   {faults.Trigger{Every: 2, Limit: 1}, []faults.Place{nth(1), nth(2), nth(3), nth(4)}, ".x.."},
		"limit ends a share":                      {faults.Trigger{Share: new(1.0), Limit: 2}, []faults.Place{nth(1), nth(2), nth(3)}, "xx."},
		"limit alone ends":                        {faults.Trigger{Limit: 1}, []faults.Place{nth(1), nth(2)}, "x."},
		"attempts strikes each call k times":      {faults.Trigger{Attempts: 2}, []faults.Place{attempt(1, 1), attempt(1, 2), attempt(1, 3), attempt(2, 1)}, "xx.x"},
		"attempts with a full share does as well": {faults.Trigger{Attempts: 2, Share: new(1.0)}, []faults.Place{attempt(1, 1), attempt(1, 2), attempt(1, 3), attempt(2, 1)}, "xx.x"},
		"attempts with limit ends":                {faults.Trigger{Attempts: 2, Limit: 3}, []faults.Place{attempt(1, 1), attempt(1, 2), attempt(2, 1), attempt(2, 2)}, "xxx."},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for effect, fault := range map[string]faults.Fault{
				"answer": answering("f", 503, test.trigger),
				"delay":  {Name: "f", Trigger: test.trigger, Delay: &faults.Delay{Fixed: new(time.Second)}},
				"late":   late("f", test.trigger),
				"break":  breaking("f", faults.BreakAfter, test.trigger),
				"spoil":  throttling("f", test.trigger),
			} {
				e := newEngine(t, 1, fault)
				var got strings.Builder
				for _, place := range test.places {
					d := e.Decide(exchange(place))
					if struck(&d) {
						got.WriteByte('x')
					} else {
						got.WriteByte('.')
					}
				}
				if got.String() != test.want {
					t.Errorf("%s: struck %s, want %s", effect, got.String(), test.want)
				}
			}
		})
	}
}

func TestAShareOfCallsStrikesAllAttemptsOfACallAlike(t *testing.T) {
	t.Parallel()
	const calls = 10_000
	e := newEngine(t, 9, answering("twice", 503, faults.Trigger{Share: new(0.2), Attempts: 2}))
	struck := 0
	for i := range calls {
		place := nth(i)
		first := e.Decide(exchange(place)).Terminal != nil
		place.Sequence, place.Attempt = 2, 2
		second := e.Decide(exchange(place)).Terminal != nil
		place.Sequence, place.Attempt = 3, 3
		third := e.Decide(exchange(place)).Terminal != nil
		if first != second || third {
			t.Fatalf("call %d: attempts struck %v, %v, %v, want the first two alike and the third never", i, first, second, third)
		}
		if first {
			struck++
		}
	}
	checkShare(t, "calls", struck, calls, 0.2)
}

func TestSharesOfCallsKeepTheirCallsWhateverTheirAttempts(t *testing.T) {
	t.Parallel()
	const calls = 50_000
	e := newEngine(t, 9,
		answering("once", 503, faults.Trigger{Share: new(0.10), Attempts: 1}),
		answering("thrice", 502, faults.Trigger{Share: new(0.05), Attempts: 3}),
		answering("any", 429, faults.Trigger{Share: new(0.20)}),
	)
	patterns := make(map[string]int)
	var struck [4]int
	for i := range calls {
		var pattern strings.Builder
		place := nth(i)
		for k := range 4 {
			place.Sequence, place.Attempt = uint64(k+1), uint64(k+1)
			d := e.Decide(exchange(place))
			switch {
			case d.Terminal == nil:
				pattern.WriteByte('.')
			case d.Terminal.Fault.Name == "any":
				struck[k]++
				pattern.WriteByte('.')
			default:
				pattern.WriteByte(d.Terminal.Fault.Name[0])
			}
		}
		patterns[pattern.String()]++
	}
	checkShare(t, "calls struck once", patterns["o..."], calls, 0.10)
	checkShare(t, "calls struck thrice", patterns["ttt."], calls, 0.05)
	if others := calls - patterns["...."] - patterns["o..."] - patterns["ttt."]; others != 0 {
		t.Errorf("%d calls were struck in part: %v", others, patterns)
	}
	for k := range struck {
		checkShare(t, fmt.Sprintf("attempts %d", k+1), struck[k], calls, 0.20)
	}
}

func TestDelaysDrawOnTheirOwn(t *testing.T) {
	t.Parallel()
	const n = 50_000
	e := newEngine(t, 1,
		faults.Fault{Name: "slow", Trigger: faults.Trigger{Share: new(0.5)}, Delay: &faults.Delay{Fixed: new(time.Second)}},
		faults.Fault{Name: "slower", Trigger: faults.Trigger{Share: new(0.5)}, Delay: &faults.Delay{Fixed: new(2 * time.Second)}},
		answering("busy", 503, faults.Trigger{Share: new(0.5)}),
	)
	var counts [2][2][2]int
	for i := range n {
		d := e.Decide(exchange(nth(i)))
		var slow, slower, busy int
		for _, hold := range d.Holds {
			switch {
			case hold.Fault.Fault.Name == "slow" && hold.Wait == time.Second:
				slow = 1
			case hold.Fault.Fault.Name == "slower" && hold.Wait == 2*time.Second:
				slower = 1
			default:
				t.Fatalf("hold %s for %v", hold.Fault.Fault.Name, hold.Wait)
			}
		}
		if d.Terminal != nil {
			busy = 1
		}
		counts[slow][slower][busy]++
	}
	for i := range 8 {
		checkShare(t, fmt.Sprintf("combination %03b", i), counts[i>>2&1][i>>1&1][i&1], n, 0.125)
	}
}

func TestExpiredFaultsDoNotStrike(t *testing.T) {
	t.Parallel()
	f := answering("busy", 503, faults.Trigger{})
	x := exchange(nth(1))
	for what, test := range map[string]struct {
		expires time.Time
		want    bool
	}{
		"no lifetime":        {time.Time{}, true},
		"a moment is left":   {x.Now.Add(1), true},
		"just over":          {x.Now, false},
		"over for some time": {x.Now.Add(-time.Hour), false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := f
			f.ExpiresAt = test.expires
			if got := newEngine(t, 1, f).Decide(exchange(nth(1))).Terminal != nil; got != test.want {
				t.Errorf("struck: %v, want %v", got, test.want)
			}
		})
	}
}
