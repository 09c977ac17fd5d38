package experiment

import (
	"slices"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// Bounds of the time in which a request like one that failed is taken for its repeat.
const (
	shortestSettle, firstSettle, longestSettle = 500 * time.Millisecond, 2500 * time.Millisecond, 15 * time.Second
	// patience is how many times the longest gap so far a call may take to come back.
	patience = 3
)

// callKey says which attempts may be of one call.
type callKey struct {
	fingerprint uint64
	id          string
}

// forget lets go of the calls that are open: whoever made them is gone.
func (c *callCounter) forget() { clear(c.open) }

// openCall is a call whose last attempt failed.
type openCall struct {
	// last is when that was over, due when it comes back at the earliest: after a Retry-After.
	last, due time.Duration
	// struck numbers the calls that a fault of the phase struck, 0 for one that none did.
	struck int
	// number is that of the call, answered when its latest answer ended on the clock of node.
	number   int
	answered time.Duration
	node     string
}

// beside reports that a was under way together with another attempt like it.
func (o *openCall) beside(a *observe.Attempt) bool {
	return a.Node == o.node && a.Received < o.answered
}

// habit is what is known of a request that carries no call id.
type habit struct {
	// satisfied reports that it succeeded.
	satisfied bool
	// shared reports that it came again after that, or twice at a time: what looks like a repeat of it may be the next user's.
	shared bool
}

// mostHabits bounds the requests that are known; beyond it all are forgotten.
const mostHabits = 1 << 16

// callCounter counts calls by a rule of thumb: see the package comment.
type callCounter struct {
	open map[callKey]*openCall
	// attempts and calls count what was seen.
	attempts, calls int
	// longest is the longest gap between two attempts of a call so far, less what a Retry-After asked for.
	longest time.Duration
	// struck counts the calls that a fault of the phase struck.
	struck int
	phase  string
	habits map[uint64]habit
}

func newCallCounter() *callCounter {
	return &callCounter{open: map[callKey]*openCall{}, habits: map[uint64]habit{}}
}

// enter begins to count for a phase.
func (c *callCounter) enter(phase string) {
	c.phase, c.struck = phase+".", 0
	for _, call := range c.open {
		call.struck = 0
	}
}

// settle is how long a call that failed is given to come back.
func (c *callCounter) settle() time.Duration {
	if c.longest == 0 {
		return firstSettle
	}
	return min(max(patience*c.longest, shortestSettle), longestSettle)
}

// take counts an attempt that is over now. It reports whether it begins a call, and the number of its call, 0 for one of a request of which repeats
// cannot be told from the next call.
func (c *callCounter) take(a *observe.Attempt, now time.Duration) (begins bool, number int) {
	c.attempts++
	key := callKey{a.Fingerprint(), a.CallID}
	call := c.open[key]
	shared := key.id == "" && c.shares(key.fingerprint, a, call)
	begun := now - (a.Answered - a.Received)
	switch {
	case call != nil && (key.id != "" || begun <= max(call.last, call.due)+c.settle()):
		c.longest = max(c.longest, begun-max(call.last, call.due))
	default:
		begins = true
		c.calls++
		call = &openCall{number: c.calls}
		c.open[key] = call
	}
	if call.answered, call.node = a.Answered, a.Node; !shared {
		number = call.number
	}
	if c.hit(a) && call.struck == 0 {
		c.struck++
		call.struck = c.struck
	}
	if !a.Failed() {
		delete(c.open, key)
		return begins, number
	}
	call.last, call.due = now, now
	if ask, ok := a.Wait(); ok {
		call.due = now + min(max(ask.Wait, 0), longestSettle)
	}
	return begins, number
}

// shares notes how a request comes, and reports that it is shared.
func (c *callCounter) shares(fingerprint uint64, a *observe.Attempt, call *openCall) bool {
	h, known := c.habits[fingerprint]
	if !known && len(c.habits) >= mostHabits {
		clear(c.habits)
	}
	h.shared = h.shared || h.satisfied || call != nil && call.beside(a)
	h.satisfied = h.satisfied || !a.Failed()
	c.habits[fingerprint] = h
	return h.shared
}

// hit reports that a fault of the phase struck the attempt.
func (c *callCounter) hit(a *observe.Attempt) bool {
	names := append(append([]string{a.Fault}, a.DelayedBy...), a.SpoiledBy...)
	for _, name := range names {
		if strings.HasPrefix(name, c.phase) {
			return true
		}
	}
	return false
}

// settled reports that no call may still come back, and when that will be so at the latest. With most only the first so
// many calls that a fault of the phase struck are asked for.
func (c *callCounter) settled(now time.Duration, most int) (yes bool, at time.Duration) {
	yes = true
	for key, call := range c.open {
		end := max(call.last, call.due) + c.settle()
		if now >= end {
			delete(c.open, key)
			continue
		}
		if most == 0 || 0 < call.struck && call.struck <= most {
			yes, at = false, max(at, end)
		}
	}
	return yes, at
}

// safeMethods change nothing (RFC 9110 §9.2.1).
var safeMethods = []string{"GET", "HEAD", "OPTIONS", "TRACE"}

// lasting reports an attempt at what changes something upstream: a write, or what the contract does not know and may be one.
func lasting(a *observe.Attempt) bool {
	if e, known := groove.EndpointByName(a.Endpoint); known {
		return e.Repeat == groove.RepeatUnsafe
	}
	return !slices.Contains(safeMethods, a.Method)
}

// struck reports that a fault struck the attempt, whoever has put it in force.
func struck(a *observe.Attempt) bool { return a.Fault != "" || len(a.DelayedBy)+len(a.SpoiledBy) > 0 }
