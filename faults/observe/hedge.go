package observe

import (
	"slices"
	"time"
)

// maxHedges is how many attempts may be under way beside the first before they are a crowd and no hedges.
const maxHedges = 2

// safeMethods change nothing, so that a client may send them twice at a time to take the answer that comes first.
var safeMethods = []string{"GET", "HEAD", "OPTIONS"}

// hedgedBy reports that a came while the last attempt of d, for the same by a safe method, was unanswered.
func (d *draft) hedgedBy(a *Attempt) bool {
	last := d.last()
	return last.Answered > a.Received && last.Method == a.Method && last.Target == a.Target && slices.Contains(safeMethods, a.Method)
}

// flies takes in an attempt, and reports that it may be a hedge: that one or two like it are under way.
func (s *bodyStory) flies(a *Attempt) bool {
	if s.flying == nil {
		s.flying = s.alone[:0]
	}
	s.flying = slices.DeleteFunc(s.flying, func(answered time.Duration) bool { return answered <= a.Received })
	hedge := len(s.flying) > 0 && len(s.flying) <= maxHedges && slices.Contains(safeMethods, a.Method)
	if len(s.flying) <= maxHedges {
		s.flying = append(s.flying, a.Answered)
	}
	return hedge
}
