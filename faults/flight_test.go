package faults_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groovechaos/groovechaos/faults"
)

// singleFlight makes an engine that fails one call of a kind at a time.
func singleFlight(t testing.TB, set ...faults.Fault) *faults.Engine {
	t.Helper()
	e := faults.NewEngineWith(faults.EngineOptions{Seed: 1, SingleFlight: true})
	if err := e.Apply(set); err != nil {
		t.Fatal(err)
	}
	return e
}

func everything() faults.Fault { return answering("down", 503, faults.Trigger{}) }

// TestSingleFlightIsExactUnderParallelCalls lets 64 identical calls repeat until they get through: at no time are two of
// them being failed.
func TestSingleFlightIsExactUnderParallelCalls(t *testing.T) {
	t.Parallel()
	e := singleFlight(t, answering("down", 503, faults.Trigger{Share: new(0.7)}))
	var failing, failed, crossed atomic.Int64
	var sequence atomic.Uint64
	var wg sync.WaitGroup
	for call := range uint64(64) {
		wg.Go(func() {
			held := false
			for attempt := uint64(1); ; attempt++ {
				x := exchange(faults.Place{Fingerprint: 7, Sequence: sequence.Add(1), Call: call + 1, Identified: true, Attempt: attempt})
				d := e.Decide(x)
				if d.Terminal != nil && !held {
					held = true
					failed.Add(1)
					if failing.Add(1) > 1 {
						crossed.Add(1)
					}
				}
				again := d.Terminal != nil
				if !again && held {
					failing.Add(-1)
				}
				d.Settle(again, x.Now.Add(time.Minute))
				d.Release()
				if !again {
					return
				}
			}
		})
	}
	wg.Wait()
	if crossed.Load() > 0 || failed.Load() == 0 {
		t.Errorf("of %d calls that were failed %d were beside another, want some and none", failed.Load(), crossed.Load())
	}
}

func TestSingleFlightLetsOthersPass(t *testing.T) {
	t.Parallel()
	first, other := faults.Place{Fingerprint: 7, Sequence: 1, Call: 1, Attempt: 1}, faults.Place{Fingerprint: 7, Sequence: 2, Call: 2, Attempt: 1}
	for name, f := range map[string]faults.Fault{
		"a drawn answer":   everything(),
		"a counted answer": answering("down", 503, faults.Trigger{First: 3}),
		"every second":     answering("down", 503, faults.Trigger{Every: 1}),
		"a break":          breaking("down", faults.BreakBefore, faults.Trigger{}),
		"a spoil":          throttling("down", faults.Trigger{}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := singleFlight(t, f)
			d := e.Decide(exchange(first))
			if !struck(&d) || !d.SingleFlight() {
				t.Fatalf("the first call is not failed: %q", d.Reason)
			}
			passing := e.Decide(exchange(other))
			if struck(&passing) || passing.SingleFlight() || !strings.Contains(passing.Reason, "single-flight: another call") {
				t.Errorf("struck %v because of %q, want it to pass", struck(&passing), passing.Reason)
			}
			passing.Release()
			stranger := exchange(other)
			stranger.Client = "somebody else"
			if d := e.Decide(stranger); !struck(&d) {
				t.Errorf("another client passes because of %q", d.Reason)
			}
			d.Release()
			if next := e.Decide(exchange(other)); !struck(&next) {
				t.Errorf("after the end the next call passes because of %q", next.Reason)
			}
		})
	}
}

func TestSingleFlightDelaysEverybody(t *testing.T) {
	t.Parallel()
	e := singleFlight(t, everything(), faults.Fault{Name: "slow", Delay: &faults.Delay{Fixed: new(time.Second)}})
	first, second := e.Decide(exchange(nth(1))), e.Decide(exchange(nth(1)))
	if len(first.Holds) != 1 || len(second.Holds) != 1 || second.Terminal != nil {
		t.Errorf("got %d and %d delays, want one each and no answer", len(first.Holds), len(second.Holds))
	}
}

// TestSingleFlightWaitsForTheRepeat holds who is taken for the repeat of a failed attempt, and for how long.
func TestSingleFlightWaitsForTheRepeat(t *testing.T) {
	t.Parallel()
	failed := faults.Place{Fingerprint: 7, Sequence: 1, Call: 1, Attempt: 1}
	named := failed
	named.Identified = true
	later := func(p faults.Place, by time.Duration) *faults.Exchange {
		x := exchange(p)
		x.Now = x.Now.Add(by)
		return x
	}
	call := func(number uint64, identified bool) faults.Place {
		return faults.Place{Fingerprint: 7, Sequence: 2, Call: number, Attempt: 1, Identified: identified}
	}
	for name, test := range map[string]struct {
		first  faults.Place
		next   *faults.Exchange
		belong bool
	}{
		"whoever comes first":        {failed, later(call(9, false), time.Second), true},
		"the call by its name":       {named, later(call(1, true), time.Second), true},
		"another by its name":        {named, later(call(2, true), time.Second), false},
		"one without, beside a name": {named, later(call(2, false), time.Second), false},
		"at the last moment":         {failed, later(call(9, false), time.Minute), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := singleFlight(t, everything())
			d := e.Decide(exchange(test.first))
			d.Settle(true, exchange(test.first).Now.Add(time.Minute))
			d.Release()
			if got := e.Decide(test.next); struck(&got) != test.belong {
				t.Errorf("struck %v (%s), want %v", struck(&got), got.Reason, test.belong)
			}
		})
	}
	e := singleFlight(t, everything())
	d := e.Decide(exchange(named))
	d.Settle(true, exchange(named).Now.Add(time.Minute))
	if got := e.Decide(later(call(2, true), time.Minute+1)); !struck(&got) {
		t.Errorf("after the wait another call passes: %s", got.Reason)
	}
}

func TestSingleFlightTakesNoTurnOfOthers(t *testing.T) {
	t.Parallel()
	e := singleFlight(t, answering("down", 503, faults.Trigger{First: 2}))
	d := e.Decide(exchange(nth(1)))
	for range 5 {
		passing := e.Decide(exchange(nth(1)))
		passing.Release()
	}
	d.Release()
	if d := e.Decide(exchange(nth(1))); !struck(&d) {
		t.Errorf("the second of the first 2 passes: %q", d.Reason)
	}
}

// TestSingleFlightIsBounded holds that calls which never come back take no memory for good, and that what finds no room is
// not failed rather than failed beside another.
func TestSingleFlightIsBounded(t *testing.T) {
	t.Parallel()
	e := singleFlight(t, everything())
	const calls = 200_000
	failed, crowded := 0, ""
	fail := func(by time.Duration) {
		for i := range uint64(calls) {
			x := exchange(faults.Place{Fingerprint: i, Sequence: 1, Call: 1, Attempt: 1})
			x.Now = x.Now.Add(by)
			d := e.Decide(x)
			if struck(&d) {
				failed++
			} else {
				crowded = d.Reason
			}
			d.Settle(true, x.Now.Add(time.Minute))
			d.Release()
		}
	}
	fail(0)
	if failed != 16*4096 || !strings.Contains(crowded, "too many calls") {
		t.Errorf("%d calls are being failed, others pass because of %q, want %d", failed, crowded, 16*4096)
	}
	failed = 0
	fail(2 * time.Minute)
	if failed == 0 {
		t.Error("calls that never came back keep all others from being failed")
	}
}

// flightModel is what the law of single-flight is held against: who is being failed, by request.
type flightModel struct {
	engine   *faults.Engine
	now      time.Duration
	sequence uint64
	under    []underWay
	// failing is the call that is being failed, and until when if none of its attempts is under way.
	failing map[uint64]failing
}

type underWay struct {
	request, call uint64
	decision      faults.Decision
}

type failing struct {
	call  uint64
	busy  bool
	until time.Duration
}

func (m *flightModel) current(request uint64) (failing, bool) {
	f, ok := m.failing[request]
	return f, ok && (f.busy || m.now <= f.until)
}

func (m *flightModel) arrive(t *rapid.T) {
	request, call := rapid.Uint64Range(1, 2).Draw(t, "request"), rapid.Uint64Range(1, 4).Draw(t, "call")
	m.sequence++
	x := exchange(faults.Place{Fingerprint: request, Sequence: m.sequence, Call: call, Identified: true, Attempt: 1})
	x.Now = x.Now.Add(m.now)
	d := m.engine.Decide(x)
	f, held := m.current(request)
	if held && (f.busy || f.call != call) && struck(&d) {
		t.Fatalf("call %d of request %d is failed beside %+v: %s", call, request, f, d.Reason)
	}
	if !held && !struck(&d) {
		t.Fatalf("call %d of request %d passes though nothing else is failed: %s", call, request, d.Reason)
	}
	if struck(&d) {
		m.failing[request] = failing{call: call, busy: true}
	}
	m.under = append(m.under, underWay{request, call, d})
}

func (m *flightModel) end(t *rapid.T) {
	if len(m.under) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.under)-1).Draw(t, "which")
	u := m.under[i]
	m.under = append(m.under[:i], m.under[i+1:]...)
	again := rapid.Bool().Draw(t, "failed")
	wait := time.Duration(rapid.IntRange(1, 60).Draw(t, "wait")) * time.Second
	if rapid.Bool().Draw(t, "settled") {
		u.decision.Settle(again, exchange(nth(1)).Now.Add(m.now+wait))
	} else {
		again = false
	}
	u.decision.Release()
	switch {
	case !struck(&u.decision):
	case again:
		m.failing[u.request] = failing{call: u.call, until: m.now + wait}
	default:
		delete(m.failing, u.request)
	}
}

func TestSingleFlightHoldsWhateverComes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &flightModel{
			engine:  faults.NewEngineWith(faults.EngineOptions{SingleFlight: true}),
			failing: map[uint64]failing{},
		}
		if err := m.engine.Apply([]faults.Fault{everything()}); err != nil {
			t.Fatal(err)
		}
		t.Repeat(map[string]func(*rapid.T){
			"arrive": m.arrive, "end": m.end,
			"wait": func(t *rapid.T) { m.now += time.Duration(rapid.IntRange(1, 40).Draw(t, "seconds")) * time.Second },
		})
	})
}

func ExampleDecision_SingleFlight() {
	e := faults.NewEngineWith(faults.EngineOptions{SingleFlight: true})
	_ = e.Apply([]faults.Fault{{Name: "down", Answer: &faults.Answer{Status: 503}}})
	one, two := e.Decide(&faults.Exchange{}), e.Decide(&faults.Exchange{})
	fmt.Println(one.SingleFlight(), two.Reason)
	// Output: true single-flight: another call of this request is being failed
}
