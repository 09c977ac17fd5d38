package faults_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/groovechaos/groovechaos/faults"
)

func waitedFor(t *testing.T) (*faults.Engine, *faults.Active) {
	t.Helper()
	e := newEngine(t, 1, slow("slow"))
	return e, e.Decide(exchange(nth(1))).Holds[0].Fault
}

func TestOnGoneRunsOnceTheFaultIsGone(t *testing.T) {
	t.Parallel()
	e, a := waitedFor(t)
	var early atomic.Bool
	ran := make(chan struct{}, 3)
	var stops []func() bool
	for range 3 {
		stops = append(stops, a.OnGone(func() {
			early.Store(early.Load() || !gone(a))
			ran <- struct{}{}
		}))
	}
	stop := a.OnGone(func() { t.Error("ran though it was stopped") })
	if !stop() || stop() {
		t.Error("stop did not report true once and false then")
	}
	e.Brake(true)
	for range 3 {
		<-ran
	}
	for i := range stops {
		if stops[i]() {
			t.Errorf("stop reports that it prevented number %d, which has run", i)
		}
	}
	if early.Load() {
		t.Error("ran before Gone was closed")
	}
}

func TestOnGoneOfAFaultThatIsGone(t *testing.T) {
	t.Parallel()
	e, a := waitedFor(t)
	e.Brake(true)
	ran := make(chan struct{})
	stop := a.OnGone(func() { close(ran) })
	<-ran
	if stop() {
		t.Error("stop reports that it prevented what has run")
	}
}

func TestOnGoneRunsOrStopsEachOne(t *testing.T) {
	t.Parallel()
	for range 50 {
		e, a := waitedFor(t)
		var ran, stopped atomic.Int64
		var all, running sync.WaitGroup
		for range 100 {
			all.Go(func() {
				running.Add(1)
				stop := a.OnGone(func() { ran.Add(1); running.Done() })
				runtime.Gosched()
				if stop() {
					stopped.Add(1)
					running.Done()
				}
			})
		}
		all.Go(func() { e.Brake(true) })
		all.Wait()
		running.Wait()
		if ran.Load()+stopped.Load() != 100 {
			t.Fatalf("%d ran and %d were stopped, want 100 together", ran.Load(), stopped.Load())
		}
	}
}

func TestOnGoneForgetsFromAnyPlace(t *testing.T) {
	t.Parallel()
	e, a := waitedFor(t)
	var ran [5]atomic.Bool
	var wg sync.WaitGroup
	var stops [5]func() bool
	for i := range stops {
		wg.Add(1)
		stops[i] = a.OnGone(func() { ran[i].Store(true); wg.Done() })
	}
	for _, i := range []int{2, 1, 4} {
		if !stops[i]() {
			t.Errorf("could not stop number %d", i)
		}
		wg.Done()
	}
	e.Brake(true)
	wg.Wait()
	for i, want := range []bool{true, false, false, true, false} {
		if ran[i].Load() != want {
			t.Errorf("number %d ran: %v, want %v", i, !want, want)
		}
	}
}

func TestWhoWaitsCostsLittle(t *testing.T) { //nolint:paralleltest // Counting allocations wants the process to itself.
	_, a := waitedFor(t)
	const n, most = 1_000, 200
	var before, after runtime.MemStats
	stops := make([]func() bool, n)
	runtime.ReadMemStats(&before)
	for i := range stops {
		stops[i] = a.OnGone(func() {})
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / n; got > most {
		t.Errorf("one who waits costs %d bytes, want at most %d", got, most)
	}
	for i := range stops {
		if !stops[i]() {
			t.Fatalf("number %d does not wait any more", i)
		}
	}
}

func BenchmarkOnGone(b *testing.B) {
	e := newEngine(b, 1, slow("slow"))
	a := e.Decide(exchange(nth(1))).Holds[0].Fault
	for range 9_000 {
		a.OnGone(func() {})
	}
	b.ReportAllocs()
	for b.Loop() {
		a.OnGone(func() {})()
	}
}
