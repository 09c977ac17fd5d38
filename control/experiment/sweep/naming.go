package sweep

import (
	"fmt"
	"iter"
	"slices"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// named gives the attempts of the runs to the judge, with what is known of them: see the package comment.
func (h *Habits) named(c *Case, runs []Ran, fault string) iter.Seq[*observe.Attempt] {
	return func(yield func(*observe.Attempt) bool) {
		for i := range runs {
			n := namer{run: i, ended: map[string]bool{}, traces: runs[i].Traces}
			if c.names() && !h.larger(&runs[i], fault) {
				n.bonds = h.bonds(&runs[i], fault)
			}
			for j := range runs[i].Attempts {
				a := runs[i].Attempts[j]
				n.name(&a)
				if !yield(&a) {
					return
				}
			}
		}
	}
}

// names reports that a repeat after the fault is one: the answer cannot have been right.
func (c *Case) names() bool {
	switch c.Fault.Kind {
	case KindAnswer, KindLost, KindReset, KindHang:
		return true
	case KindSoftError, KindSoftItems, KindTruncate, KindLatency, KindCorrupt, KindThrottle:
	}
	return false
}

// larger reports that something larger than a call was done again: a request that the fault did not strike came more often than in
// peace, and is none for a token.
func (h *Habits) larger(r *Ran, fault string) bool {
	seen, _ := countOf(r)
	struck := map[string]bool{}
	for i := range r.Attempts {
		if a := &r.Attempts[i]; strikes(a, fault) {
			struck[requestKey(a)] = true
		}
	}
	for key, habit := range seen {
		usual, known := h.Requests[key]
		if known && !struck[key] && habit.Count > usual.Count && usual.Endpoint != groove.Token {
			return true
		}
	}
	return false
}

// namer tells the attempts of one run from those of others, and names the calls that are certain.
type namer struct {
	run int
	// bonds say which requests are one call each, none of them if something larger was done again.
	bonds map[string]bond
	// ended are the requests that have succeeded.
	ended map[string]bool
	// traces are those of the probes of the run: what is sent for one is no repeat of what is sent for another.
	traces []string
}

func (n *namer) name(a *observe.Attempt) {
	key := requestKey(a)
	id := ""
	if a.CallIDHeader == "" && n.bonds[key] > bondNone && !n.ended[key] {
		id = "sweep-" + shortKey(a)
	}
	n.ended[key] = n.ended[key] || a.Succeeded()
	n.part(a)
	if id != "" {
		a.CallID, a.CallIDHeader = fmt.Sprintf("%s#%d", id, n.run), observe.CallHeader
	}
}

// part keeps what one run sends apart from what an earlier one sent, however alike. The body's digest is part of the fingerprint
// and shown to nobody.
func (n *namer) part(a *observe.Attempt) {
	mark := mark(n.run)
	a.BodyDigest += mark
	if slices.Contains(n.traces, a.Trace) {
		a.BodyDigest += "@" + a.Trace
	}
	for _, field := range []*string{&a.CallID, &a.IdempotencyKey, &a.RequestID} {
		if *field != "" {
			*field += mark
		}
	}
}

// mark tells what belongs to a run from what belongs to the others, "" for the first.
func mark(run int) string {
	if run == 0 {
		return ""
	}
	return fmt.Sprintf("#%d", run)
}
