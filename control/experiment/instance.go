package experiment

import (
	"fmt"
	"iter"
	"slices"
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
	mark := k.process(a.Time)
	if mark == "" {
		return
	}
	a.BodyDigest += mark
	for _, field := range []*string{&a.CallID, &a.IdempotencyKey, &a.RequestID} {
		if *field != "" {
			*field += mark
		}
	}
}

// process is the mark of the process that ran at a time, "" for the first.
func (k *Apart) process(at time.Time) string {
	process := sort.Search(len(k.Starts), func(i int) bool { return k.Starts[i].After(at) })
	if process < 2 {
		return ""
	}
	return fmt.Sprintf("#%d", process)
}

// Told gives outcomes the marks that Tell gives attempts: one that names its call names one of the process that has told it. It changes none of
// those it is given.
func (k *Apart) Told(outcomes []observe.Outcome, attempts []observe.Attempt) []observe.Outcome {
	named := map[string]bool{}
	for i := range attempts {
		named[attempts[i].CallID] = true
	}
	told := slices.Clone(outcomes)
	for i := range told {
		o := &told[i]
		mark := k.process(o.Time)
		if o.CallID == "" || mark == "" {
			continue
		}
		if digest := observe.KeyDigest(o.CallID); !named[o.CallID] && named[digest] {
			o.CallID = digest
		}
		o.CallID += mark
	}
	return told
}
