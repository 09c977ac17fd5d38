package config

import (
	"fmt"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// MaxTimeout bounds each of Timeouts.
const MaxTimeout = 24 * time.Hour

// Timeouts are the part of [proxy] about time. All are above 0 and up to
// MaxTimeout, but for TotalTimeout.
type Timeouts struct {
	// HeadTimeout bounds the arrival of a request's head.
	HeadTimeout time.Duration `toml:"head_timeout"`
	// IdleTimeout is how long an unused connection of a caller is kept.
	IdleTimeout time.Duration `toml:"idle_timeout"`
	// DialTimeout bounds connecting to an upstream, and then again its TLS handshake.
	DialTimeout time.Duration `toml:"dial_timeout"`
	// AnswerTimeout bounds the wait for the head of an upstream's answer once the
	// request is sent.
	AnswerTimeout time.Duration `toml:"answer_timeout"`
	// TotalTimeout bounds an exchange from its head to the last byte of its
	// answer; 0 for no bound.
	TotalTimeout time.Duration `toml:"total_timeout"`
	// UpstreamIdle is how long an unused upstream connection is kept.
	UpstreamIdle time.Duration `toml:"upstream_idle"`
}

func defaultTimeouts() Timeouts {
	return Timeouts{
		HeadTimeout:   30 * time.Second,
		IdleTimeout:   5 * time.Minute,
		DialTimeout:   10 * time.Second,
		AnswerTimeout: time.Minute,
		UpstreamIdle:  4 * time.Second,
	}
}

func (t *Timeouts) validate() faults.Problems {
	var problems faults.Problems
	for _, bound := range []struct {
		field string
		value time.Duration
		least time.Duration
	}{
		{"head_timeout", t.HeadTimeout, time.Millisecond},
		{"idle_timeout", t.IdleTimeout, time.Millisecond},
		{"dial_timeout", t.DialTimeout, time.Millisecond},
		{"answer_timeout", t.AnswerTimeout, time.Millisecond},
		{"total_timeout", t.TotalTimeout, 0},
		{"upstream_idle", t.UpstreamIdle, time.Millisecond},
	} {
		if bound.value < bound.least || bound.value > MaxTimeout {
			problems = append(problems, faults.Problem{
				Field: bound.field, Text: fmt.Sprintf("is %v, want %v to %v", bound.value, bound.least, MaxTimeout),
			})
		}
	}
	return problems
}
