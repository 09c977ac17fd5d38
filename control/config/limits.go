package config

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults"
)

// Bounds of Limits: what faults/wire can do.
const (
	// MostHead bounds Limits.MaxHead and MaxTarget, in bytes.
	MostHead = 1<<16 - 1
	// MostFields bounds Limits.MaxFields.
	MostFields = 128
	// MostConnections bounds Limits.MaxConnections.
	MostConnections = 1_000_000
)

// Limits are the part of [proxy] about size.
type Limits struct {
	// MaxHead is the most bytes of the head of a request or an answer, 1 to MostHead.
	MaxHead int `toml:"max_head"`
	// MaxFields is the most fields of a head, 1 to MostFields.
	MaxFields int `toml:"max_fields"`
	// MaxTarget is the most bytes of a request target, 1 to MostHead.
	MaxTarget int `toml:"max_target"`
	// MaxConnections is the most connections of callers at a time, up to
	// MostConnections; 0 for no bound.
	MaxConnections int `toml:"max_connections"`
}

func defaultLimits() Limits {
	return Limits{MaxHead: 32 << 10, MaxFields: 100, MaxTarget: 16 << 10}
}

func (l *Limits) validate() faults.Problems {
	var problems faults.Problems
	for _, bound := range []struct {
		field              string
		value, least, most int
	}{
		{"max_head", l.MaxHead, 1, MostHead},
		{"max_fields", l.MaxFields, 1, MostFields},
		{"max_target", l.MaxTarget, 1, MostHead},
		{"max_connections", l.MaxConnections, 0, MostConnections},
	} {
		if bound.value < bound.least || bound.value > bound.most {
			problems = append(problems, faults.Problem{
				Field: bound.field, Text: fmt.Sprintf("is %d, want %d to %d", bound.value, bound.least, bound.most),
			})
		}
	}
	return problems
}
