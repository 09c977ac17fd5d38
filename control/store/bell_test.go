package store

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// waiter is whatever can be waited for.
type waiter interface {
	Wait(ctx context.Context, position uint64) error
}

// waits starts to wait for a position, and tells when that is over.
func waits(ctx context.Context, w waiter, position uint64) <-chan error {
	over := make(chan error, 1)
	go func() { over <- w.Wait(ctx, position) }()
	return over
}

func TestWhoWaitsIsWokenByTheAttempt(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]interface {
		waiter
		Record(a *observe.Attempt)
	}{
		"attempts":  NewAttempts(2),
		"own":       NewGathered(GatheredOptions{Node: "n", Own: 2}),
		"all nodes": NewGathered(GatheredOptions{Node: "n", Own: 2, All: 2}),
	} {
		synctest.Test(t, func(t *testing.T) {
			first, second := waits(t.Context(), w, 0), waits(t.Context(), w, 1)
			synctest.Wait()
			w.Record(&observe.Attempt{Sequence: 1})
			synctest.Wait()
			if err := <-first; err != nil {
				t.Errorf("%s: the first wait ended with %v", name, err)
			}
			select {
			case err := <-second:
				t.Errorf("%s: the wait for a second attempt ended with %v, want it to go on", name, err)
			default:
			}
			w.Record(&observe.Attempt{Sequence: 2})
			if err := <-second; err != nil {
				t.Errorf("%s: the second wait ended with %v", name, err)
			}
			// What is forgotten is not waited for.
			w.Record(&observe.Attempt{Sequence: 3})
			if err := w.Wait(t.Context(), 0); err != nil {
				t.Errorf("%s: waiting for a forgotten one: %v", name, err)
			}
		})
	}
}

// An attempt of another node wakes as well.
func TestWhoWaitsIsWokenByOtherNodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := NewGathered(GatheredOptions{Node: "here", Own: 2, All: 2})
		over := waits(t.Context(), g, 0)
		synctest.Wait()
		a := observe.Attempt{Sequence: 1, Node: "there"}
		if err := g.takeForms("there", a.AppendBinary(nil), 1, 0); err != nil {
			t.Fatal(err)
		}
		if err := <-over; err != nil {
			t.Errorf("the wait ended with %v", err)
		}
	})
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := NewAttempts(2).Wait(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the context", err)
		}
	})
}

// One that is still being written is not there yet, even if a later one is.
func TestAWaitIsForTheAttemptItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewAttempts(4)
		slow := a.total.Add(1) - 1
		over := waits(t.Context(), a, slow)
		synctest.Wait()
		a.Record(&observe.Attempt{Sequence: 2})
		synctest.Wait()
		select {
		case err := <-over:
			t.Fatalf("the wait ended before the attempt was there: %v", err)
		default:
		}
		a.slot(slow).put(slow, &observe.Attempt{Sequence: 1})
		a.news.ring()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
}

//nolint:paralleltest // Others would allocate meanwhile.
func TestRecordingWithAListenerAllocatesNothing(t *testing.T) {
	a, attempt := NewAttempts(2), &observe.Attempt{Sequence: 1}
	for range 3 {
		a.Record(attempt)
	}
	a.news.listen()
	if n := testing.AllocsPerRun(100, func() { a.Record(attempt) }); n > 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}
