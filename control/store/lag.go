package store

import (
	"errors"
	"time"
)

// Lag is how far the attempts of a node have got on their way to the store.
type Lag struct {
	// Waiting is how many are still to be handed over, Shipped counts those that were, and Lost those that never will be.
	Waiting, Shipped, Lost uint64
	// Doubtful is how many of those that wait may have been handed over without word of it: it is asked for once the store can
	// be reached.
	Doubtful uint64
	// Oldest is when the first of those that wait had ended, zero for none.
	Oldest time.Time
}

// Lag says how far this node's attempts have got. What is recorded or handed over meanwhile may be in it or not.
func (g *Gathered) Lag() Lag {
	l := Lag{Shipped: g.shipping.sent.Load(), Lost: g.shipping.lost.Load()}
	total, dropped := g.own.Counts()
	settled := l.Shipped + l.Lost
	if total <= settled {
		return l
	}
	l.Waiting = total - settled
	l.Doubtful = min(g.shipping.doubtful.Load(), l.Waiting)
	if gone := max(dropped, settled) - settled; gone > l.Doubtful { // Behind those in doubt.
		l.Lost += gone - l.Doubtful
		l.Waiting -= gone - l.Doubtful
	}
	if page, _ := g.own.Page(settled, 1); len(page) > 0 {
		l.Oldest = page[0].Time.Add(page[0].Answered - page[0].Received)
	}
	return l
}

// Ready returns nil while the store does its work, and else why it does not, in words for people.
func (h *Hub) Ready() error {
	switch {
	case h.embedded != nil && !h.embedded.server.JetStreamEnabled():
		return errors.New("the store has stopped, most likely for want of room")
	case !h.takesAll():
		return errors.New("the store takes no changes, most likely for want of room: make some and start groovechaos again")
	case !h.Connected():
		return errors.New("the store cannot be reached")
	}
	return nil
}
