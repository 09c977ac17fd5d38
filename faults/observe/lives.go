package observe

import (
	"strconv"
	"time"
)

// lives tells the processes apart that had one node's name one after the other: each numbers its attempts from 1 and has a clock of its own.
type lives struct {
	byNode map[string][]*life
	// latest is the life of the latest attempt, node the name of its node.
	latest *life
	node   string
}

// life is one process of a node, by the wall clock.
type life struct {
	name string
	// start is when its clock stood at 0, at the earliest that its attempts say, last when the latest of them arrived.
	start, last time.Time
	// sequence is the highest number that it gave.
	sequence uint64
}

// of returns the name of the process that saw a: that of its node, and with a number for one that is not the first. A process saw an attempt that
// arrived after it began, and that says that it began before the latest arrival. What fits none and has a number that was given before is of another;
// where the number is a new one somebody has set the clock.
func (l *lives) of(a *Attempt) string {
	if a.Time.IsZero() || a.Sequence == 0 {
		return a.Node
	}
	start := a.Time.Add(-a.Received)
	if l.latest == nil || l.node != a.Node || !l.latest.holds(start, a.Time) {
		l.latest, l.node = l.find(a, start), a.Node
	}
	l.latest.take(a, start)
	return l.latest.name
}

// find finds or makes the life that a belongs to.
func (l *lives) find(a *Attempt, start time.Time) *life {
	known := l.byNode[a.Node]
	for _, other := range known {
		if other.holds(start, a.Time) {
			return other
		}
	}
	if n := len(known); n > 0 && (a.Sequence > known[n-1].sequence || n >= maxNodes) {
		return known[n-1]
	}
	made := &life{name: a.Node, start: start, last: a.Time}
	if len(known) > 0 {
		made.name += "#" + strconv.Itoa(len(known)+1)
	}
	if l.byNode == nil {
		l.byNode = map[string][]*life{}
	}
	if len(known) > 0 || len(l.byNode) < maxNodes {
		l.byNode[a.Node] = append(known, made)
	}
	return made
}

// holds reports that a process which began then and saw something arrive at that time may be this one.
func (l *life) holds(start, at time.Time) bool { return !start.After(l.last) && !at.Before(l.start) }

func (l *life) take(a *Attempt, start time.Time) {
	if start.Before(l.start) {
		l.start = start
	}
	l.sequence = max(l.sequence, a.Sequence)
	if a.Time.After(l.last) {
		l.last = a.Time
	}
}
