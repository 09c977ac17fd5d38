package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// heldShared is a store whose changes wait until let is called.
func heldShared(t *testing.T) (s *Shared, let func()) {
	t.Helper()
	s = openShared(t, openHub(t, HubOptions{}), SharedOptions{Engine: faults.NewEngine(1), Now: time.Now})
	if err := s.writing.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, s.writing.give
}

// A brake that waits to be told to the others is released, and that is acknowledged: it is not pulled again behind that.
func TestSpreadingABrakeUndoesNoRelease(t *testing.T) {
	t.Parallel()
	s, let := heldShared(t)
	s.pullHere(Brake{Pulled: true, Reason: "smoke"})
	spread := make(chan struct{})
	go func() {
		defer close(spread)
		s.spread(t.Context())
	}()
	time.Sleep(20 * time.Millisecond) // It has seen the brake by now, or finds it released already.
	s.mu.Lock()
	s.pending = nil
	s.mu.Unlock()
	let()
	<-spread
	if brake, err := s.Brake(t.Context()); err != nil || brake.Pulled || s.Braked() {
		t.Errorf("after its release the brake is %+v, %v", brake, err)
	}
}

// A brake that is pulled while an earlier one is being released stays pulled.
func TestAReleaseIsAboutTheBrakeThatWasThere(t *testing.T) {
	t.Parallel()
	s, let := heldShared(t)
	released, about := make(chan error, 1), s.awaited()
	go func() {
		_, err := s.setAll(t.Context(), Brake{}, about)
		released <- err
	}()
	s.pullHere(Brake{Pulled: true, Reason: "smoke"})
	let()
	if err := <-released; err != nil {
		t.Fatal(err)
	}
	if !s.Braked() {
		t.Error("the brake that was pulled meanwhile was released with the earlier one")
	}
}

// Whoever waits for a change that takes its time waits no longer than it wants to.
func TestAChangeWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	s, let := heldShared(t)
	defer let()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := s.Write(ctx, []Write{{Fault: fault("one", 0.1)}})
	var away *UnavailableError
	if !errors.As(err, &away) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want an *UnavailableError because of the deadline", err)
	}
}
