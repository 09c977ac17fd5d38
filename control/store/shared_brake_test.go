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

// Another node pulls the brake while this one is about to put a change of its own in force: that this is no news says nothing
// of the brake.
func TestABrakeFromElsewhereIsNotTakenForAnOwnChange(t *testing.T) {
	t.Parallel()
	nodes := openNodes(t, startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}).url, newFleet(), 2, 1)
	here, there := nodes[0].Shared, nodes[1].Shared
	if err := here.writing.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer here.writing.give()
	before, _ := here.latest(time.Now())
	next, err := here.edited(before, func(d *draft) error {
		_, err := d.writeAll([]Write{{Fault: fault("one", 0.1)}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := here.put(t.Context(), next, before.sequence); err != nil {
		t.Fatal(err)
	}
	if _, err := there.SetBrake(t.Context(), true, "smoke"); err != nil {
		t.Fatal(err)
	}
	entry, err := here.keys.Get(t.Context(), stateKey)
	if err != nil {
		t.Fatal(err)
	}
	here.hear(t.Context(), entry)
	if !here.Braked() {
		t.Error("the node has heard of the brake and is not braked")
	}
	if err := here.putInForce(t.Context(), before, next); err != nil || !here.Braked() {
		t.Errorf("after its own change, %v, the node is not braked any more", err)
	}
}

// A node that is cut off has yet to hear that the brake was released when it is pulled there again: that counts everywhere.
func TestABrakeThatIsPulledAgainOnANodeThatIsCutOff(t *testing.T) {
	t.Parallel()
	server, fleet := startNATS(t, natsOptions{Name: "one", Dir: t.TempDir()}), newFleet()
	way := layCable(t, server.url)
	here, there := openNodes(t, way.url, fleet, 1, 1)[0], openNodes(t, server.url, fleet, 1, 1)[0]
	if _, err := here.SetBrake(t.Context(), true, "smoke"); err != nil {
		t.Fatal(err)
	}
	await(t, "the brake on the other node", there.Braked)
	way.cut()
	await(t, "the loss of the store", func() bool { return !here.hub.Connected() })
	if _, err := there.SetBrake(t.Context(), false, "clear"); err != nil {
		t.Fatal(err)
	}
	var away *UnavailableError
	if _, err := here.SetBrake(t.Context(), true, "smoke again"); !errors.As(err, &away) || !here.Braked() {
		t.Fatalf("got %v, want an *UnavailableError and the brake pulled here", err)
	}
	way.mend()
	await(t, "the brake on the other node", there.Braked)
	if brake, err := there.Brake(t.Context()); err != nil || brake.Reason != "smoke again" || !here.Braked() {
		t.Errorf("the other node has the brake %+v, %v, want the newer reason, and this one braked", brake, err)
	}
}
