package store

import (
	"context"
	"sync"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// Gathered is what a node of a fleet knows of attempts: those of its own proxy, which it hands to JetStream in batches, and those that
// all nodes have handed there. Both are rings of bounded memory, so that a node which loses JetStream goes on recording
// and delivers later what it has not forgotten by then. It is safe for concurrent use.
type Gathered struct {
	// node tells this process from all others, label is what its attempts say of that.
	node, label string
	own         *Attempts
	// all has the attempts of every node, nil where nobody asks for them.
	all *Attempts

	// taking is held by who copies from own to all: up to position taken it is done.
	taking sync.Mutex
	taken  uint64
	room   batch

	shipping shipping
}

// GatheredOptions says what a Gathered keeps.
type GatheredOptions struct {
	// Node tells this process from all others, earlier ones too: the numbers and clocks of its attempts are its own.
	Node string
	// Unnamed leaves Node out of the attempts, as where there is one process only; of earlier ones they have it.
	Unnamed bool
	// Own and All are how many attempts are kept of this node and of all nodes. All is 0 on a node that nobody asks.
	Own, All int
}

// NewGathered makes an empty one.
func NewGathered(o GatheredOptions) *Gathered {
	g := &Gathered{node: o.Node, own: NewAttempts(o.Own)}
	if !o.Unnamed {
		g.label = o.Node
	}
	g.shipping.heard = make(map[string]uint64)
	if o.All > 0 {
		g.all = NewAttempts(o.All)
	}
	return g
}

// Record keeps a copy of an attempt of this node, under the node's name. It waits for nothing but a slot being copied.
func (g *Gathered) Record(attempt *observe.Attempt) {
	attempt.Node = g.label
	g.own.Record(attempt)
}

// All returns what is kept of all nodes. Those of one node are in the order in which they were recorded. The caller owns
// the slice.
func (g *Gathered) All() []observe.Attempt { return g.known().All() }

// Recent returns those of this process where it is the only one of its time, else those of all nodes, and how many were
// forgotten or lost before them. The caller owns the slice.
func (g *Gathered) Recent() (recent []observe.Attempt, dropped uint64) {
	if g.label == "" {
		return g.own.Recent()
	}
	recent = g.All()
	_, dropped = g.Counts()
	return recent, dropped + g.Missed()
}

// Recent is All, and how many were forgotten.
func (a *Attempts) Recent() (recent []observe.Attempt, dropped uint64) {
	recent = a.All()
	// Counted after the copy: what was forgotten meanwhile counts too.
	_, dropped = a.Counts()
	return recent, dropped
}

// RecentDropped returns how many Recent lacks.
func (g *Gathered) RecentDropped() uint64 {
	if g.label == "" {
		return g.own.RecentDropped()
	}
	_, dropped := g.Counts()
	return dropped + g.Missed()
}

// RecentDropped returns how many were forgotten.
func (a *Attempts) RecentDropped() uint64 {
	_, dropped := a.Counts()
	return dropped
}

// Page returns at most limit attempts of all nodes from a position on, and the position after them, as Attempts.Page does.
func (g *Gathered) Page(position uint64, limit int) (page []observe.Attempt, next uint64) {
	return g.known().Page(position, limit)
}

// Counts returns how many attempts of all nodes came here, and how many of them were forgotten for want of room.
func (g *Gathered) Counts() (total, dropped uint64) { return g.known().Counts() }

// Missed returns how many attempts never came here: their node lost them, or they were forgotten on their way.
func (g *Gathered) Missed() uint64 { return g.shipping.missed.Load() }

// Missed returns 0: everything is recorded here.
func (*Attempts) Missed() uint64 { return 0 }

// OwnCounts returns how many attempts this node recorded, and how many of them JetStream will never get; those of which that
// is not known are left out.
func (g *Gathered) OwnCounts() (total, lost uint64) {
	total, _ = g.own.Counts()
	return total, g.Lag().Lost
}

// Own is the journal of this node alone.
func (g *Gathered) Own() *Attempts { return g.own }

// Wait is Attempts.Wait for a position among the attempts of all nodes.
func (g *Gathered) Wait(ctx context.Context, position uint64) error {
	if g.all == nil {
		return g.own.Wait(ctx, position)
	}
	return waitFor(ctx, func() bool { return g.known().has(position) }, &g.own.news, &g.all.news)
}

// known is where the attempts of all nodes are, those of this node included.
func (g *Gathered) known() *Attempts {
	if g.all == nil {
		return g.own
	}
	g.take()
	return g.all
}

// take copies what this node recorded to what is known of all.
func (g *Gathered) take() {
	g.taking.Lock()
	defer g.taking.Unlock()
	for {
		b := g.own.batch(&g.room, g.taken, mostInBatch)
		// What own has forgotten meanwhile was recorded all the same.
		g.shipping.missed.Add(b.from - g.taken)
		if g.taken = b.next; len(b.ends) == 0 {
			return
		}
		b.each(g.all.put)
	}
}

// batch is the binary forms of attempts that follow one another.
type batch struct {
	// from is the position of the first, next that after the last.
	from, next uint64
	forms      []byte
	// ends are where in forms each ends.
	ends []int
	// packed is where forms are packed.
	packed []byte
}

// batch returns at most so many attempts and mostBatchBytes from a position on, without a gap and at least one if there
// is any, in the room of a batch that nobody needs any more.
func (a *Attempts) batch(b *batch, position uint64, most int) *batch {
	total, oldest := a.Counts()
	b.from, b.forms, b.ends = max(position, oldest), b.forms[:0], b.ends[:0]
	b.next = b.from
	for len(b.ends) < most && b.next < total {
		forms, there := a.slot(b.next).take(b.forms, b.next)
		if there != present && (there == coming || len(b.ends) > 0) {
			break
		}
		if there == gone {
			total, oldest = a.Counts()
			b.from = max(b.from+1, oldest)
			b.next = b.from
			continue
		}
		if len(forms) > mostBatchBytes && len(b.ends) > 0 {
			break // it is the first of the next batch
		}
		b.forms, b.next = forms, b.next+1
		b.ends = append(b.ends, len(b.forms))
	}
	return b
}

// each calls do for the form of each attempt.
func (b *batch) each(do func(form []byte)) {
	from := 0
	for _, end := range b.ends {
		do(b.forms[from:end])
		from = end
	}
}

// put keeps a copy of the binary form of an attempt.
func (a *Attempts) put(form []byte) {
	position := a.total.Add(1) - 1
	a.slot(position).putForm(position, form)
	a.news.ring()
}
