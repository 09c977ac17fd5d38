package store

import (
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
