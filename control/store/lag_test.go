package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

func TestLagSaysWhatWaits(t *testing.T) {
	t.Parallel()
	g := NewGathered(GatheredOptions{Node: "n", Own: 4})
	if got := g.Lag(); got != (Lag{}) {
		t.Errorf("at first the lag is %+v, want none", got)
	}
	begun := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	for n := range 3 {
		g.Record(&observe.Attempt{Sequence: uint64(n), Time: begun.Add(time.Duration(n) * time.Minute), Received: time.Second, Answered: 3 * time.Second})
	}
	if got, want := g.Lag(), (Lag{Waiting: 3, Oldest: begun.Add(2 * time.Second)}); got != want {
		t.Errorf("the lag is %+v, want %+v", got, want)
	}
	g.shipping.sent.Add(1)
	g.shipping.lost.Add(1)
	if got, want := g.Lag(), (Lag{Waiting: 1, Shipped: 1, Lost: 1, Oldest: begun.Add(2*time.Minute + 2*time.Second)}); got != want {
		t.Errorf("later the lag is %+v, want %+v", got, want)
	}
	g.shipping.sent.Add(1)
	if got, want := g.Lag(), (Lag{Shipped: 2, Lost: 1}); got != want {
		t.Errorf("at last the lag is %+v, want %+v", got, want)
	}
}

// What did not take what was last written to it is told of until it does.
func TestReadinessKnowsWhatTakesNothing(t *testing.T) {
	t.Parallel()
	s := openNodes(t, "", newFleet(), 1, 1)[0]
	late := fmt.Errorf("write: %w", context.DeadlineExceeded)
	s.hub.took(t.Context(), "one", errors.New("refused"))
	if err := s.hub.Ready(); err != nil {
		t.Errorf("a refusal: %v, want readiness", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	s.hub.took(gone, "one", late)
	if err := s.hub.Ready(); err != nil {
		t.Errorf("somebody who had no time: %v, want readiness", err)
	}
	s.hub.took(t.Context(), "one", late)
	s.hub.took(t.Context(), "two", late)
	s.hub.took(t.Context(), "one", nil)
	if err := s.hub.Ready(); err == nil || !strings.Contains(err.Error(), "start groovechaos again") {
		t.Errorf("with one that takes nothing: %v, want the way out", err)
	}
	s.hub.took(t.Context(), "two", nil)
	if err := s.hub.Ready(); err != nil {
		t.Errorf("all take what is written: %v", err)
	}
}
