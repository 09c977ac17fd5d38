package config

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// MaxAttempts bounds Observe.Attempts.
const MaxAttempts = 10_000_000

// Observe is the section [observe]: what is remembered of the callers.
type Observe struct {
	// ClientBy holds rules for observe.NewIdentity: what a caller is recognised by.
	// None stand for observe.DefaultIdentity.
	ClientBy []string `toml:"client_by"`
	// Attempts is how many attempts are kept, 1 to MaxAttempts; the oldest go first.
	Attempts int `toml:"attempts"`
	// Marker puts a text into injected Error objects by which they are known again: see proxy.Options.
	Marker bool `toml:"marker"`
}

func defaultObserve() Observe {
	return Observe{
		ClientBy: observe.DefaultIdentity(),
		Attempts: 100_000,
	}
}

func (o *Observe) validate() faults.Problems {
	var problems faults.Problems
	for i, rule := range o.ClientBy {
		if _, err := observe.NewIdentity([]string{rule}); err != nil {
			problems = append(problems, faults.Problem{
				Field: fmt.Sprintf("client_by[%d]", i), Text: fmt.Sprintf("is refused: %v", err),
			})
		}
	}
	if o.Attempts < 1 || o.Attempts > MaxAttempts {
		problems = append(problems, faults.Problem{
			Field: "attempts", Text: fmt.Sprintf("is %d, want 1 to %d", o.Attempts, MaxAttempts),
		})
	}
	return problems
}
