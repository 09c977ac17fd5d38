package config

import (
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// emptiness reports the keys that are given and that the model takes as not given.
type emptiness struct{ problems faults.Problems }

func (e *emptiness) add(field, text string) {
	e.problems = append(e.problems, faults.Problem{Field: field, Text: text})
}

func (e *emptiness) count(field string, n *count) {
	if n != nil && *n == 0 {
		e.add(field, "is 0, want 1 or more, or no such key")
	}
}

func (e *emptiness) duration(field string, d *time.Duration) {
	if d != nil && *d == 0 {
		e.add(field, "is 0s, want a longer time, or no such key")
	}
}

func (e *emptiness) share(field string, s *share) {
	if s != nil && *s == 0 {
		e.add(field, "is 0, want more than 0, or no such key")
	}
}

// empty reports the keys whose zero the model takes as not given.
func (t *faultTable) empty() faults.Problems {
	var e emptiness
	e.count("first", t.First)
	e.count("every", t.Every)
	e.count("attempts", t.Attempts)
	e.count("limit", t.Limit)
	e.count("max_active", t.MaxActive)
	e.duration("ttl", t.TTL)
	if q := t.Quota; q != nil {
		e.duration("quota.per", q.Per)
		e.count("quota.burst", q.Burst)
	}
	if t.Delay != nil {
		e.duration("delay.max", t.Delay.Max)
	}
	if t.Throttle != nil {
		e.count("throttle.chunk", t.Throttle.Chunk)
	}
	if t.Corrupt != nil {
		e.share("corrupt.share", t.Corrupt.Share)
	}
	return e.problems
}
