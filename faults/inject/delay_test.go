package inject_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/inject"
)

// hold returns an engine with one delay in force and what it decides.
func hold(t *testing.T, wait time.Duration, expiresAt time.Time) (*faults.Engine, faults.Hold) {
	t.Helper()
	engine := faults.NewEngine(1)
	fault := faults.Fault{Name: "slow", Delay: &faults.Delay{Fixed: &wait}, ExpiresAt: expiresAt}
	if err := engine.Apply([]faults.Fault{fault}); err != nil {
		t.Fatal(err)
	}
	decision := engine.Decide(&faults.Exchange{Method: "GET", Path: "/", Now: time.Now()})
	if len(decision.Holds) != 1 {
		t.Fatalf("got %d holds, want 1", len(decision.Holds))
	}
	return engine, decision.Holds[0]
}

func TestWaitEnds(t *testing.T) {
	t.Parallel()
	const wait = time.Minute
	for name, test := range map[string]struct {
		// lifetime is that of the fault, 0 for none.
		lifetime time.Duration
		// disturb is called 10 s into the wait.
		disturb func(engine *faults.Engine, cancel context.CancelFunc)
		held    time.Duration
		ending  inject.Ending
	}{
		"when the time is up":          {held: wait, ending: inject.Elapsed},
		"when the client leaves":       {disturb: func(_ *faults.Engine, cancel context.CancelFunc) { cancel() }, held: 10 * time.Second, ending: inject.Cancelled},
		"when the fault is removed":    {disturb: func(e *faults.Engine, _ context.CancelFunc) { _ = e.Apply(nil) }, held: 10 * time.Second, ending: inject.Released},
		"when the brake is pulled":     {disturb: func(e *faults.Engine, _ context.CancelFunc) { e.Brake(true) }, held: 10 * time.Second, ending: inject.Released},
		"when the lifetime ends":       {lifetime: 20 * time.Second, held: 20 * time.Second, ending: inject.Expired},
		"before a lifetime that is on": {lifetime: 2 * time.Minute, held: wait, ending: inject.Elapsed},
		"with a lifetime of the same":  {lifetime: wait, held: wait, ending: inject.Elapsed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var expiresAt time.Time
				if test.lifetime > 0 {
					expiresAt = time.Now().Add(test.lifetime)
				}
				engine, h := hold(t, wait, expiresAt)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.disturb != nil {
					time.AfterFunc(10*time.Second, func() { test.disturb(engine, cancel) })
				}
				held, ending := inject.Wait(ctx, h, time.Now())
				if held != test.held || ending != test.ending {
					t.Errorf("got %v %s, want %v %s", held, ending, test.held, test.ending)
				}
			})
		})
	}
}

func TestWaitOnExpiredFaultHoldsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, h := hold(t, time.Minute, time.Now().Add(time.Second))
		held, ending := inject.Wait(t.Context(), h, time.Now().Add(time.Hour))
		if held != 0 || ending != inject.Expired {
			t.Errorf("got %v %s, want 0s %s", held, ending, inject.Expired)
		}
	})
}

func TestOnlyAWaitThatBeginsHasFired(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wait time.Duration
		// before is called ahead of the wait, late how long after the decision that begins.
		before func(engine *faults.Engine, cancel context.CancelFunc)
		late   time.Duration
		ending inject.Ending
		fired  uint64
	}{
		"held to its end":       {wait: time.Minute, ending: inject.Elapsed, fired: 1},
		"client left before":    {wait: time.Minute, before: func(_ *faults.Engine, cancel context.CancelFunc) { cancel() }, ending: inject.Cancelled},
		"brake pulled before":   {wait: time.Minute, before: func(e *faults.Engine, _ context.CancelFunc) { e.Brake(true) }, ending: inject.Released},
		"lifetime ended before": {wait: time.Minute, late: 2 * time.Hour, ending: inject.Expired},
		"nothing to wait for":   {wait: 0, ending: inject.Elapsed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				engine, h := hold(t, time.Minute, time.Now().Add(time.Hour))
				h.Wait = test.wait
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.before != nil {
					test.before(engine, cancel)
				}
				held, ending := inject.Wait(ctx, h, time.Now().Add(test.late))
				if (held > 0) != (test.fired > 0) || ending != test.ending {
					t.Errorf("got %v %s, want %s, held %t", held, ending, test.ending, test.fired > 0)
				}
				if use := engine.Uses()[0]; use.Fired != test.fired || use.Held != 0 {
					t.Errorf("got fired %d and %d held, want %d and none", use.Fired, use.Held, test.fired)
				}
			})
		})
	}
}

func TestWaitReleasesAllAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const waiters = 500
		engine, h := hold(t, time.Minute, time.Time{})
		start := time.Now()
		var wg sync.WaitGroup
		endings := make(chan inject.Ending, waiters)
		for range waiters {
			wg.Go(func() {
				_, ending := inject.Wait(t.Context(), h, time.Now())
				endings <- ending
			})
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if held := engine.Uses()[0].Held; held != waiters {
			t.Errorf("got %d held in the middle of the wait, want %d", held, waiters)
		}
		engine.Brake(true)
		wg.Wait()
		close(endings)
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("got all released after %v, want at once after 30s", took)
		}
		for ending := range endings {
			if ending != inject.Released {
				t.Errorf("got %s, want %s", ending, inject.Released)
			}
		}
		if held := engine.Uses()[0].Held; held != 0 {
			t.Errorf("got %d held after the release, want 0", held)
		}
	})
}

// BenchmarkWaitLate measures how late a wait of 5 ms ends, beside a bare timer.
func BenchmarkWaitLate(b *testing.B) {
	const wait = 5 * time.Millisecond
	engine := faults.NewEngine(1)
	if err := engine.Apply([]faults.Fault{{Name: "slow", Delay: &faults.Delay{Fixed: new(wait)}}}); err != nil {
		b.Fatal(err)
	}
	h := engine.Decide(&faults.Exchange{Method: "GET", Path: "/", Now: time.Now()}).Holds[0]
	for name, pause := range map[string]func(){
		"wait":  func() { inject.Wait(b.Context(), h, time.Now()) },
		"timer": func() { <-time.NewTimer(wait).C },
	} {
		b.Run(name, func(b *testing.B) {
			var late time.Duration
			for b.Loop() {
				start := time.Now()
				pause()
				late += time.Since(start) - wait
			}
			b.ReportMetric(float64(late.Nanoseconds())/float64(b.N), "late-ns/op")
		})
	}
}
