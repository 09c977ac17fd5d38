package faults_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/groovechaos/groovechaos/faults"
)

func gone(a *faults.Active) bool {
	select {
	case <-a.Gone():
		return true
	default:
		return false
	}
}

func slow(name string) faults.Fault {
	return faults.Fault{Name: name, Delay: &faults.Delay{Fixed: new(time.Minute)}}
}

func TestWhatReleasesAHold(t *testing.T) {
	t.Parallel()
	changed := slow("slow")
	changed.Delay = &faults.Delay{Fixed: new(time.Second)}
	disabled := slow("slow")
	disabled.Disabled = true
	for what, test := range map[string]struct {
		do   func(*faults.Engine) error
		want bool
	}{
		"removed":            {func(e *faults.Engine) error { return e.Apply(nil) }, true},
		"disabled":           {func(e *faults.Engine) error { return e.Apply([]faults.Fault{disabled}) }, true},
		"changed":            {func(e *faults.Engine) error { return e.Apply([]faults.Fault{changed}) }, true},
		"braked":             {func(e *faults.Engine) error { e.Brake(true); return nil }, true},
		"applied unchanged":  {func(e *faults.Engine) error { return e.Apply([]faults.Fault{slow("slow")}) }, false},
		"another fault came": {func(e *faults.Engine) error { return e.Apply([]faults.Fault{slow("slow"), slow("other")}) }, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, 1, slow("slow"))
			hold := e.Decide(exchange(nth(1))).Holds[0]
			if gone(hold.Fault) {
				t.Fatal("gone before anything happened")
			}
			if err := test.do(e); err != nil {
				t.Fatal(err)
			}
			if got := gone(hold.Fault); got != test.want {
				t.Errorf("gone: %v, want %v", got, test.want)
			}
		})
	}
}

func TestCountersOutliveWhatLeavesTheFaultAsItIs(t *testing.T) {
	t.Parallel()
	once := answering("once", 503, faults.Trigger{First: 1})
	off := once
	off.Disabled = true
	again := once
	again.ExpiresAt = exchange(nth(1)).Now.Add(time.Hour)
	other := once
	other.Trigger.First = 2
	for what, test := range map[string]struct {
		between func(*faults.Engine)
		strikes bool
		use     faults.Use
	}{
		"applied again":       {func(e *faults.Engine) { _ = e.Apply([]faults.Fault{once}) }, false, faults.Use{Name: "once", Matched: 2, Fired: 1, Armed: true}},
		"braked and released": {func(e *faults.Engine) { e.Brake(true); e.Brake(false) }, false, faults.Use{Name: "once", Matched: 2, Fired: 1, Armed: true}},
		"switched off and on starts the trigger anew": {
			func(e *faults.Engine) { _ = e.Apply([]faults.Fault{off}); _ = e.Apply([]faults.Fault{once}) },
			true,
			faults.Use{Name: "once", Matched: 2, Fired: 2, Armed: true},
		},
		"another lifetime starts the trigger anew": {func(e *faults.Engine) { _ = e.Apply([]faults.Fault{again}) }, true, faults.Use{Name: "once", Matched: 2, Fired: 2, Armed: true}},
		"changed starts everything anew":           {func(e *faults.Engine) { _ = e.Apply([]faults.Fault{other}) }, true, faults.Use{Name: "once", Matched: 1, Fired: 1, Armed: true}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, 1, once)
			if !strike(e, 1) {
				t.Fatal("did not strike at first")
			}
			test.between(e)
			if got := strike(e, 2); got != test.strikes {
				t.Errorf("struck again: %v, want %v", got, test.strikes)
			}
			if diff := cmp.Diff([]faults.Use{test.use}, e.Uses()); diff != "" {
				t.Errorf("uses (-want +got):\n%s", diff)
			}
		})
	}
}

// strike decides an exchange and carries the decision out.
func strike(e *faults.Engine, n int) bool {
	d := e.Decide(exchange(nth(n)))
	if d.Terminal != nil {
		d.Terminal.Fire()
	}
	return d.Terminal != nil
}

func TestADecisionAloneIsNoStrike(t *testing.T) {
	t.Parallel()
	e := newEngine(t, 1, answering("busy", 503, faults.Trigger{}))
	e.Decide(exchange(nth(1)))
	if use := e.Uses()[0]; use.Fired != 0 || use.Matched != 1 {
		t.Errorf("matched %d, fired %d, want 1 and 0", use.Matched, use.Fired)
	}
}

func TestABrakeStopsEveryFaultAndNewOnes(t *testing.T) {
	t.Parallel()
	e := newEngine(t, 1, answering("busy", 503, faults.Trigger{}))
	e.Brake(true)
	if e.Decide(exchange(nth(1))).Terminal != nil {
		t.Error("struck while braked")
	}
	if err := e.Apply([]faults.Fault{answering("other", 503, faults.Trigger{})}); err != nil {
		t.Fatal(err)
	}
	if e.Decide(exchange(nth(2))).Terminal != nil {
		t.Error("a fault that came while braked struck")
	}
	e.Brake(false)
	if d := e.Decide(exchange(nth(3))); d.Terminal == nil || d.Terminal.Fault.Name != "other" {
		t.Error("did not strike once released")
	}
}

func TestARefusedSetChangesNothing(t *testing.T) {
	t.Parallel()
	e := newEngine(t, 1, answering("busy", 503, faults.Trigger{}))
	err := e.Apply([]faults.Fault{answering("fine", 503, faults.Trigger{}), {Name: "empty"}})
	if _, ok := errors.AsType[faults.Problems](err); !ok {
		t.Fatalf("Apply gave %v, want Problems", err)
	}
	if d := e.Decide(exchange(nth(1))); d.Terminal == nil || d.Terminal.Fault.Name != "busy" {
		t.Error("the old set is not in force any more")
	}
}

func TestHeldCountsWhoIsInside(t *testing.T) {
	t.Parallel()
	e := newEngine(t, 1, slow("slow"))
	a := e.Decide(exchange(nth(1))).Holds[0].Fault
	a.Enter()
	a.Enter()
	a.Leave()
	if got := e.Uses()[0].Held; got != 1 {
		t.Errorf("held %d, want 1", got)
	}
}

func TestArmedTellsWhoWasEverInForce(t *testing.T) {
	t.Parallel()
	off := answering("off", 503, faults.Trigger{})
	off.Disabled = true
	e := newEngine(t, 1, answering("on", 503, faults.Trigger{}), off)
	var armed []bool
	for _, use := range e.Uses() {
		armed = append(armed, use.Armed)
	}
	if diff := cmp.Diff([]bool{true, false}, armed); diff != "" {
		t.Errorf("armed (-want +got):\n%s", diff)
	}
}

func TestCountingComesBeforeDrawing(t *testing.T) {
	t.Parallel()
	e := newEngine(t, 1,
		answering("drawn", 503, faults.Trigger{Share: new(1.0)}),
		answering("counted", 429, faults.Trigger{First: 1}),
	)
	for i, want := range []string{"counted", "drawn", "drawn"} {
		if d := e.Decide(exchange(nth(i))); d.Terminal == nil || d.Terminal.Fault.Name != want {
			t.Errorf("exchange %d was answered by %+v, want %s", i, d.Terminal, want)
		}
	}
}
