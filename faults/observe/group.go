package observe

import (
	"cmp"
	"slices"
	"time"
)

// Options steers a Grouper. The zero value takes the defaults.
type Options struct {
	// Window is how long after a failed answer another attempt still belongs to the
	// call, at the least; 0 stands for 30 s. A Retry-After and the gaps seen so far extend it.
	Window time.Duration
}

// Grouper brings attempts together into calls. It takes them in any order: only Received counts, then
// Sequence. It is not safe for concurrent use.
type Grouper struct {
	window   time.Duration
	attempts []*Attempt
	seen     map[uint64]struct{}
	sorted   bool
}

// NewGrouper makes an empty Grouper.
func NewGrouper(o Options) *Grouper {
	return &Grouper{window: cmp.Or(o.Window, defaultWindow), seen: map[uint64]struct{}{}, sorted: true}
}

// Group brings the attempts of one journal together into calls, in order of their first attempt. Ended says
// that the workload is known to have ended, so that no call is censored.
func Group(attempts []Attempt, ended bool) []Call {
	g := NewGrouper(Options{})
	for i := range attempts {
		g.add(&attempts[i])
	}
	return g.Calls(ended)
}

// Add takes in an attempt. One whose sequence number was there already is dropped; 0 is no number.
func (g *Grouper) Add(a Attempt) { g.add(&a) }

func (g *Grouper) add(a *Attempt) {
	if _, ok := g.seen[a.Sequence]; ok && a.Sequence != 0 {
		return
	}
	g.seen[a.Sequence] = struct{}{}
	if n := len(g.attempts); n > 0 && compareAttempts(g.attempts[n-1], a) > 0 {
		g.sorted = false
	}
	g.attempts = append(g.attempts, a)
}

// Calls returns the calls of what was added so far, in order of their first attempt.
// Every attempt is in exactly one of them. It may be called again after further Adds; the result is the caller's.
func (g *Grouper) Calls(ended bool) []Call {
	if !g.sorted {
		slices.SortStableFunc(g.attempts, compareAttempts)
		g.sorted = true
	}
	drafts := draftCalls(g.attempts, g.window)
	slices.SortStableFunc(drafts, func(a, b *draft) int { return compareAttempts(a.first(), b.first()) })
	last := g.lastKnown()
	calls := make([]Call, len(drafts))
	for i, d := range drafts {
		calls[i] = d.call()
		calls[i].Censored = !ended && d.last().Failed() && last < d.last().Answered+d.patience(defaultWindow, censorSlack)
	}
	return calls
}

// lastKnown is the latest moment that the journal knows of.
func (g *Grouper) lastKnown() time.Duration {
	var last time.Duration
	for _, a := range g.attempts {
		last = max(last, a.Received, a.Answered)
	}
	return last
}

func compareAttempts(a, b *Attempt) int {
	return cmp.Or(cmp.Compare(a.Received, b.Received), cmp.Compare(a.Sequence, b.Sequence))
}
