package experiment

import (
	"fmt"
	"iter"
	"sort"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/observe"
)

// Apart is what a run knows of its attempts beyond what they say themselves.
type Apart struct {
	// Starts are the wall clock times at which the command was started, in order: what one of its processes sends is no
	// repeat of what an earlier one sent, however alike.
	Starts []time.Time
	// Prefix begins the trace ids that the run itself has sent, each with one request to the caller's front door: what
	// the caller sends for one of them is no repeat of what it sends for another. "" for none.
	Prefix string
}

// Tell gives attempts so that no others are taken for one call than may be. It changes none of those it is given.
func (k *Apart) Tell(attempts []observe.Attempt) iter.Seq[*observe.Attempt] {
	return func(yield func(*observe.Attempt) bool) {
		for i := range attempts {
			a := attempts[i]
			k.mark(&a)
			if !yield(&a) {
				return
			}
		}
	}
}

// mark marks what attempts are brought together by. The body's digest is part of the fingerprint and shown to nobody.
func (k *Apart) mark(a *observe.Attempt) {
	if k.Prefix != "" && strings.HasPrefix(a.Trace, k.Prefix) {
		a.BodyDigest += "@" + a.Trace
	}
	process := sort.Search(len(k.Starts), func(i int) bool { return k.Starts[i].After(a.Time) })
	if process < 2 {
		return
	}
	mark := fmt.Sprintf("#%d", process)
	a.BodyDigest += mark
	for _, field := range []*string{&a.CallID, &a.IdempotencyKey, &a.RequestID} {
		if *field != "" {
			*field += mark
		}
	}
}
